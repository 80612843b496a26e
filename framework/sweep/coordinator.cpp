#include "sweep/coordinator.h"

#include "base/clock.h"
#include "base/exit_codes.h"
#include "base/files.h"
#include "base/process.h"
#include "base/shell.h"
#include "store/claims.h"

#include <fmt/format.h>
#include <groklab/error.h>
#include <unistd.h>

#include <chrono>
#include <csignal>
#include <memory>
#include <thread>
#include <utility>
#include <vector>

namespace groklab {
namespace {

constexpr auto kPoll = std::chrono::milliseconds(100);
constexpr int kMaxEarlyDeaths = 2;  // in a row
constexpr double kEarly = 20;       // seconds in which a worker should get to its first pack

// Whether a worker ended as it should.
bool is_orderly(const ProcessResult& end) {
  return end.signal == 0 &&
         (end.exit_code == kDone || end.exit_code == kRunFailed || end.exit_code == kInterrupted);
}

std::string how_it_died(const ProcessResult& end) {
  const auto* hint = end.signal == SIGKILL
                         ? ", as the system sends it when memory runs out: a smaller --pack or "
                           "fewer --jobs need less"
                         : "";
  return to_text(end) + hint;
}

class Coordinator {
 public:
  Coordinator(const SweepFolder& folder, const CoordinatorOptions& options,
              const CoordinatorHooks& hooks)
      : folder_(folder), options_(options), hooks_(hooks), claims_(folder.claims()) {}

  void run() {
    give_new_chances();
    for (int i = 0; i < options_.jobs; ++i) start_worker();
    while (!workers_.empty()) {
      if (hooks_.stop_requested()) stop();
      poll();
      hooks_.progress();
      if (!workers_.empty()) std::this_thread::sleep_for(kPoll);
    }
  }

 private:
  struct Worker {
    std::unique_ptr<ChildProcess> process;
    ProcessIdentity identity;
    std::chrono::steady_clock::time_point start;
  };

  // Workers of this machine that died did so with an earlier command; deaths are counted anew.
  void give_new_chances() {
    for (const auto& [name, claim] : claims_.all()) {
      const bool is_open = claim.record.phase != ClaimPhase::released;
      if (is_open && claim.record.owner.is_alive() == false) claims_.release(claim);
    }
  }

  void start_worker() {
    std::vector<std::string> arguments{
        "work",     folder_.path.string(),      "--threads", std::to_string(options_.threads),
        "--parent", std::to_string(::getpid()), "--wait"};
    if (options_.fail_fast) arguments.push_back("--fail-fast");
    auto process = std::make_unique<ChildProcess>(arguments);
    const auto identity = ProcessIdentity::of(process->id());
    workers_.push_back({std::move(process), identity, std::chrono::steady_clock::now()});
  }

  void stop() {
    if (is_stopping_) return;
    is_stopping_ = true;
    for (const auto& worker : workers_) worker.process->send(SIGTERM);
  }

  void poll() {
    auto workers = std::exchange(workers_, {});
    int dead = 0;
    bool must_stop = false;
    for (auto& worker : workers) {
      const auto end = worker.process->poll();
      if (!end) {
        workers_.push_back(std::move(worker));
      } else if (is_orderly(*end)) {
        must_stop |= options_.fail_fast && end->exit_code == kRunFailed;
      } else {
        ++dead;
        if (!hooks_.stop_requested()) note_death(worker, *end);
      }
    }
    must_stop |= early_deaths_ >= kMaxEarlyDeaths;
    if (must_stop) stop();  // all that are left
    for (; dead > 0 && !is_stopping_ && !hooks_.stop_requested(); --dead) start_worker();
  }

  void note_death(const Worker& worker, const ProcessResult& end) {
    const auto how = how_it_died(end);
    bool had_a_pack = false;
    for (const auto& [name, claim] : claims_.all()) {
      if (claim.record.owner != worker.identity || claim.record.phase != ClaimPhase::held) continue;
      had_a_pack = true;
      auto dead = claim;
      dead.record = claim.record.after_death(how);
      try {
        claims_.write(dead);
      } catch (const FileError& error) {  // others see by themselves that it is dead, if not how
        hooks_.say(error.what());
      }
    }
    hooks_.say(fmt::format("a worker ({}) died: {}", worker.identity.text(), how));
    const bool is_early = !had_a_pack && seconds_since(worker.start) < kEarly;
    early_deaths_ = is_early ? early_deaths_ + 1 : 0;
    if (early_deaths_ < kMaxEarlyDeaths || is_stopping_) return;
    hooks_.say(fmt::format("workers die before they take a pack: {}; see what this says: {}", how,
                           shell_command({"groklab", "work", folder_.path.string()})));
  }

  const SweepFolder& folder_;
  const CoordinatorOptions& options_;
  const CoordinatorHooks& hooks_;
  ClaimFolder claims_;
  std::vector<Worker> workers_;
  bool is_stopping_ = false;
  int early_deaths_ = 0;
};

}  // namespace

void coordinate(const SweepFolder& folder, const CoordinatorOptions& options,
                const CoordinatorHooks& hooks) {
  Coordinator(folder, options, hooks).run();
}

}  // namespace groklab
