#include "sweep/worker.h"

#include "store/claims.h"
#include "sweep/pack_run.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <map>
#include <optional>
#include <set>
#include <thread>
#include <utility>

namespace groklab {
namespace {

using Clock = std::chrono::steady_clock;

constexpr auto kLookAgain = std::chrono::milliseconds(500);
constexpr auto kFresh = std::chrono::seconds(2);  // as what claims said is to be relied on

// That who started a process which died has to write how it did, before others take its pack.
constexpr auto kTimeToSayHow = std::chrono::seconds(2);

class Worker {
 public:
  Worker(const SweepFolder& folder, const WorkerOptions& options, const WorkerHooks& hooks)
      : folder_(folder), options_(options), hooks_(hooks), claims_(folder.claims()) {}

  WorkEnd work() {
    for (;;) {
      const auto plan = read_plan(folder_);  // it may have grown
      if (plan.plugin_path != plugin_path_) catalog_.emplace(catalog_of(folder_, plan));
      plugin_path_ = plan.plugin_path;
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
    const auto seen_at = Clock::now();
    for (const auto& pack : plan.packs) {
      // One who has shown no life since then may have shown some since.
      if (result == Pass::worked && Clock::now() - seen_at > kFresh) return result;
      if (hooks_.stop_requested()) {
        end_ = WorkEnd::interrupted;
        return result;
      }
      if (over_.contains(pack.name)) continue;
      const auto found = claims.find(pack.name);
      const auto seen = found == claims.end() ? std::nullopt : std::optional(found->second);
      const auto holder = seen ? look(*seen) : ClaimHolder::nobody;
      if (holder == ClaimHolder::alive && !options_.wait_for_others) continue;
      if (is_over(plan, pack)) {
        over_.insert(pack.name);
      } else if (holder == ClaimHolder::nobody && take(plan, pack, seen)) {
        result = Pass::worked;
        if (end_) return result;
      } else if (result == Pass::nothing) {
        result = Pass::must_wait;
      }
    }
    return result;
  }

  ClaimHolder look(const ClaimView& claim) {
    const auto holder = watch_.look(claim);
    const bool has_just_died =
        holder == ClaimHolder::nobody && claim.record.phase == ClaimPhase::held;
    if (!has_just_died) return holder;
    const auto now = Clock::now();
    const auto since = dead_since_.try_emplace({claim.name, claim.generation}, now).first->second;
    return now - since < kTimeToSayHow ? ClaimHolder::unproven : holder;
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

  // False if another process was faster.
  bool take(const SweepPlan& plan, const PlannedPack& pack, std::optional<ClaimView> seen) {
    if (seen && seen->record.phase == ClaimPhase::held) {  // and its owner is dead
      seen->record = seen->record.after_death(
          fmt::format("{} gave no sign of life", seen->record.owner.text()));
    }
    try {
      const auto claim = claims_.take(pack.name, seen);
      if (!claim) return false;
      if (!is_planned(pack.name)) return false;  // packs were formed anew meanwhile
      const bool is_free = train(plan, pack, *claim);
      claim->release();
      // For this process, whatever is left of it.
      if (!end_ && (is_free || !may_get_free(pack.name))) over_.insert(pack.name);
    } catch (const FileError& error) {
      hooks_.say(error.what());
      say_what_can_go_on(plan, pack);
      end_ = WorkEnd::cannot_write;
    }
    if (failed_ > 0 && options_.fail_fast) end_ = WorkEnd::some_failed;
    return true;
  }

  bool is_planned(const std::string& name) const {
    const auto packs = read_plan(folder_).packs;
    return std::any_of(packs.begin(), packs.end(),
                       [&](const PlannedPack& pack) { return pack.name == name; });
  }

  // Whether to look again at a pack whose runs another process has, without a claim that holds.
  bool may_get_free(const std::string& pack) {
    const auto now = Clock::now();
    const auto [entry, is_new] = in_use_since_.try_emplace(pack, now);
    if (is_new) hooks_.say(fmt::format("pack {} is also in another process's hands", pack));
    std::this_thread::sleep_for(kLookAgain);
    return now - entry->second < ClaimWatch::kPatience;
  }

  void say_what_can_go_on(const SweepPlan& plan, const PlannedPack& pack) const {
    hooks_.say("once that is mended, the same command goes on with these runs:");
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

  std::vector<const Library*> libraries_of(const std::vector<FrozenCell>& cells) const {
    std::set<const Library*> libraries;
    for (const auto& cell : cells) {
      for (const auto& [kind, name] : cell.experiment.plugins()) {
        libraries.insert(&catalog_->find(kind, name));
      }
    }
    return {libraries.begin(), libraries.end()};
  }

  // All runs of a plan are computed by the same builds, whoever trains them.
  bool are_builds_as_planned(const SweepPlan& plan, const std::vector<const Library*>& libraries) {
    for (const auto* library : libraries) {
      const auto now = used_plugin(*library);
      for (const auto& planned : plan.plugins) {
        if (planned.kind != now.kind || planned.name != now.name) continue;
        const auto difference = difference_of_builds(planned, now);
        if (difference.empty()) continue;
        hooks_.say(fmt::format(
            "{} was planned with another build of {} than this process loaded ({}); put that build "
            "back, or give the `groklab run` of this sweep again, which plans with the build that "
            "it finds",
            folder_.path.string(), difference, now.library));
        return false;
      }
    }
    return true;
  }

  // Once of each file: this process goes on with what it loaded.
  void say_what_was_replaced(const std::vector<const Library*>& libraries) {
    for (const auto* library : libraries) {
      for (const auto& file : replaced_files(*library)) {
        if (!replaced_.insert(file).second) continue;
        hooks_.say(
            fmt::format("{} was replaced after {} {} was loaded from it; this process goes "
                        "on with the build that it loaded",
                        file.string(), library->descriptor->kind, library->descriptor->name));
      }
    }
  }

  // False if another process has runs of it.
  bool train(const SweepPlan& plan, const PlannedPack& pack, HeldClaim& claim) {
    auto cells = load_cells(plan, pack);
    const auto libraries = libraries_of(cells);
    if (!are_builds_as_planned(plan, libraries)) {
      end_ = WorkEnd::another_build;
      return true;
    }
    say_what_was_replaced(libraries);
    const auto& record = claim.view().record;
    if (record.deaths >= kMaxDeaths) return give_up(cells, record);
    const auto outcome = train_pack(*catalog_, cells, claim, hooks_);
    failed_ += outcome.failed;
    if (outcome.stopped && hooks_.stop_requested()) end_ = WorkEnd::interrupted;
    return !outcome.in_use && !claim.is_lost();
  }

  bool give_up(std::vector<FrozenCell>& cells, const ClaimRecord& record) {
    const auto reason = fmt::format(
        "{} processes in a row died while they trained this run in a pack of {}; the "
        "last: {}",
        record.deaths, cells.size(), record.last_death);
    hooks_.say(reason);
    ++failed_;
    try {
      fail_cells(cells, reason);
    } catch (const FolderInUse&) {
      return false;
    }
    return true;
  }

  const SweepFolder& folder_;
  const WorkerOptions& options_;
  const WorkerHooks& hooks_;
  ClaimFolder claims_;
  ClaimWatch watch_;
  std::optional<Catalog> catalog_;
  std::vector<std::string> plugin_path_;      // of the catalog
  std::set<std::string> over_;                // packs
  std::set<std::filesystem::path> replaced_;  // files of plugins, of which this was said
  std::map<std::string, Clock::time_point> in_use_since_;
  std::map<std::pair<std::string, std::int64_t>, Clock::time_point> dead_since_;  // generations
  std::size_t failed_ = 0;
  std::optional<WorkEnd> end_;
};

}  // namespace

WorkEnd work_on(const SweepFolder& folder, const WorkerOptions& options, const WorkerHooks& hooks) {
  try {
    return Worker(folder, options, hooks).work();
  } catch (const FileError& error) {
    hooks.say(error.what());
  }
  return WorkEnd::cannot_write;
}

}  // namespace groklab
