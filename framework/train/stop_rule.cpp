#include "train/stop_rule.h"

#include <fmt/format.h>

namespace groklab {

StopRule::StopRule(const Experiment& experiment, const std::vector<MetricsRow>& rows)
    : on_generalization_(experiment.stop.text("when") == "generalized"),
      patience_(experiment.stop.integer("patience")),
      last_step_(experiment.training.integer("steps")) {
  for (const auto& row : rows) observe(row);
}

void StopRule::observe(const MetricsRow& row) {
  if (!on_generalization_ || stopped_at_) return;
  const bool solved = row.at("val_accuracy") >= Summary::kSolved;  // NaN is not
  if (!solved) {
    solved_since_.reset();
    return;
  }
  if (!solved_since_) solved_since_ = row.step;
  // The last step ends the run anyway.
  if (row.step - *solved_since_ >= patience_ && row.step < last_step_) stopped_at_ = row.step;
}

std::string StopRule::reason() const {
  return fmt::format("stopped at step {} of {}: validation accuracy at least {} since step {}",
                     stopped_at_.value(), last_step_, Summary::kSolved, solved_since_.value());
}

nlohmann::ordered_json StopRule::facts() const {
  return {{"when", "generalized"}, {"step", stopped_at_.value()}, {"patience", patience_}};
}

}  // namespace groklab
