#pragma once

#include "spec/experiment.h"

#include <cstdint>

namespace groklab {

// The steps at which a run is evaluated: 0, the last, and between them every `every` steps or, with
// points_per_decade n, the rounded powers 10^(k/n).
class EvaluationPoints {
 public:
  explicit EvaluationPoints(const Experiment& experiment);

  bool contains(std::int64_t step) const;
  std::int64_t count() const;

 private:
  std::int64_t last_, every_, per_decade_;
};

}  // namespace groklab
