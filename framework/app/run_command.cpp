// groklab run SPEC [key=value…]
#include "app/commands.h"
#include "app/exit_codes.h"
#include "app/load_experiment.h"
#include "app/progress.h"
#include "app/summary_table.h"
#include "base/signals.h"
#include "report/curve.h"
#include "train/session.h"

#include <fmt/format.h>
#include <spdlog/spdlog.h>

namespace groklab {
namespace {

namespace fs = std::filesystem;

struct RunOptions {
  fs::path spec;
  std::vector<std::string> overrides;
  fs::path out;
  std::string device;
  std::vector<fs::path> plugin_path;
  bool print = false;
  bool retry = false;
};

void announce(const Trainer& trainer, const Experiment& experiment, const fs::path& folder) {
  const auto& table = trainer.components().tables.front();
  const auto& split = trainer.splits().front();
  fmt::print(stderr,
             "{}: {} with {} elements, {} rows ({} to train on), {} with {} parameters, {} → {}\n",
             experiment.name(), experiment.operation.plugin, table.elements, table.rows(),
             split.train.size(), experiment.model.plugin, trainer.components().layout->count(),
             experiment.optimizer.plugin, folder.string());
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

// Prints what the run came to, with its picture.
void report(const RunFolder& folder, const Experiment& experiment) {
  const auto rows = folder.metrics();
  if (rows.empty()) {
    if (folder.status() == RunStatus::failed) return;  // before its first evaluation
    throw Error(fmt::format("{} has no metrics; remove the folder to run it again",
                            folder.path().string()));
  }
  fmt::print("{} ({})\n{}", experiment.name(), to_text(*folder.status()),
             summary_table(summarize(rows)));
  draw(folder.path(), experiment, rows);
}

int exit_code_of(const SessionResult& result, const fs::path& folder) {
  switch (result.status) {
    case RunStatus::interrupted:
      fmt::print(stderr, "interrupted; the same command goes on from here\n");
      return kInterrupted;
    case RunStatus::failed:
      fmt::print(stderr, "{}\n{} is marked as failed; --retry starts it again\n", result.failure,
                 folder.string());
      return kRunFailed;
    default:
      return kDone;
  }
}

int train(const LoadedExperiment& loaded, RunFolder& folder) {
  const auto& experiment = loaded.experiment;
  const StopSignals signals;
  Trainer trainer(loaded.catalog, {experiment}, choose_device(experiment));
  announce(trainer, experiment, folder.path());
  SessionResult result;
  {
    ProgressDisplay display;
    result = run_session(trainer, experiment, folder,
                         {.progress = [&](const Progress& now) { display.show(now); },
                          .stop_requested = &StopSignals::stop_requested});
  }
  report(folder, experiment);
  return exit_code_of(result, folder.path());
}

int run(const RunOptions& options) {
  auto overrides = options.overrides;
  if (!options.device.empty()) overrides.push_back("device=" + options.device);
  const auto loaded = load_experiment(options.spec, overrides, options.plugin_path);
  const auto& experiment = loaded.experiment;
  if (options.print) {
    fmt::print("{}", to_yaml(experiment));
    return kDone;
  }
  const auto out = options.out.empty()
                       ? fs::path("runs") / fmt::format("{}-{}", experiment.name(),
                                                        experiment.identity().substr(0, 8))
                       : options.out;
  RunFolder folder(out, identity_of(experiment, loaded.catalog));
  const auto status = folder.status();
  if (status == RunStatus::done || status == RunStatus::diverged) {
    for (const auto& plugin : folder.changed_plugins()) {
      fmt::print(stderr, "note: this run was made with another build of {}\n", plugin);
    }
    report(folder, experiment);
    return kDone;
  }
  if (status == RunStatus::failed && !options.retry) {
    throw Error(
        fmt::format("{}: this run failed before (see run.json and log.txt); --retry starts "
                    "it again",
                    out.string()));
  }
  return train(loaded, folder);
}

}  // namespace

void add_run_command(CLI::App& program, Action& action) {
  auto* command = program.add_subcommand("run", "train what a spec declares");
  const auto options = std::make_shared<RunOptions>();
  command->add_option("SPEC", options->spec, "the experiment's YAML file")->required();
  command->add_option("OVERRIDES", options->overrides,
                      "key=value, such as optimizer.learning_rate=3e-4");
  command->add_option("--out", options->out,
                      "the run's folder; by default runs/<experiment>-<hash of the spec>");
  command->add_option("--device", options->device, "short for device=…: auto, cpu or cuda");
  add_plugin_path(*command, options->plugin_path);
  command->add_flag("--print", options->print,
                    "only print the resolved spec, each value with its origin");
  command->add_flag("--retry", options->retry, "start a run again that a plugin's failure ended");
  command->callback([&action, options] { action = [options] { return run(*options); }; });
}

}  // namespace groklab
