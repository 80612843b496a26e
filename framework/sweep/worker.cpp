#include "sweep/worker.h"

#include "store/claims.h"
#include "sweep/pack_run.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <set>
#include <thread>

namespace groklab {
namespace {

constexpr auto kLookAgain = std::chrono::milliseconds(500);

class Worker {
 public:
  Worker(const SweepFolder& folder, const WorkerOptions& options, const WorkerHooks& hooks)
      : folder_(folder), options_(options), hooks_(hooks), claims_(folder.claims()) {}

  WorkEnd work() {
    for (;;) {
      const auto plan = read_plan(folder_);  // it may have grown
      if (!catalog_) catalog_.emplace(catalog_of(folder_, plan));
      const auto pass = take_packs(plan);
      if (end_) return *end_;
      if (pass == Pass::worked) continue;
      if (pass == Pass::nothing) break;
      if (hooks_.stop_requested()) return WorkEnd::interrupted;
      std::this_thread::sleep_for(kLookAgain);
    }
    return failed_ > 0 ? WorkEnd::some_failed : WorkEnd::nothing_left;
  }

 private:
  // What going through the packs once came to.
  enum class Pass {
    nothing,   // is left
    worked,    // on a pack at least
    must_wait  // there are packs that others have, and may leave
  };

  Pass take_packs(const SweepPlan& plan) {
    auto result = Pass::nothing;
    const auto claims = claims_.all();
    for (const auto& pack : plan.packs) {
      if (hooks_.stop_requested()) {
        end_ = WorkEnd::interrupted;
        return result;
      }
      if (over_.contains(pack.name)) continue;
      const auto found = claims.find(pack.name);
      const auto seen = found == claims.end() ? std::nullopt : std::optional(found->second);
      const auto holder = seen ? watch_.look(*seen) : ClaimHolder::nobody;
      if (holder == ClaimHolder::alive && !options_.wait_for_others) continue;
      if (is_over(plan, pack)) {
        over_.insert(pack.name);
      } else if (holder != ClaimHolder::nobody) {
        if (result == Pass::nothing) result = Pass::must_wait;
      } else {
        result = Pass::worked;
        take(plan, pack, seen);
        if (end_) return result;
      }
    }
    return result;
  }

  bool is_over(const PlannedCell& cell) const {
    try {
      const auto record = read_run_record(folder_.cell(cell.id));
      return record && groklab::is_over(record->status);
    } catch (const Error&) {
      return false;  // who takes it says what is wrong
    }
  }

  bool is_over(const SweepPlan& plan, const PlannedPack& pack) const {
    return std::all_of(pack.cells.begin(), pack.cells.end(),
                       [&](std::size_t i) { return is_over(plan.cells[i]); });
  }

  void take(const SweepPlan& plan, const PlannedPack& pack, std::optional<ClaimView> seen) {
    if (seen && seen->record.phase == ClaimPhase::held) {  // and its owner is dead
      seen->record = seen->record.after_death(
          fmt::format("{} gave no sign of life", seen->record.owner.text()));
    }
    try {
      const auto claim = claims_.take(pack.name, seen);
      if (!claim) return;  // another process was faster
      train(plan, pack, *claim);
      claim->release();
    } catch (const FileError& error) {
      hooks_.say(error.what());
      say_what_can_go_on(plan, pack);
      end_ = WorkEnd::cannot_write;
    }
    if (!end_) over_.insert(pack.name);  // for this process, whatever is left of it
    if (failed_ > 0 && options_.fail_fast) end_ = WorkEnd::some_failed;
  }

  void say_what_can_go_on(const SweepPlan& plan, const PlannedPack& pack) const {
    hooks_.say("once it can be, the same command goes on with these runs:");
    for (const auto i : pack.cells) {
      if (!is_over(plan.cells[i])) hooks_.say("  " + folder_.cell(plan.cells[i].id).string());
    }
  }

  std::vector<FrozenCell> load_cells(const SweepPlan& plan, const PlannedPack& pack) {
    std::vector<FrozenCell> cells;
    for (const auto i : pack.cells) {
      try {
        cells.push_back(load_frozen_cell(folder_, plan.cells[i].id, *catalog_));
      } catch (const FileError&) {
        throw;
      } catch (const Error& error) {
        hooks_.say(error.what());
        ++failed_;
      }
    }
    return cells;
  }

  void train(const SweepPlan& plan, const PlannedPack& pack, HeldClaim& claim) {
    auto cells = load_cells(plan, pack);
    const auto& record = claim.view().record;
    if (record.deaths < kMaxDeaths) {
      const auto outcome = train_pack(*catalog_, cells, claim, hooks_);
      failed_ += outcome.failed;
      if (outcome.stopped && hooks_.stop_requested()) end_ = WorkEnd::interrupted;
      return;
    }
    const auto reason = fmt::format(
        "{} processes in a row died while they trained this run in a pack of {}; the "
        "last: {}",
        record.deaths, cells.size(), record.last_death);
    hooks_.say(reason);
    fail_cells(cells, reason);
    ++failed_;
  }

  const SweepFolder& folder_;
  const WorkerOptions& options_;
  const WorkerHooks& hooks_;
  ClaimFolder claims_;
  ClaimWatch watch_;
  std::optional<Catalog> catalog_;
  std::set<std::string> over_;  // packs
  std::size_t failed_ = 0;
  std::optional<WorkEnd> end_;
};

}  // namespace

WorkEnd work_on(const SweepFolder& folder, const WorkerOptions& options, const WorkerHooks& hooks) {
  return Worker(folder, options, hooks).work();
}

}  // namespace groklab
