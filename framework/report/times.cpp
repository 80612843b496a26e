#include "report/times.h"

#include "report/quantity.h"

#include <algorithm>
#include <cmath>

namespace groklab {
Event generalization(const std::string& criterion) {
  return criterion == "sustained" ? &Summary::sustained_generalize : &Summary::steps_to_generalize;
}

Event memorization(const std::string& criterion) {
  return criterion == "sustained" ? &Summary::sustained_memorize : &Summary::steps_to_memorize;
}

bool is_between(const Times& times, double from, double to) {
  constexpr double kRounding = 1e-9;
  return times.fraction >= from - kRounding && times.fraction <= to + kRounding;
}

std::vector<Times> times_of(const Study& study, const FractionSeries& series, Event event) {
  std::vector<Times> all;
  for (const auto& [fraction, cells] : series.fractions) {
    Times times{fraction, {}, 0, 0};
    for (const auto* cell : cells) {
      const auto step = cell->summary.*event;
      times.steps.push_back(step ? std::max(1.0, static_cast<double>(*step)) : kNever);
      times.censored += !step;
      times.budget = std::max(times.budget, static_cast<double>(study.planned(*cell).steps));
    }
    all.push_back(std::move(times));
  }
  return all;
}

Line fit_medians(const std::vector<double>& fractions,
                 const std::vector<std::vector<double>>& samples) {
  std::vector<double> x, y;
  for (std::size_t i = 0; i < fractions.size(); ++i) {
    const double middle = median(samples[i]);
    if (!std::isfinite(middle) || middle <= 0) continue;
    x.push_back(fractions[i]);
    y.push_back(std::log10(middle));
  }
  return fit_line(x, y);
}

double percent_more(double slope) { return 100 * (std::pow(10, -slope / 100) - 1); }

}  // namespace groklab
