#include "store/run_result.h"

#include "base/setting_keys.h"

#include <limits>

namespace groklab {
namespace {

// A step, or null for one that was never reached. Earlier versions recorded fewer of them.
std::optional<std::int64_t> step_in(const JsonField& summary, const char* key) {
  const auto step = summary.find(key);
  if (!step || step->json().is_null()) return std::nullopt;
  return step->integer(0, kMostSteps);
}

// NaN where it is null, as what is not finite is written, or missing.
double number_in(const JsonField& summary, const char* key) {
  const auto number = summary.find(key);
  if (!number || number->json().is_null()) return std::numeric_limits<double>::quiet_NaN();
  return number->number();
}

}  // namespace

std::optional<Summary> recorded_summary(const JsonField& run) {
  const auto found = run.find("summary");
  if (!found) return std::nullopt;
  const auto& json = *found;
  Summary summary;
  summary.steps = step_in(json, "steps").value_or(0);
  summary.train_accuracy = number_in(json, "train_accuracy");
  summary.val_accuracy = number_in(json, "val_accuracy");
  summary.best_val_accuracy = number_in(json, "best_val_accuracy");
  summary.train_loss = number_in(json, "train_loss");
  summary.val_loss = number_in(json, "val_loss");
  summary.steps_to_memorize = step_in(json, "steps_to_memorize");
  summary.steps_to_generalize = step_in(json, "steps_to_generalize");
  summary.sustained_memorize = step_in(json, "sustained_steps_to_memorize");
  summary.sustained_generalize = step_in(json, "sustained_steps_to_generalize");
  return summary;
}

std::optional<std::int64_t> recorded_stop(const JsonField& run) {
  const auto stopped = run.find("stopped");
  return stopped ? std::optional(stopped->at("step").integer(0, kMostSteps)) : std::nullopt;
}

}  // namespace groklab
