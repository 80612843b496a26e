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

std::int64_t EvaluationPoints::count() const {
  std::int64_t between = 0;  // the first and the last
  if (per_decade_ == 0) {
    between = (last_ - 1) / every_;
  } else {
    std::int64_t before = 0;
    for (std::int64_t k = 0; before < last_; ++k) {
      const auto power = static_cast<double>(k) / static_cast<double>(per_decade_);
      const auto step = std::llround(std::pow(10.0, power));
      if (step > before && step < last_ && contains(step)) ++between;
      before = step;
    }
  }
  return 2 + between;
}

}  // namespace groklab
