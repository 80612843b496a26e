#include "train/session.h"

#include "base/clock.h"
#include "base/log.h"
#include "base/text.h"
#include "spec/scalars.h"
#include "train/backends.h"
#include "train/evaluation_points.h"
#include "train/run_facts.h"
#include "train/stop_rule.h"

#include <fmt/format.h>
#include <groklab/parallel.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <optional>
#include <utility>

namespace groklab {
namespace {

using Json = nlohmann::ordered_json;
using Clock = std::chrono::steady_clock;

class Session {
 public:
  Session(const Catalog& catalog, const std::vector<PackRun>& runs, const SessionHooks& hooks)
      : catalog_(catalog),
        hooks_(hooks),
        points_(*runs.front().experiment),
        steps_(runs.front().experiment->training.integer("steps")),
        checkpoint_every_(runs.front().experiment->checkpoint.integer("every")) {
    for (std::size_t i = 0; i < runs.size(); ++i) {
      active_.push_back({runs[i], i, StopRule(*runs[i].experiment), {}});
    }
    results_.resize(runs.size(), {RunStatus::failed, ""});
  }

  std::vector<SessionResult> run() {
    if (!get_ready()) return results_;
    resumed_at_ = trainer_->steps_done();
    for (std::size_t r = 0; r < active_.size(); ++r) {
      active_[r].run.folder->start(resumed_at_, facts_of(*trainer_, r));
      log_start(active_[r]);
    }
    hooks_.started(*trainer_);
    try {
      finish_all({train(), ""});
    } catch (const PluginFailure& failure) {
      finish_all({RunStatus::failed, failure.what()});
    } catch (const Error&) {
      throw;  // a folder cannot be written; what it holds is where a resume starts
    } catch (const std::exception& error) {
      finish_all({RunStatus::failed, message_of(error)});
      if (!is_out_of_memory(error)) throw;
    }
    return results_;
  }

 private:
  struct ActiveRun {
    PackRun run;
    std::size_t index;  // of its result
    StopRule stop_rule;
    MetricsRow last;  // the last evaluation
  };

  // Everything up to the first step, while no folder was started. False: a plugin failed the run.
  // In a pack that is thrown, for each run is to be tried by itself.
  bool get_ready() {
    try {
      make_trainer();
      restore();
      trainer_->prepare();
      return true;
    } catch (const PluginFailure& failure) {
      if (active_.size() > 1) throw;
      fail_before_start(failure.what());
      return false;
    } catch (const Error&) {
      throw;
    } catch (const std::exception& error) {
      if (active_.size() == 1) fail_before_start(message_of(error));
      throw;
    }
  }

  void fail_before_start(const std::string& reason) {
    auto& [run, index, stop_rule, last] = active_.front();
    require_right_to_write();
    run.folder->mark_failed(reason);
    results_[index] = {RunStatus::failed, reason};
    const LogFile log(run.folder->path() / "log.txt");
    spdlog::info("failed before its first step: {}", reason);
  }

  void make_trainer() {
    std::vector<Experiment> experiments;
    for (const auto& active : active_) experiments.push_back(*active.run.experiment);
    trainer_.emplace(catalog_, std::move(experiments),
                     choose_backend(catalog_, *active_.front().run.experiment));
  }

  void restore() {
    std::vector<TensorFile> checkpoints;
    for (const auto& active : active_) {
      auto checkpoint = active.run.folder->checkpoint();
      if (checkpoint) checkpoints.push_back(std::move(*checkpoint));
    }
    if (checkpoints.empty()) return;
    try {
      trainer_->restore(checkpoints);
    } catch (const Error& error) {
      throw Error(
          fmt::format("the checkpoint in {} does not fit what the plugins give now: {}; put back "
                      "what was changed, or remove the checkpoints to start the run again",
                      active_.front().run.folder->path().string(), error.what()));
    }
  }

  // done, or interrupted.
  RunStatus train() {
    if (resumed_at_ == 0) {
      evaluate();
    } else {
      read_metrics();
    }
    while (!active_.empty() && trainer_->steps_done() < steps_) {
      if (hooks_.stop_requested()) {
        write_checkpoints();
        return RunStatus::interrupted;
      }
      const auto step = trainer_->steps_done() + 1;
      trainer_->step(/*observed=*/points_.contains(step));
      if (points_.contains(step)) evaluate();
      if (step % checkpoint_every_ == 0 || step == steps_) write_checkpoints();
      report_progress();
    }
    return RunStatus::done;
  }

  // A run that ended before a kill kept it from saying so ends now.
  void read_metrics() {
    for (auto& active : active_) {
      for (const auto& row : active.run.folder->metrics()) observe(active, row);
    }
    drop_ended();
  }

  void require_right_to_write() const {
    if (hooks_.may_write()) return;
    throw FolderInUse("another process took the runs of this pack over");
  }

  void write_checkpoints() {
    require_right_to_write();
    for (std::size_t r = 0; r < active_.size(); ++r) {
      active_[r].run.folder->write_checkpoint(save(r));
    }
    hooks_.checkpointed();
  }

  TensorFile save(std::size_t r) const { return trainer_->save(static_cast<std::int64_t>(r)); }

  void evaluate() {
    const auto rows = trainer_->evaluate();
    for (std::size_t r = 0; r < active_.size(); ++r) {
      const auto& folder = active_[r].run.folder;
      const auto& last = rows[r];
      const LogFile log(folder->path() / "log.txt");
      observe(active_[r], last);
      folder->append(last);
      spdlog::info(
          "step {}: train accuracy {:.4f}, loss {:.3g}; validation accuracy {:.4f}, loss {:.3g}",
          last.step, last.at("train_accuracy"), last.at("train_loss"), last.at("val_accuracy"),
          last.at("val_loss"));
    }
    drop_ended();
  }

  static void observe(ActiveRun& active, const MetricsRow& row) {
    active.last = row;
    active.stop_rule.observe(row);
  }

  // As what a run ends before its last step, by its evaluations up to now.
  static std::optional<RunStatus> early_end(const ActiveRun& active) {
    if (!std::isfinite(active.last.at("train_loss"))) return RunStatus::diverged;
    if (active.stop_rule.stopped_at()) return RunStatus::done;
    return std::nullopt;
  }

  // Runs that end now leave, and the pack shrinks.
  void drop_ended() {
    if (std::none_of(active_.begin(), active_.end(), early_end)) return;
    require_right_to_write();
    std::vector<ActiveRun> kept;
    std::vector<TensorFile> states;
    for (std::size_t r = 0; r < active_.size(); ++r) {
      if (early_end(active_[r])) continue;
      kept.push_back(active_[r]);
      states.push_back(save(r));
    }
    const auto before = std::exchange(active_, std::move(kept));
    for (std::size_t r = 0; r < before.size(); ++r) {
      const auto end = early_end(before[r]);
      if (end == RunStatus::done) before[r].run.folder->write_checkpoint(save(r));
      if (end) finish(before[r], {*end, ""});
    }
    if (active_.empty()) return;
    make_trainer();
    trainer_->restore(states);
  }

  void report_progress() {
    const auto done = trainer_->steps_done() - resumed_at_;
    double train_accuracy = 0, val_accuracy = 0;
    for (const auto& active : active_) {
      train_accuracy += active.last.at("train_accuracy") / static_cast<double>(active_.size());
      val_accuracy += active.last.at("val_accuracy") / static_cast<double>(active_.size());
    }
    if (active_.empty()) return;
    hooks_.progress({trainer_->steps_done(), steps_, active_.size(),
                     static_cast<double>(done) / seconds_since(start_), train_accuracy,
                     val_accuracy});
  }

  void log_start(const ActiveRun& active) const {
    const auto& [experiment, folder] = active.run;
    const LogFile log(folder->path() / "log.txt");
    for (const auto& note : experiment->notes) spdlog::info("{}", note);
    spdlog::info("experiment {}: {} parameters, {} ({}), {} threads, a pack of {}, {}",
                 experiment->name(), trainer_->components().layout->count(),
                 device_name(trainer_->backend()), trainer_->execution(), thread_count(),
                 trainer_->replicas(),
                 resumed_at_ > 0 ? fmt::format("resumed at step {}", resumed_at_) : "new run");
  }

  void finish_all(const SessionResult& result) {
    require_right_to_write();
    for (const auto& active : active_) finish(active, result);
  }

  void finish(const ActiveRun& active, const SessionResult& result) {
    Json facts{{"session_seconds", seconds_since(start_)},
               {"session_steps", trainer_->steps_done() - resumed_at_}};
    if (!result.failure.empty()) facts["failure"] = result.failure;
    const bool stopped = result.status == RunStatus::done && active.stop_rule.stopped_at();
    if (stopped) facts["stopped"] = active.stop_rule.facts();
    active.run.folder->finish(result.status, facts);
    results_[active.index] = result;
    const LogFile log(active.run.folder->path() / "log.txt");
    if (stopped) spdlog::info("{}", active.stop_rule.reason());
    spdlog::info("{} at step {} {}", to_text(result.status), trainer_->steps_done(),
                 result.failure);
  }

  const Catalog& catalog_;
  const SessionHooks& hooks_;
  EvaluationPoints points_;
  std::int64_t steps_, checkpoint_every_;
  std::vector<ActiveRun> active_;  // in the order of the trainer's replicas
  std::vector<SessionResult> results_;
  std::optional<Trainer> trainer_;
  std::int64_t resumed_at_ = 0;
  Clock::time_point start_ = Clock::now();
};

}  // namespace

UsedPlugin used_plugin(const Library& library) {
  UsedPlugin plugin{library.descriptor->kind, library.descriptor->name,
                    library.path.string(),    library.hash,
                    library.content,          {}};
  for (const auto& [path, content] : library.helpers) {
    plugin.helpers.push_back({path.string(), content});
  }
  return plugin;
}

RunIdentity identity_of(const Experiment& experiment, const Catalog& catalog) {
  RunIdentity identity{experiment.name(), experiment.identity(), {}, to_yaml(experiment), {}, {}};
  for (const auto& setting : experiment.flatten()) {
    identity.settings.emplace_back(setting.key, to_text(setting.value));
    if (decides_numbers(setting.key)) {
      identity.hyperparameters.emplace_back(setting.key, setting.value);
    }
    if (!setting.content_hash.empty()) {
      identity.settings.emplace_back(setting.key + ".sha256", setting.content_hash);
    }
  }
  for (const auto& [kind, name] : experiment.plugins()) {
    identity.plugins.push_back(used_plugin(catalog.find(kind, name)));
  }
  return identity;
}

std::int64_t resumed_step(RunFolder& folder) {
  const auto checkpoint = folder.checkpoint();
  if (!checkpoint) return 0;
  const auto entry = checkpoint->metadata.find("step");
  return entry == checkpoint->metadata.end() ? 0 : parse_integer(entry->second).value_or(0);
}

std::vector<SessionResult> run_session(const Catalog& catalog, const std::vector<PackRun>& runs,
                                       const SessionHooks& hooks) {
  try {
    return Session(catalog, runs, hooks).run();
  } catch (...) {
    for (const auto& run : runs) run.folder->let_go();
    throw;
  }
}

}  // namespace groklab
