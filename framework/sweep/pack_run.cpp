#include "sweep/pack_run.h"

#include "base/text.h"
#include "train/packs.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <utility>

namespace groklab {
namespace {

bool is_due(const FrozenCell& cell) {
  const auto status = cell.folder->status();
  return !status || !is_over(*status);
}

class PackTraining {
 public:
  PackTraining(const Catalog& catalog, HeldClaim& claim, const WorkerHooks& hooks)
      : catalog_(catalog), claim_(claim), hooks_(hooks) {}

  PackOutcome run(std::vector<FrozenCell>& cells) {
    std::vector<FrozenCell*> due;
    std::vector<Candidate> candidates;
    for (auto& cell : cells) {
      if (!is_due(cell)) continue;
      if (auto candidate = candidate_of(cell)) {
        due.push_back(&cell);
        candidates.push_back(std::move(*candidate));
      }
    }
    for (const auto& indices : plan_packs(candidates, std::max<std::size_t>(due.size(), 1))) {
      if (must_stop()) break;
      std::vector<FrozenCell*> together;
      for (const auto i : indices) together.push_back(due[i]);
      train(together);
    }
    outcome_.stopped =
        std::any_of(due.begin(), due.end(), [](const auto* c) { return is_due(*c); });
    return outcome_;
  }

 private:
  // nullopt: it failed.
  std::optional<Candidate> candidate_of(FrozenCell& cell) {
    try {
      return Candidate{graph_of(catalog_, cell.experiment), resumed_step(*cell.folder)};
    } catch (const FileError&) {
      throw;
    } catch (const Error& error) {  // such as of a damaged checkpoint
      fail(cell, error.what());
      return std::nullopt;
    }
  }

  bool must_stop() { return hooks_.stop_requested() || claim_.is_lost(); }

  void train(const std::vector<FrozenCell*>& cells) {
    try {
      run_session_of(cells);
    } catch (const FileError&) {
      throw;
    } catch (const FolderInUse&) {  // its process was taken for dead, and still is at work
      outcome_.in_use = true;
    } catch (const Error& error) {
      if (cells.size() == 1) return fail(*cells.front(), error.what());
      for (auto* cell : cells) {
        if (is_due(*cell) && !must_stop()) train({cell});
      }
    } catch (const std::exception& error) {
      const auto* bug = is_out_of_memory(error) ? "" : "groklab has a bug, please report it: ";
      fail_unfinished(cells, bug + message_of(error));
    }
  }

  void run_session_of(const std::vector<FrozenCell*>& cells) {
    std::vector<PackRun> runs;
    for (const auto* cell : cells) runs.push_back({&cell->experiment, cell->folder.get()});
    const auto results =
        run_session(catalog_, runs,
                    {.started = [&](const Trainer& trainer) { announce(trainer, *cells.front()); },
                     .progress = [&](const Progress& now) { report(now); },
                     .stop_requested = [&] { return must_stop(); },
                     .checkpointed = [&] { claim_.forget_deaths(); },
                     .may_write = [&] { return !claim_.is_lost(); }});
    for (std::size_t i = 0; i < results.size(); ++i) {
      if (results[i].status == RunStatus::failed) say_failed(*cells[i], results[i].failure);
    }
  }

  // What the session has not finished yet.
  void fail_unfinished(const std::vector<FrozenCell*>& cells, const std::string& reason) {
    for (auto* cell : cells) {
      const auto status = cell->folder->status();
      if (!status || !is_finished(*status)) fail(*cell, reason);
    }
  }

  void fail(FrozenCell& cell, const std::string& reason) {
    try {
      if (is_due(cell)) cell.folder->mark_failed(reason);
      say_failed(cell, reason);
    } catch (const FolderInUse&) {
      outcome_.in_use = true;
    }
  }

  void say_failed(const FrozenCell& cell, const std::string& reason) {
    ++outcome_.failed;
    if (reason != said_) hooks_.say(reason);
    said_ = reason;
    hooks_.say(fmt::format("{} is marked as failed; --retry failed starts it again",
                           cell.folder->path().string()));
  }

  void announce(const Trainer& trainer, const FrozenCell& first) const {
    hooks_.say(fmt::format("{}: {} runs from step {}, {} with {} parameters, {}",
                           first.experiment.name(), trainer.replicas(), trainer.steps_done(),
                           first.experiment.model.plugin, trainer.components().layout->count(),
                           trainer.execution()));
  }

  void report(const Progress& now) {
    const auto runs = static_cast<double>(now.runs);
    const bool is_known = now.steps_per_second > 0;
    claim_.report({now.step, now.steps, static_cast<std::int64_t>(now.runs),
                   is_known ? now.steps_per_second * runs : 0});
    hooks_.progress(now);
  }

  const Catalog& catalog_;
  HeldClaim& claim_;
  const WorkerHooks& hooks_;
  PackOutcome outcome_;
  std::string said_;
};

}  // namespace

PackOutcome train_pack(const Catalog& catalog, std::vector<FrozenCell>& cells, HeldClaim& claim,
                       const WorkerHooks& hooks) {
  return PackTraining(catalog, claim, hooks).run(cells);
}

void fail_cells(std::vector<FrozenCell>& cells, const std::string& reason) {
  for (auto& cell : cells) {
    if (is_due(cell)) cell.folder->mark_failed(reason);
  }
}

}  // namespace groklab
