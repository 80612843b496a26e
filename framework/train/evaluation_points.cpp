#include "train/evaluation_points.h"

#include <cmath>

namespace groklab {

EvaluationPoints::EvaluationPoints(const Experiment& experiment)
    : last_(experiment.training.integer("steps")),
      every_(experiment.evaluation.integer("every")),
      per_decade_(experiment.evaluation.integer("points_per_decade")) {}

bool EvaluationPoints::contains(std::int64_t step) const {
  if (step == 0 || step == last_) return true;
  if (per_decade_ == 0) return step % every_ == 0;
  const auto points = static_cast<double>(per_decade_);
  const auto nearest = std::round(points * std::log10(static_cast<double>(step)));
  return std::llround(std::pow(10.0, nearest / points)) == step;
}

}  // namespace groklab
