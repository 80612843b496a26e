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

Quantity mean_of_values(Values values) {
  return {{std::move(values)}, [](const auto& drawn) {
            const double known = mean(drawn.front());
            return Bounds{known, known};
          }};
}

// NaN: the number was not measured, or hangs on one that is not finite, as of a run that diverged.
double taken(const Curves& curves, const std::string& name, const std::string& take) {
  const auto& column = *curves.find(name);
  const double last = std::isfinite(column.back()) ? column.back() : kNaN;
  if (take == "last") return last;
  if (curves.not_finite.contains(name)) return kNaN;
  Values values;
  std::copy_if(column.begin(), column.end(), std::back_inserter(values), [](double value) {
    return std::isfinite(value);
  });  // else it was not measured there
  if (values.empty()) return kNaN;
  const auto [least, greatest] = std::minmax_element(values.begin(), values.end());
  if (take == "first") return values.front();
  if (take == "greatest") return *greatest;
  if (take == "least") return *least;
  return *greatest / (take == "rise" ? values.front() : last);
}

}  // namespace

Quantity best_accuracy(const Cells& cells) {
  Values values;
  for (const auto* cell : cells) values.push_back(cell->summary.best_val_accuracy);
  return mean_of_values(std::move(values));
}

Quantity event_share(const Cells& cells, Event event) {
  std::vector<Bounds> bounds;
  std::size_t reached = 0, may_have = 0;
  for (const auto* cell : cells) {
    const bool is_reached = (cell->summary.*event.reached).has_value();
    const bool is_unfinished = unfinished_stretch(*cell, event).has_value();
    bounds.push_back({is_reached ? 1.0 : 0.0, is_reached || is_unfinished ? 1.0 : 0.0});
    reached += is_reached;
    may_have += is_reached || is_unfinished;
  }
  auto share = mean_of(std::move(bounds));
  share.interval = {share_interval(reached, cells.size()).low,
                    share_interval(may_have, cells.size()).high};
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
  for (const auto& one : series) {
    for (auto& times : times_of(study, one, event)) {
      if (is_between(times, from, to)) all.push_back(std::move(times));
    }
  }
  if (all.size() < 2) throw Error("time_slope needs two fractions between fit_from and fit_to");
  return percent_slope(all);
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
    const double value = cell->curves.find(column) != nullptr
                             ? taken(cell->curves, column, take)
                             : number_of(*cell, column).value_or(kNaN);
    if (std::isnan(value)) {
      throw Error(fmt::format("{} of a run is not there or not finite", column));
    }
    values.push_back(value);
  }
  return mean_of_values(std::move(values));
}

Quantity rank_correlation(const Study& study, const Cells& cells, const std::string& x,
                          const std::string& y) {
  require_number(cells, "x", x);
  require_number(cells, "y", y);
  const auto all_x = numbers_to_rank(study, cells, x), all_y = numbers_to_rank(study, cells, y);
  if (std::isnan(rank_correlation(all_x, all_y))) {
    throw Error(fmt::format(
        "there is no rank correlation: {}",
        cells.size() < 3 ? "there are fewer than three runs" : "x or y is the same in all runs"));
  }
  return {{first_numbers(cells.size())}, [all_x, all_y](const auto& drawn) {
            Values xs, ys;
            for (const double run : drawn.front()) {
              xs.push_back(all_x[static_cast<std::size_t>(run)]);
              ys.push_back(all_y[static_cast<std::size_t>(run)]);
            }
            const double rho = rank_correlation(xs, ys);
            return std::isnan(rho) ? Bounds{-1, 1} : Bounds{rho, rho};
          }};
}

}  // namespace groklab
