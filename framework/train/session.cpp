#include "train/session.h"

#include "base/log.h"
#include "base/text.h"
#include "base/version.h"
#include "train/evaluation_points.h"

#include <fmt/format.h>
#include <groklab/parallel.h>

#include <chrono>
#include <cmath>

namespace groklab {
namespace {

using Json = nlohmann::ordered_json;
using Clock = std::chrono::steady_clock;

double seconds_since(Clock::time_point start) {
  return std::chrono::duration<double>(Clock::now() - start).count();
}

// What the numbers were made with.
Json facts_of(const Trainer& trainer, const Experiment& experiment) {
  const auto& split = trainer.splits().front();
  return {{"groklab", kVersion},
          {"libtorch", TORCH_VERSION},
          {"device", choose_device(experiment).str()},
          {"threads", thread_count()},
          {"parameters", trainer.components().layout->count()},
          {"train_rows", split.train.size()},
          {"val_rows", split.validation.size()},
          {"batch_size", trainer.sampler(0).batch_size()}};
}

class Session {
 public:
  Session(Trainer& trainer, const Experiment& experiment, RunFolder& folder,
          const SessionHooks& hooks)
      : trainer_(trainer),
        experiment_(experiment),
        folder_(folder),
        hooks_(hooks),
        points_(experiment),
        steps_(experiment.training.integer("steps")),
        checkpoint_every_(experiment.checkpoint.integer("every")) {}

  SessionResult run() {
    restore();
    resumed_at_ = trainer_.steps_done();
    folder_.start(resumed_at_, facts_of(trainer_, experiment_));
    const LogFile log(folder_.path() / "log.txt");
    log_start();
    SessionResult result{RunStatus::failed, ""};
    try {
      result.status = train();
    } catch (const PluginFailure& failure) {
      result.failure = failure.what();
    } catch (const Error&) {
      throw;  // the folder cannot be written; what it holds is where a resume starts
    } catch (const std::exception& error) {
      result.failure = message_of(error);
      finish(result);
      throw;
    }
    finish(result);
    return result;
  }

 private:
  void restore() {
    const auto checkpoint = folder_.checkpoint();
    if (!checkpoint) return;
    try {
      trainer_.restore({*checkpoint});
    } catch (const Error& error) {
      throw Error(
          fmt::format("{}/checkpoint.safetensors does not fit this run: {}; remove it to "
                      "start the run again",
                      folder_.path().string(), error.what()));
    }
  }

  RunStatus train() {
    if (resumed_at_ == 0) {
      if (!evaluate()) return RunStatus::diverged;
    } else if (const auto rows = folder_.metrics(); !rows.empty()) {
      last_ = rows.back();
    }
    while (trainer_.steps_done() < steps_) {
      if (hooks_.stop_requested()) {
        folder_.write_checkpoint(trainer_.save(0));
        return RunStatus::interrupted;
      }
      trainer_.step();
      const auto step = trainer_.steps_done();
      if (points_.contains(step) && !evaluate()) return RunStatus::diverged;
      if (step % checkpoint_every_ == 0 || step == steps_) {
        folder_.write_checkpoint(trainer_.save(0));
      }
      report_progress();
    }
    return RunStatus::done;
  }

  // False: the training loss is no longer finite.
  bool evaluate() {
    last_ = trainer_.evaluate().front();
    folder_.append(last_);
    spdlog::info(
        "step {}: train accuracy {:.4f}, loss {:.3g}; validation accuracy {:.4f}, loss {:.3g}",
        last_.step, last_.at("train_accuracy"), last_.at("train_loss"), last_.at("val_accuracy"),
        last_.at("val_loss"));
    return std::isfinite(last_.at("train_loss"));
  }

  void report_progress() {
    const auto done = trainer_.steps_done() - resumed_at_;
    const auto seconds = seconds_since(start_);
    hooks_.progress({trainer_.steps_done(), steps_, static_cast<double>(done) / seconds,
                     last_.at("train_accuracy"), last_.at("val_accuracy")});
  }

  void log_start() const {
    for (const auto& note : experiment_.notes) spdlog::info("{}", note);
    spdlog::info("experiment {}: {} parameters, {} threads, {}", experiment_.name(),
                 trainer_.components().layout->count(), thread_count(),
                 resumed_at_ > 0 ? fmt::format("resumed at step {}", resumed_at_) : "new run");
  }

  void finish(const SessionResult& result) {
    Json facts{{"session_seconds", seconds_since(start_)},
               {"session_steps", trainer_.steps_done() - resumed_at_}};
    if (!result.failure.empty()) facts["failure"] = result.failure;
    folder_.finish(result.status, facts);
    spdlog::info("{} at step {} {}", to_text(result.status), trainer_.steps_done(), result.failure);
  }

  Trainer& trainer_;
  const Experiment& experiment_;
  RunFolder& folder_;
  const SessionHooks& hooks_;
  EvaluationPoints points_;
  std::int64_t steps_, checkpoint_every_;
  std::int64_t resumed_at_ = 0;
  MetricsRow last_;
  Clock::time_point start_ = Clock::now();
};

}  // namespace

RunIdentity identity_of(const Experiment& experiment, const Catalog& catalog) {
  RunIdentity identity{experiment.name(), experiment.identity(), {}, to_yaml(experiment), {}};
  for (const auto& setting : experiment.flatten()) {
    identity.settings.emplace_back(setting.key, to_text(setting.value));
  }
  for (const auto& [kind, name] : experiment.plugins()) {
    const auto& library = catalog.find(kind, name);
    identity.plugins.push_back({kind, name, library.path.string(), library.hash});
  }
  return identity;
}

SessionResult run_session(Trainer& trainer, const Experiment& experiment, RunFolder& folder,
                          const SessionHooks& hooks) {
  return Session(trainer, experiment, folder, hooks).run();
}

}  // namespace groklab
