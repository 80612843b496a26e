#include "report/measures.h"

#include "report/ranking.h"
#include "report/replicates.h"
#include "report/run_numbers.h"

#include <fmt/format.h>
#include <groklab/error.h>

#include <algorithm>
#include <cmath>
#include <limits>

namespace groklab {
namespace {

constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();

using Cells = std::vector<const StudyCell*>;
using Values = std::vector<double>;

Quantity mean_of(Values values) {
  return {{std::move(values)}, [](const auto& drawn) {
            const double known = mean(drawn.front());
            return Bounds{known, known};
          }};
}

Quantity median_of(std::vector<Bounds> bounds) {
  const auto runs = first_numbers(bounds.size());
  return {{runs}, [bounds = std::move(bounds)](const auto& drawn) {
            Values lows, highs;
            for (const double run : drawn.front()) {
              lows.push_back(bounds[static_cast<std::size_t>(run)].low);
              highs.push_back(bounds[static_cast<std::size_t>(run)].high);
            }
            return Bounds{median(lows), median(highs)};
          }};
}

// 1 for what was there before the first step.
Bounds steps_of(const Study& study, const StudyCell& cell, Event event) {
  if (const auto& step = cell.summary.*event) {
    const double known = std::max<double>(1, static_cast<double>(*step));
    return {known, known};
  }
  return {beyond(static_cast<double>(study.planned(cell).steps)), kNever};
}

// The slope of the line through the medians, each at its budget where it was not reached. Such a
// median lies higher, so the line is steeper if it is of less than the mean fraction, else flatter.
Bounds slope_of(const std::vector<Times>& all, const std::vector<Values>& drawn) {
  Values fractions;
  std::vector<Values> medians;
  double center = 0;
  for (const auto& times : all) center += times.fraction / static_cast<double>(all.size());
  bool is_steeper = false, is_flatter = false;
  for (std::size_t i = 0; i < all.size(); ++i) {
    const double middle = median(drawn[i]);
    is_steeper |= std::isinf(middle) && all[i].fraction < center;
    is_flatter |= std::isinf(middle) && all[i].fraction >= center;
    fractions.push_back(all[i].fraction);
    medians.push_back({std::min(middle, all[i].budget)});
  }
  const double percent = percent_more(fit_medians(fractions, medians).slope);
  return {is_flatter ? -100 : percent, is_steeper ? kNever : percent};
}

// The last evaluation counts for what it is: a loss that is not finite is no number.
double taken(const Values& column, const std::string& take) {
  Values values;
  std::copy_if(column.begin(), column.end(), std::back_inserter(values),
               [](double value) { return std::isfinite(value); });
  if (values.empty()) return kNaN;
  const auto [least, greatest] = std::minmax_element(values.begin(), values.end());
  if (take == "first") return values.front();
  if (take == "greatest") return *greatest;
  if (take == "least") return *least;
  if (take == "rise") return *greatest / values.front();
  const double last = std::isfinite(column.back()) ? column.back() : kNaN;
  return take == "fall" ? *greatest / last : last;
}

}  // namespace

Quantity best_accuracy(const Cells& cells) {
  Values values;
  for (const auto* cell : cells) values.push_back(cell->summary.best_val_accuracy);
  return mean_of(std::move(values));
}

Quantity event_share(const Cells& cells, Event event) {
  Values values;
  for (const auto* cell : cells) values.push_back((cell->summary.*event).has_value() ? 1 : 0);
  const auto count = static_cast<std::size_t>(std::count(values.begin(), values.end(), 1));
  auto share = mean_of(std::move(values));
  share.interval = share_interval(count, cells.size());
  return share;
}

Quantity steps_until(const Study& study, const Cells& cells, Event event) {
  std::vector<Bounds> bounds;
  for (const auto* cell : cells) bounds.push_back(steps_of(study, *cell, event));
  return median_of(std::move(bounds));
}

Quantity delay(const Study& study, const Cells& cells, Event from, Event until) {
  std::vector<Bounds> bounds;
  for (const auto* cell : cells) {
    bounds.push_back(steps_of(study, *cell, until) / steps_of(study, *cell, from));
  }
  return median_of(std::move(bounds));
}

Quantity data_needed(const Study& study, const Cells& cells, double threshold) {
  const DataNeeded needed(study, cells, threshold);
  return {{needed.seeds()}, [needed](const auto& drawn) { return needed.of(drawn.front()); }};
}

Quantity time_slope(const Study& study, const Cells& cells, Event event, double from, double to) {
  const auto series = by_fraction(study, cells, kFractionKey, "time_slope");
  std::vector<Times> all;
  Quantity slope;
  for (const auto& one : series) {
    for (auto& times : times_of(study, one, event)) {
      if (!is_between(times, from, to)) continue;
      slope.strata.push_back(times.steps);
      all.push_back(std::move(times));
    }
  }
  if (all.size() < 2) throw Error("time_slope needs two fractions between fit_from and fit_to");
  slope.of = [all](const auto& drawn) { return slope_of(all, drawn); };
  return slope;
}

Quantity column_mean(const Cells& cells, const std::string& column, const std::string& take) {
  require_number(cells, "column", column);
  if (is_step_number(column) && column != "steps") {
    throw Error(
        fmt::format("{} is a statistic of its own, which knows of runs that never get "
                    "there; name it by statistic",
                    column));
  }
  if (is_summary_number(column) && take != "last") {
    throw Error(fmt::format("there is one {} a run; leave out take", column));
  }
  Values values;
  for (const auto* cell : cells) {
    const auto* measured = cell->curves.find(column);
    const double value =
        measured != nullptr ? taken(*measured, take) : number_of(*cell, column).value_or(kNaN);
    if (std::isnan(value)) {
      throw Error(fmt::format("{} of a run is not there or not finite", column));
    }
    values.push_back(value);
  }
  return mean_of(std::move(values));
}

Quantity rank_correlation(const Cells& cells, const std::string& x, const std::string& y) {
  std::vector<Values> numbers;
  for (const auto& [option, name] : {std::pair("x", x), {"y", y}}) {
    require_number(cells, option, name);
    auto& values = numbers.emplace_back();
    for (const auto* cell : cells) {
      const auto number = number_of(*cell, name);
      if (!number && !is_step_number(name)) {
        throw Error(fmt::format("{} of a run is not there or not finite", name));
      }
      values.push_back(number.value_or(kNever));
    }
  }
  return {{first_numbers(cells.size())}, [numbers](const auto& drawn) {
            std::vector<Values> pairs(2);
            for (const double run : drawn.front()) {
              for (std::size_t i = 0; i < 2; ++i) {
                pairs[i].push_back(numbers[i][static_cast<std::size_t>(run)]);
              }
            }
            const double rho = rank_correlation(pairs[0], pairs[1]);
            return Bounds{rho, rho};
          }};
}

}  // namespace groklab
