// groklab run SPEC [key=value…]
#include "app/commands.h"
#include "app/exit_codes.h"
#include "app/load_experiment.h"
#include "app/progress.h"
#include "app/summary_table.h"
#include "base/signals.h"
#include "report/curve.h"
#include "train/packs.h"
#include "train/session.h"
#include "train/stop_rule.h"

#include <fmt/format.h>
#include <groklab/parallel.h>
#include <spdlog/spdlog.h>

#include <algorithm>
#include <memory>
#include <set>

namespace groklab {
namespace {

namespace fs = std::filesystem;

struct RunOptions {
  fs::path spec;
  std::vector<std::string> overrides;
  fs::path out;
  std::string device;
  std::vector<fs::path> plugin_path;
  std::size_t pack = 16;
  int threads = 0;
  bool print = false;
  bool retry = false;
};

// A run of the sweep.
struct Job {
  const Cell* cell;
  std::unique_ptr<RunFolder> folder;

  const Experiment& experiment() const { return cell->experiment; }
};

void announce(const Trainer& trainer, const std::vector<const Job*>& pack) {
  const auto& experiment = pack.front()->experiment();
  const auto& table = trainer.components().tables.front();
  const auto& split = trainer.splits().front();
  fmt::print(stderr,
             "{}: {} with {} elements, {} rows ({} to train on), {} with {} parameters, {} → {}\n",
             experiment.name(), experiment.operation.plugin, table.elements, table.rows(),
             split.train.size(), experiment.model.plugin, trainer.components().layout->count(),
             experiment.optimizer.plugin, pack.front()->folder->path().string());
  if (pack.size() > 1) fmt::print(stderr, "  and {} runs more, as one pack\n", pack.size() - 1);
  for (const auto& note : experiment.notes) fmt::print(stderr, "note: {}\n", note);
}

void draw(const fs::path& folder, const Experiment& experiment,
          const std::vector<MetricsRow>& rows) {
  const auto picture = folder / "curve.png", metrics = folder / "metrics.jsonl";
  const bool current =
      fs::exists(picture) && fs::last_write_time(picture) >= fs::last_write_time(metrics);
  if (!current) {
    const auto title = fmt::format(
        "{}: {}, {} of the table, {}", experiment.name(), experiment.operation.plugin,
        to_text(experiment.data.at("train_fraction").value), experiment.optimizer.plugin);
    if (const auto problem = draw_curve(folder, title, rows)) {
      spdlog::warn("no picture: {}", *problem);
      return;
    }
  }
  fmt::print("  picture: {}\n", picture.string());
}

// How a run ended, and if before its last step, why.
std::string outcome(const RunFolder& folder, const Experiment& experiment,
                    const std::vector<MetricsRow>& rows) {
  if (!folder.status()) return "not started";
  const auto status = to_text(*folder.status());
  const StopRule rule(experiment, rows);
  const bool stopped = folder.status() == RunStatus::done && rule.stopped_at();
  return stopped ? fmt::format("{}, {}", status, rule.reason()) : status;
}

// Prints what the runs of a sweep came to, a line each.
void report_sweep(const std::vector<Job>& jobs) {
  std::vector<std::pair<std::string, std::string>> lines;
  for (const auto& [cell, folder] : jobs) {
    const auto rows = folder->metrics();
    auto text = outcome(*folder, cell->experiment, rows);
    if (!rows.empty()) {
      const auto summary = summarize(rows);
      const auto step = summary.steps_to_generalize;
      text += fmt::format(", val_accuracy {:.4f}, best {:.4f}, steps_to_generalize {}",
                          summary.val_accuracy, summary.best_val_accuracy,
                          step ? std::to_string(*step) : "never");
    }
    lines.emplace_back(to_text(cell->coordinates),
                       fmt::format("{}, {}", text, folder->path().string()));
  }
  fmt::print("{}: {} runs\n{}", jobs.front().experiment().name(), jobs.size(), two_columns(lines));
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
  draw(folder.path(), experiment, rows);
}

bool is_finished(const Job& job) {
  const auto status = job.folder->status();
  return status == RunStatus::done || status == RunStatus::diverged;
}

void report_failures(const std::vector<SessionResult>& results, const std::vector<PackRun>& runs) {
  std::string reported;
  for (std::size_t i = 0; i < results.size(); ++i) {
    const auto& [status, reason] = results[i];
    if (status != RunStatus::failed) continue;
    if (reason != reported) fmt::print(stderr, "{}\n", reason);
    reported = reason;
    fmt::print(stderr, "{} is marked as failed; --retry starts it again\n",
               runs[i].folder->path().string());
  }
}

// Trains packs until all are through or a stop is asked for.
void train(const LoadedSweep& loaded, const std::vector<const Job*>& jobs, std::size_t limit) {
  std::vector<Candidate> candidates;
  for (const auto* job : jobs) {
    candidates.push_back({graph_of(loaded.catalog, job->experiment()), resumed_step(*job->folder)});
  }
  const StopSignals signals;
  for (const auto& indices : plan_packs(candidates, limit)) {
    std::vector<const Job*> pack;
    std::vector<PackRun> runs;
    for (const auto i : indices) {
      pack.push_back(jobs[i]);
      runs.push_back({&jobs[i]->experiment(), jobs[i]->folder.get()});
    }
    ProgressDisplay display;
    const auto results =
        run_session(loaded.catalog, runs,
                    {.started = [&](const Trainer& trainer) { announce(trainer, pack); },
                     .progress = [&](const Progress& now) { display.show(now); },
                     .stop_requested = &StopSignals::stop_requested});
    report_failures(results, runs);
    if (StopSignals::stop_requested()) return;
  }
}

// Whether the same command would not go on with it.
bool is_over(const Job& job) {
  return is_finished(job) || job.folder->status() == RunStatus::failed;
}

std::vector<Job> make_jobs(const LoadedSweep& loaded, const RunOptions& options) {
  const auto& [catalog, sweep] = loaded;
  std::vector<Job> jobs;
  for (const auto& cell : sweep.cells) {
    const auto& experiment = cell.experiment;
    const auto hash = experiment.identity();
    auto path = options.out;
    if (sweep.keys.empty() && path.empty()) {
      path = fs::path("runs") / fmt::format("{}-{}", experiment.name(), hash.substr(0, 8));
    } else if (!sweep.keys.empty()) {
      path = (path.empty() ? fs::path("runs") / experiment.name() : path) / hash;
    }
    jobs.push_back({&cell, std::make_unique<RunFolder>(path, identity_of(experiment, catalog))});
  }
  return jobs;
}

void note_changed_plugins(const std::vector<Job>& jobs) {
  std::set<std::string> changed;
  for (const auto& job : jobs) {
    if (!is_finished(job)) continue;
    changed.insert(job.folder->changed_plugins().begin(), job.folder->changed_plugins().end());
  }
  for (const auto& plugin : changed) {
    fmt::print(stderr, "note: {} was made with another build of {}\n",
               jobs.size() == 1 ? "this run" : "a run of this sweep", plugin);
  }
}

int exit_code_of(const std::vector<Job>& jobs) {
  if (!std::all_of(jobs.begin(), jobs.end(), is_over)) {
    fmt::print(stderr, "interrupted; the same command goes on from here\n");
    return kInterrupted;
  }
  const bool all_finished = std::all_of(jobs.begin(), jobs.end(), is_finished);
  return all_finished ? kDone : kRunFailed;
}

int run(const RunOptions& options) {
  auto overrides = options.overrides;
  if (!options.device.empty()) overrides.push_back("device=" + options.device);
  if (options.threads > 0) set_thread_count(options.threads);
  const auto loaded = load_sweep(options.spec, overrides, options.plugin_path);
  if (options.print) {
    for (const auto& cell : loaded.sweep.cells) {
      if (!cell.coordinates.empty()) fmt::print("--- # {}\n", to_text(cell.coordinates));
      fmt::print("{}", to_yaml(cell.experiment));
    }
    return kDone;
  }
  const auto jobs = make_jobs(loaded, options);
  note_changed_plugins(jobs);
  std::vector<const Job*> due;
  for (const auto& job : jobs) {
    if (is_finished(job)) continue;
    if (job.folder->status() == RunStatus::failed && !options.retry) {
      if (jobs.size() > 1) continue;
      throw Error(
          fmt::format("{}: this run failed before (see run.json and log.txt); --retry starts "
                      "it again",
                      job.folder->path().string()));
    }
    due.push_back(&job);
  }
  if (!due.empty()) train(loaded, due, options.pack);
  if (loaded.sweep.keys.empty()) {
    report(*jobs.front().folder, jobs.front().experiment());
  } else {
    report_sweep(jobs);
  }
  return exit_code_of(jobs);
}

}  // namespace

void add_run_command(CLI::App& program, Action& action) {
  auto* command = program.add_subcommand("run", "train what a spec declares");
  const auto options = std::make_shared<RunOptions>();
  command->add_option("SPEC", options->spec, "the experiment's YAML file")->required();
  command->add_option("OVERRIDES", options->overrides,
                      "key=value, such as optimizer.learning_rate=3e-4");
  command->add_option("--out", options->out,
                      "the run's folder, by default runs/<experiment>-<hash of the spec>; of a "
                      "sweep the folder of its runs' folders, by default runs/<experiment>");
  command->add_option("--device", options->device,
                      "short for device=…: auto, cpu, cpu-replay or a backend, such as cuda");
  add_plugin_path(*command, options->plugin_path);
  command->add_option("--pack", options->pack, "runs of a sweep that are trained together, at most")
      ->check(CLI::Range(1, 256))
      ->capture_default_str();
  command->add_option("--threads", options->threads, "by default OMP_NUM_THREADS, or all cores")
      ->check(CLI::Range(1, 1024));
  command->add_flag("--print", options->print,
                    "only print the resolved spec, each value with its origin");
  command->add_flag("--retry", options->retry, "start a run again that a plugin's failure ended");
  command->callback([&action, options] { action = [options] { return run(*options); }; });
}

}  // namespace groklab
