#include "train/evaluation_points.h"

#include <algorithm>
#include <cmath>

namespace groklab {
namespace {

// Ascending, each once.
std::vector<std::int64_t> logarithmic_points(std::int64_t per_decade, std::int64_t last) {
  std::vector<std::int64_t> points{0};
  for (std::int64_t k = 0;; ++k) {
    const auto power = static_cast<double>(k) / static_cast<double>(per_decade);
    const auto step = std::round(std::pow(10.0, power));
    if (step >= static_cast<double>(last)) break;
    const auto whole = static_cast<std::int64_t>(step);
    if (whole != points.back()) points.push_back(whole);
  }
  points.push_back(last);
  return points;
}

}  // namespace

EvaluationPoints::EvaluationPoints(const Experiment& experiment)
    : last_(experiment.training.integer("steps")), every_(experiment.evaluation.integer("every")) {
  const auto per_decade = experiment.evaluation.integer("points_per_decade");
  if (per_decade > 0) points_ = logarithmic_points(per_decade, last_);
}

bool EvaluationPoints::contains(std::int64_t step) const {
  if (!points_.empty()) return std::binary_search(points_.begin(), points_.end(), step);
  return step == last_ || (step >= 0 && step < last_ && step % every_ == 0);
}

std::int64_t EvaluationPoints::count() const {
  if (!points_.empty()) return static_cast<std::int64_t>(points_.size());
  return 2 + (last_ - 1) / every_;  // the first, the last, and those between
}

}  // namespace groklab
