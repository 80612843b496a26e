#pragma once

#include "store/sweep_plan.h"
#include "train/session.h"

#include <functional>
#include <string>

namespace groklab {

// How the work of one process on a sweep ended.
enum class WorkEnd {
  nothing_left,   // for it: what is not over is in others' hands
  interrupted,    // it was asked to stop
  some_failed,    // as nothing_left, but runs in its hands failed
  another_build,  // of a plugin is there than the plan was made with
  cannot_write,   // a folder cannot be, such as on a full disk; its runs can go on from there
};

struct WorkerOptions {
  bool fail_fast = false;  // stop after the first pack in which a run failed
  bool wait_for_others =
      false;  // with nothing left: until it is known that the others need no help
};

struct WorkerHooks {
  std::function<void(const std::string&)> say = [](const std::string&) {};  // a line for the user
  std::function<void(const Progress&)> progress = [](const Progress&) {};   // after each step
  std::function<bool()> stop_requested = [] { return false; };              // before each step
};

// Deaths of processes that a pack may cost, without a checkpoint in between; then its runs are
// failed.
inline constexpr int kMaxDeaths = 2;

// Takes packs of a sweep one after another, as whoever else works in its folder leaves them, until
// none is left. Runs go on from their checkpoints. What a plugin refuses or fails in costs its own
// runs.
WorkEnd work_on(const SweepFolder& folder, const WorkerOptions& options, const WorkerHooks& hooks);

}  // namespace groklab
