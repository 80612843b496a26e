#pragma once

#include "report/statistics.h"

#include <cstddef>
#include <functional>
#include <limits>
#include <optional>
#include <string>
#include <vector>

namespace groklab {

// How many steps, how much data it takes to get where one never gets.
inline constexpr double kNever = std::numeric_limits<double>::infinity();

// What is known of a number that may not have been reached: it is in [low, high]. A run of 1000
// steps that does not generalise needs (1000, ∞) of them.
struct Bounds {
  double low, high;

  bool is_known() const { return low == high; }
};

// The least number above what was not reached: what takes more than 1000 steps is not at most 1000.
double beyond(double number);

// To 15 significant digits, which every number that was written has: 1000 for beyond(1000).
double without_rounding(double number);

// 0 / 0 and ∞ / ∞ may be anything.
Bounds operator/(const Bounds& a, const Bounds& b);  // of what is not negative
Bounds operator-(const Bounds& a, const Bounds& b);

// "0.4213", "12345", "∞".
std::string number_text(double number);

// "0.42", "> 1000", "≥ 900", "≤ 0.2", "1000 to 1200".
std::string to_text(const Bounds& bounds);

// 0, 1, …: numbers of runs, to be drawn from.
std::vector<double> first_numbers(std::size_t count);

// A number estimated from runs, and how it comes of a resample of them.
struct Quantity {
  // What is drawn from, each by itself: values, or the numbers of runs or seeds.
  std::vector<std::vector<double>> strata;

  // NaN: undefined. One that nothing is known of is in (-∞, ∞), or in the range of its kind.
  std::function<Bounds(const std::vector<std::vector<double>>& drawn)> of;

  std::optional<Interval> interval{};  // where one is known that is better than a bootstrap's
};

// The mean and the median of numbers of which bounds are known, each drawn by itself.
Quantity mean_of(std::vector<Bounds> numbers);
Quantity median_of(std::vector<Bounds> numbers);

// How two are resampled: each by itself; or together, where the i-th that one is drawn from belongs
// to the i-th of the other. Those have one stratum each, of one length, and no known interval.
enum class Draws { apart, together };

// Of two intervals that are known, what they leave possible.
Quantity ratio(const Quantity& numerator, const Quantity& denominator, Draws draws);
Quantity difference(const Quantity& minuend, const Quantity& subtrahend, Draws draws);

// The 95 % interval: where none is known, from the 2.5 % quantile of the lower bounds of resamples,
// each stratum resampled by itself, to the 97.5 % quantile of their upper bounds. No resample is
// left out: an infinite bound is as good as another, and NaN makes the interval NaN.
struct Estimate {
  Bounds value;
  Interval interval;
  std::size_t samples = 0;  // in the smallest stratum
};

Estimate estimate(const Quantity& quantity);

}  // namespace groklab
