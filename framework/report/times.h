#pragma once

#include "report/replicates.h"
#include "report/statistics.h"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace groklab {

// What is waited for: the step of a run's summary.
using Event = std::optional<std::int64_t> Summary::*;

// `criterion`: "first", the first evaluation at or above Summary::kSolved; "sustained", the first
// that the next Summary::kSustain keep to.
Event generalization(const std::string& criterion);
Event memorization(const std::string& criterion);

// The steps of the runs at one fraction, 1 for those that were there before the first; one that
// never got there has infinitely many.
struct Times {
  double fraction = 0;
  std::vector<double> steps;
  double budget = 0;  // the largest that one of the runs had
  std::size_t censored = 0;
};

// Whether its fraction is in [from, to].
bool is_between(const Times& times, double from, double to);

std::vector<Times> times_of(const Study& study, const FractionSeries& series, Event event);

// log10 of the median steps as a line over the fraction, over fractions whose median is finite.
Line fit_medians(const std::vector<double>& fractions,
                 const std::vector<std::vector<double>>& samples);

// How many percent more steps a hundredth of the table less costs, by the slope of such a line.
double percent_more(double slope);

}  // namespace groklab
