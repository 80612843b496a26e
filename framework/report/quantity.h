#pragma once

#include "report/statistics.h"

#include <cstddef>
#include <functional>
#include <string>
#include <vector>

namespace groklab {

// What is known of a number that may not have been reached: it is in [low, high]. A run of 1000
// steps that does not generalise needs [1000, ∞) of them.
struct Bounds {
  double low, high;

  bool is_known() const { return low == high; }
};

// "0.42", "≥ 1000", "≤ 0.2", "1000 to 1200".
std::string to_text(const Bounds& bounds);

// A number estimated from runs, and how it comes of a resample of them.
struct Quantity {
  // What is drawn from, each by itself: values, or the numbers of runs or seeds.
  std::vector<std::vector<double>> strata;

  std::function<Bounds(const std::vector<std::vector<double>>& drawn)> of;  // NaN: undefined
};

Quantity ratio(const Quantity& numerator, const Quantity& denominator);  // of what is not negative
Quantity difference(const Quantity& minuend, const Quantity& subtrahend);

// The 95 % interval goes from the 2.5 % quantile of the lower bounds of resamples, each stratum
// resampled by itself, to the 97.5 % quantile of their upper bounds.
struct Estimate {
  Bounds value;
  Interval interval;
  std::size_t samples = 0;  // in the smallest stratum
};

Estimate estimate(const Quantity& quantity);

}  // namespace groklab
