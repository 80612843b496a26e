#pragma once

#include "store/sweep_plan.h"

#include <functional>
#include <string>

namespace groklab {

struct CoordinatorOptions {
  int jobs = 1;            // worker processes
  int threads = 1;         // of each
  bool fail_fast = false;  // stop all once a run failed
};

struct CoordinatorHooks {
  std::function<void(const std::string&)> say = [](const std::string&) {};
  std::function<void()> progress = [] {};  // some ten times a second
  std::function<bool()> stop_requested = [] { return false; };
};

// Has worker processes (groklab work) train a sweep, and returns when the last has ended. One that
// dies costs its pack one more try; after a second death without a checkpoint in between that
// pack's runs are failed, and the others go on. Asked to stop, it has them write checkpoints and
// end. Gives up, with a line that says so, if workers die before they take a pack. Call it with the
// sweep claimed.
void coordinate(const SweepFolder& folder, const CoordinatorOptions& options,
                const CoordinatorHooks& hooks);

}  // namespace groklab
