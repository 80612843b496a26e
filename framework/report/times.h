#pragma once

#include "report/quantity.h"
#include "report/replicates.h"
#include "report/statistics.h"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace groklab {

// What is waited for in a run: the step of its summary, and the accuracy that has to stay at or
// above Summary::kSolved (nullptr: one evaluation is enough).
struct Event {
  std::optional<std::int64_t> Summary::*reached;
  const char* sustained_column = nullptr;
};

// `criterion`: "first", the first evaluation at or above Summary::kSolved; "sustained", the first
// that the next Summary::kSustain keep to.
Event generalization(const std::string& criterion);
Event memorization(const std::string& criterion);

// The step at which the good evaluations at the end of a run begin, if they are too few to be
// sustained: a longer run may have been sustained from there. nullopt: there are none.
std::optional<double> unfinished_stretch(const StudyCell& cell, const Event& event);

// The steps that a run takes until an event, 1 for one before the first step. A run that did not
// get there takes more than its budget, or at least as many as its unfinished stretch begins at.
Bounds steps_of(const Study& study, const StudyCell& cell, const Event& event);

// The steps of the runs at one fraction.
struct Times {
  double fraction = 0;
  std::vector<Bounds> steps;   // rising
  double budget = 0;           // the largest that one of the runs had
  std::size_t never = 0;       // runs that did not get there
  std::size_t unfinished = 0;  // runs that may have, in a stretch that their end cut off
};

// Whether its fraction is in [from, to].
bool is_between(const Times& times, double from, double to);

std::vector<Times> times_of(const Study& study, const FractionSeries& series, const Event& event);

// How many percent more steps a hundredth of the table less costs, by the line of least squares
// through log10 of the median steps over the fraction. Medians that were not reached bound it.
Quantity percent_slope(const std::vector<Times>& all);

// That line; nullopt: not all medians were reached.
std::optional<Line> median_line(const std::vector<Times>& all);

}  // namespace groklab
