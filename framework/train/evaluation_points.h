#pragma once

#include "spec/experiment.h"

#include <cstdint>
#include <vector>

namespace groklab {

// The steps at which a run is evaluated: 0, the last, and between them every `every` steps or, with
// points_per_decade n, the powers 10^(k/n), k = 0, 1, 2, …, each rounded to a whole step.
class EvaluationPoints {
 public:
  explicit EvaluationPoints(const Experiment& experiment);

  bool contains(std::int64_t step) const;
  std::int64_t count() const;

 private:
  std::int64_t last_, every_;
  std::vector<std::int64_t> points_;  // all of them, ascending; empty: every `every_` steps
};

}  // namespace groklab
