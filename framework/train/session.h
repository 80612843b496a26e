#pragma once

#include "store/run_folder.h"
#include "train/trainer.h"

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

namespace groklab {

// How far a pack is. The accuracies are means over its runs, at the last evaluation.
struct Progress {
  std::int64_t step, steps;
  std::size_t runs;
  double steps_per_second;  // of the pack; NaN until it is known
  double train_accuracy, val_accuracy;
};

struct SessionHooks {
  std::function<void(const Trainer&)> started = [](const Trainer&) {};     // before the first step
  std::function<void(const Progress&)> progress = [](const Progress&) {};  // after each step
  std::function<bool()> stop_requested = [] { return false; };             // asked before each step

  std::function<void()> checkpointed = [] {};  // after checkpoints were written

  // Asked before checkpoints and outcomes are written. If not, the session ends by FolderInUse:
  // another process has the runs now.
  std::function<bool()> may_write = [] { return true; };
};

// How the session of one run ended.
struct SessionResult {
  RunStatus status;
  std::string failure;  // what the plugin that failed said
};

// A plugin's library as it is loaded now, as runs and plans record it.
UsedPlugin used_plugin(const Library& library);

// What identifies the run of an experiment.
RunIdentity identity_of(const Experiment& experiment, const Catalog& catalog);

// One run of a pack: what it trains, and where it goes. Both must outlive the session.
struct PackRun {
  const Experiment* experiment;
  RunFolder* folder;
};

// The step that a run goes on from: that of its checkpoint, or 0. Throws Error if it is damaged.
std::int64_t resumed_step(RunFolder& folder);

// Trains a pack, each run into its folder, from their checkpoints (of one step) if there are any:
// to the last step, or until asked to stop (interrupted, with checkpoints written). A run whose
// training loss is no longer finite leaves the pack as diverged, one that its stop rule ends as
// done, with a checkpoint written, and the others go on. A plugin that fails fails the runs that
// were left. Killed at any moment and started again, the same metrics result. One result a run, in
// their order. Throws Error where a folder cannot be written or a checkpoint not used.
std::vector<SessionResult> run_session(const Catalog& catalog, const std::vector<PackRun>& runs,
                                       const SessionHooks& hooks = {});

}  // namespace groklab
