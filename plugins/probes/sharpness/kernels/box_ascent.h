#pragma once

#include <functional>
#include <utility>
#include <vector>

namespace sharpness {

// y → value and gradient of what is to be made large.
using Objective = std::function<std::pair<double, std::vector<double>>(const std::vector<double>&)>;

// The largest value that at most `iterations` steps from y = 0 find in the box |y_i| ≤ bounds_i,
// all bounds > 0. A limited-memory quasi-Newton ascent that stays in the box by projection, in the
// manner of L-BFGS-B (Byrd, Lu, Nocedal and Zhu 1995): the value at 0, and one evaluation a step if
// its first length is good enough, at most kTrials.
double box_maximum(const Objective& objective, const std::vector<double>& bounds, int iterations);

inline constexpr int kTrials = 20;

}  // namespace sharpness
