// groklab work DIR
#include "app/commands.h"
#include "app/progress.h"
#include "base/exit_codes.h"
#include "base/process.h"
#include "base/signals.h"
#include "sweep/worker.h"

#include <fmt/format.h>
#include <groklab/parallel.h>

#include <memory>

namespace groklab {
namespace {

struct WorkOptions {
  std::filesystem::path folder;
  int threads = 0;
  bool fail_fast = false;
  bool wait_for_others = false;
  int parent = 0;
};

int exit_code_of(WorkEnd end) {
  switch (end) {
    case WorkEnd::nothing_left:
      return kDone;
    case WorkEnd::interrupted:
      return kInterrupted;
    case WorkEnd::some_failed:
    case WorkEnd::another_build:
    case WorkEnd::cannot_write:
      return kRunFailed;
  }
  return kBug;
}

int work(const WorkOptions& options) {
  const StopSignals signals;
  const bool is_alone = options.parent == 0;
  if (!is_alone && !stop_with_parent(options.parent)) return kInterrupted;
  if (options.threads > 0) set_thread_count(options.threads);
  ProgressDisplay display;
  const auto end = work_on({options.folder}, {options.fail_fast, options.wait_for_others},
                           {.say = [&](const std::string& line) { display.say(line); },
                            .progress =
                                [&](const Progress& now) {
                                  if (is_alone)
                                    display.show(now);  // otherwise the parent does, for all
                                },
                            .stop_requested = &StopSignals::stop_requested});
  return exit_code_of(end);
}

}  // namespace

void add_work_command(CLI::App& program, Action& action) {
  auto* command = program.add_subcommand(
      "work", "train packs of a sweep that `run` or `slurm` began, beside whoever else does");
  const auto options = std::make_shared<WorkOptions>();
  command->add_option("DIR", options->folder, "the sweep's folder")->required();
  command->add_option("--threads", options->threads, "by default OMP_NUM_THREADS, or all cores")
      ->check(CLI::Range(1, kMostThreads));
  command->add_flag("--fail-fast", options->fail_fast, "stop after a pack in which a run failed");
  command->add_flag("--wait", options->wait_for_others,
                    "with nothing left, stay until all is over, in case another worker dies");
  command->add_option("--parent", options->parent, "")->group("");
  command->callback([&action, options] { action = [options] { return work(*options); }; });
}

}  // namespace groklab
