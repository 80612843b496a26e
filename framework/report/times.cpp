#include "report/times.h"

#include <algorithm>
#include <cmath>

namespace groklab {
namespace {

using Values = std::vector<double>;

Bounds median_at(const Times& times, const Values& runs) {
  return median_of(times.steps).of({runs});
}

double percent_more(double slope) { return 100 * (std::pow(10, -slope / 100) - 1); }

// The slope grows with what lies above the mean fraction and falls with what lies below it.
Bounds percent_of(const std::vector<Times>& all, const std::vector<Values>& drawn) {
  double centre = 0;
  for (const auto& times : all) centre += times.fraction / static_cast<double>(all.size());
  Values fractions, flattest, steepest;
  bool is_steepest_known = true, is_flattest_known = true;
  for (std::size_t i = 0; i < all.size(); ++i) {
    constexpr double kRounding = 1e-9;
    const auto [low, high] = median_at(all[i], drawn[i]);
    const double offset = all[i].fraction - centre;
    fractions.push_back(all[i].fraction);
    steepest.push_back(offset < -kRounding ? high : low);
    flattest.push_back(offset > kRounding ? high : low);
    is_steepest_known = is_steepest_known && std::isfinite(steepest.back());
    is_flattest_known = is_flattest_known && std::isfinite(flattest.back());
  }
  const auto percent = [&](Values steps) {
    for (auto& step : steps) step = std::log10(step);
    return percent_more(fit_line(fractions, steps).slope);
  };
  return {is_flattest_known ? percent(flattest) : -100,
          is_steepest_known ? percent(steepest) : kNever};
}

}  // namespace

Event generalization(const std::string& criterion) {
  if (criterion == "sustained") {
    return {&Summary::sustained_generalize, "val_accuracy"};
  }
  return {&Summary::steps_to_generalize};
}

Event memorization(const std::string& criterion) {
  if (criterion == "sustained") {
    return {&Summary::sustained_memorize, "train_accuracy"};
  }
  return {&Summary::steps_to_memorize};
}

std::optional<double> unfinished_stretch(const StudyCell& cell, const Event& event) {
  if (event.sustained_column == nullptr || cell.summary.*event.reached) return std::nullopt;
  const auto* accuracies = cell.curves.find(event.sustained_column);
  if (accuracies == nullptr) return std::nullopt;
  auto i = accuracies->size();
  while (i > 0 && (*accuracies)[i - 1] >= Summary::kSolved) --i;
  return i == accuracies->size() ? std::nullopt : std::optional(cell.curves.steps[i]);
}

Bounds steps_of(const Study& study, const StudyCell& cell, const Event& event) {
  if (const auto& step = cell.summary.*event.reached) {
    const double known = std::max(1.0, static_cast<double>(*step));
    return {known, known};
  }
  if (const auto start = unfinished_stretch(cell, event)) return {std::max(1.0, *start), kNever};
  return {beyond(static_cast<double>(study.planned(cell).steps)), kNever};
}

bool is_between(const Times& times, double from, double to) {
  constexpr double kRounding = 1e-9;
  return times.fraction >= from - kRounding && times.fraction <= to + kRounding;
}

std::vector<Times> times_of(const Study& study, const FractionSeries& series, const Event& event) {
  std::vector<Times> all;
  for (const auto& [fraction, cells] : series.fractions) {
    Times times;
    times.fraction = fraction;
    for (const auto* cell : cells) {
      const bool is_unfinished = unfinished_stretch(*cell, event).has_value();
      times.steps.push_back(steps_of(study, *cell, event));
      times.unfinished += is_unfinished;
      times.never += !times.steps.back().is_known() && !is_unfinished;
      times.budget = std::max(times.budget, static_cast<double>(study.planned(*cell).steps));
    }
    std::sort(times.steps.begin(), times.steps.end(), [](const Bounds& a, const Bounds& b) {
      return std::pair(a.low, a.high) < std::pair(b.low, b.high);
    });
    all.push_back(std::move(times));
  }
  return all;
}

Quantity percent_slope(const std::vector<Times>& all) {
  Quantity slope;
  for (const auto& times : all) slope.strata.push_back(first_numbers(times.steps.size()));
  slope.of = [all](const auto& drawn) { return percent_of(all, drawn); };
  return slope;
}

std::optional<Line> median_line(const std::vector<Times>& all) {
  Values fractions, logarithms;
  for (const auto& times : all) {
    const auto middle = median_at(times, first_numbers(times.steps.size()));
    if (!middle.is_known()) return std::nullopt;
    fractions.push_back(times.fraction);
    logarithms.push_back(std::log10(middle.low));
  }
  return fit_line(fractions, logarithms);
}

}  // namespace groklab
