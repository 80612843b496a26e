#pragma once

#include "store/run_folder.h"
#include "train/trainer.h"

#include <cstdint>
#include <functional>
#include <string>

namespace groklab {

// How far a run is. The accuracies are those of the last evaluation.
struct Progress {
  std::int64_t step, steps;
  double steps_per_second;  // NaN until it is known
  double train_accuracy, val_accuracy;
};

struct SessionHooks {
  std::function<void(const Progress&)> progress = [](const Progress&) {};  // after each step
  std::function<bool()> stop_requested = [] { return false; };             // asked before each step
};

// How a session ended.
struct SessionResult {
  RunStatus status;
  std::string failure;  // what the plugin that failed said
};

// What identifies the run of an experiment.
RunIdentity identity_of(const Experiment& experiment, const Catalog& catalog);

// Trains the trainer's one replica into `folder`, from its checkpoint if there is one, to the last
// step, to a training loss that is not finite (diverged), or until asked to stop (interrupted, with
// a checkpoint written). A plugin that fails fails the run. Killed at any moment and started again,
// the same metrics result. Throws Error where the folder cannot be written or the checkpoint not
// used.
SessionResult run_session(Trainer& trainer, const Experiment& experiment, RunFolder& folder,
                          const SessionHooks& hooks);

}  // namespace groklab
