// groklab run SPEC [key=value…]
#include "app/cell_checks.h"
#include "app/commands.h"
#include "app/load_experiment.h"
#include "app/progress.h"
#include "app/run_options.h"
#include "app/summary_table.h"
#include "app/sweep_run.h"
#include "base/exit_codes.h"
#include "base/paths.h"
#include "base/signals.h"
#include "host/program_content.h"
#include "report/gnuplot.h"
#include "report/kinds.h"
#include "report/study.h"
#include "spec/report_sections.h"
#include "store/driver_claim.h"
#include "sweep/own_files.h"
#include "sweep/settings.h"
#include "train/session.h"
#include "train/stop_rule.h"

#include <fmt/format.h>
#include <groklab/parallel.h>
#include <spdlog/spdlog.h>

#include <algorithm>
#include <memory>
#include <utility>

namespace groklab {
namespace {

namespace fs = std::filesystem;

void announce(const Trainer& trainer, const Experiment& experiment, const RunFolder& folder) {
  const auto& table = trainer.components().tables.front();
  const auto& split = trainer.splits().front();
  fmt::print(stderr,
             "{}: {} with {} elements, {} rows ({} to train on), {} with {} parameters, {} → {}\n",
             experiment.name(), experiment.operation.plugin, table.elements, table.rows(),
             split.train.size(), experiment.model.plugin, trainer.components().layout->count(),
             experiment.optimizer.plugin, folder.path().string());
  for (const auto& note : experiment.notes) fmt::print(stderr, "note: {}\n", note);
}

// A run is worth as much without its picture.
void draw(const fs::path& folder) {
  const auto figures = folder / "figures";
  const auto picture = figures / "curve.png", metrics = folder / "metrics.jsonl";
  try {
    const bool is_current = path_exists(picture) && write_time(picture) >= write_time(metrics);
    if (!is_current) {
      write_with_gnuplot(draw_figure(read_study(folder), {"curve", {}}), figures, {"svg", "png"});
    }
    fmt::print("  picture: {}\n", picture.string());
  } catch (const Error& error) {
    spdlog::warn("no picture: {}", error.what());
  }
}

// How a run ended, and if before its last step, why.
std::string outcome(const RunFolder& folder, const Experiment& experiment,
                    const std::vector<MetricsRow>& rows) {
  const auto status = to_text(*folder.status());
  const StopRule rule(experiment, rows);
  const bool stopped = folder.status() == RunStatus::done && rule.stopped_at();
  return stopped ? fmt::format("{}, {}", status, rule.reason()) : status;
}

// Prints what the run came to, with its picture.
void report(const RunFolder& folder, const Experiment& experiment) {
  const auto rows = folder.metrics();
  if (rows.empty()) {
    if (folder.status() == RunStatus::failed) return;  // before its first evaluation
    throw Error(fmt::format("{} has no metrics; remove the folder to run it again",
                            folder.path().string()));
  }
  fmt::print("{} ({})\n{}", experiment.name(), outcome(folder, experiment, rows),
             summary_table(summarize(rows)));
  draw(folder.path());
}

// Trains until the run is over or a stop is asked for, while this process has the claim.
void train(const LoadedSweep& loaded, RunFolder& folder, HeldClaim& claim) {
  const auto& experiment = loaded.sweep.cells.front().experiment;
  ProgressDisplay display;
  const auto results = run_session(
      loaded.catalog, {{&experiment, &folder}},
      {.started = [&](const Trainer& trainer) { announce(trainer, experiment, folder); },
       .progress =
           [&](const Progress& now) {
             claim.report({now.step, now.steps, 1, std::max(0.0, now.steps_per_second)});
             display.show(now);
           },
       .stop_requested = &StopSignals::stop_requested,
       .may_write = [&] { return !claim.is_lost(); }});
  if (results.front().status != RunStatus::failed) return;
  fmt::print(stderr, "{}\n{} is marked as failed; --retry failed starts it again\n",
             results.front().failure, folder.path().string());
}

int exit_code_of(RunStatus status) {
  if (status == RunStatus::failed) return kRunFailed;
  if (is_finished(status)) return kDone;
  fmt::print(stderr, "interrupted; the same command goes on from here\n");
  return kInterrupted;
}

bool is_done(const RunFolder& folder) { return folder.status() && is_finished(*folder.status()); }

void require_retry(const RunFolder& folder, const RunOptions& options) {
  if (folder.status() != RunStatus::failed || options.retry_failed) return;
  throw Error(
      fmt::format("{}: this run failed before (see run.json and log.txt); --retry failed starts it "
                  "again",
                  folder.path().string()));
}

// Trains what `seen` has left to do, unless another process does.
void train_claimed(const LoadedSweep& loaded, const RunOptions& options, const RunFolder& seen,
                   RunIdentity identity) {
  const StopSignals signals;
  const auto claim =
      claim_driver(seen.path(), "name another folder with --out", &StopSignals::stop_requested);
  if (!claim) return;
  identity.spec_yaml =
      OwnFiles(seen.path() / "files").spec_of(loaded.sweep.cells.front().experiment, seen.path());
  // Another process may have gone on with it meanwhile.
  RunFolder folder(seen.path(), std::move(identity));
  require_retry(folder, options);
  folder.retry();
  if (!is_done(folder)) train(loaded, folder, *claim);
}

int run_single(const LoadedSweep& loaded, const RunOptions& options) {
  const auto& experiment = loaded.sweep.cells.front().experiment;
  const auto name = fmt::format("{}-{}", experiment.name(), experiment.identity().substr(0, 8));
  const auto path = options.out.empty() ? fs::path("runs") / name : options.out;
  auto identity = identity_of(experiment, loaded.catalog);
  identity.figures = requests_of(loaded.sweep.figures);
  identity.expectations = requests_of(loaded.sweep.expectations);
  const RunFolder before(path, identity);
  if (is_done(before)) {
    for (const auto& plugin : before.changed_plugins()) {
      fmt::print(stderr, "note: this run was made with another build of {}\n", plugin);
    }
    if (before.record().value("build", program_content()) != program_content()) {
      fmt::print(stderr, "note: this run was made with another build of groklab\n");
    }
  } else {
    require_retry(before, options);
    // Before anything is written: a mistake leaves no folder behind.
    before.status() ? require_least_memory(loaded, 1) : check_cells(loaded, 1);
    train_claimed(loaded, options, before, identity);
  }
  const RunFolder now(path, identity);
  if (!now.status()) return exit_code_of(RunStatus::interrupted);  // before it could start
  report(now, experiment);
  return exit_code_of(*now.status());
}

int run(const RunOptions& options) {
  if (options.threads > 0) set_thread_count(options.threads);
  const auto loaded = load_sweep(options);
  if (options.print) {
    check_cells(loaded, options.pack);
    for (const auto& cell : loaded.sweep.cells) {
      if (!cell.coordinates.empty()) fmt::print("--- # {}\n", to_text(cell.coordinates));
      fmt::print("{}", to_yaml(cell.experiment));
    }
    fmt::print("{}{}", figures_to_yaml(loaded.sweep.figures),
               expectations_to_yaml(loaded.sweep.expectations));
    return kDone;
  }
  const bool has_plan = !options.out.empty() && SweepFolder{options.out}.has_plan();
  const bool is_single = loaded.sweep.keys.empty() && !has_plan;
  if (!is_single) return run_sweep(loaded, options);
  return until_it_can_be_written([&] { return run_single(loaded, options); });
}

}  // namespace

void add_run_command(CLI::App& program, Action& action) {
  auto* command = program.add_subcommand("run", "train what a spec declares");
  const auto options = std::make_shared<RunOptions>();
  add_sweep_options(*command, *options);
  command->add_option("--out", options->out,
                      "the run's folder, by default runs/<experiment>-<hash of the spec>; of a "
                      "sweep the folder of its runs' folders, by default runs/<experiment>");
  command
      ->add_option("--threads", options->threads,
                   "of all workers together, by default OMP_NUM_THREADS, or "
                   "all cores")
      ->check(CLI::Range(1, kMostThreads));
  command->add_flag("--print", options->print,
                    "only print the resolved spec, each value with its origin");
  add_retry_option(*command, options->retry_failed);
  command->add_option("--jobs", options->jobs, "of a sweep, worker processes")
      ->check(CLI::Range(1, 256))
      ->capture_default_str();
  command->add_flag("--fail-fast", options->fail_fast, "of a sweep, stop once a run failed");
  command->callback([&action, options] { action = [options] { return run(*options); }; });
}

}  // namespace groklab
