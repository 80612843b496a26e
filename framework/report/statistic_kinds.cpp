#include "report/statistic_kinds.h"

#include "report/ranking.h"
#include "report/replicates.h"
#include "report/run_numbers.h"
#include "report/times.h"

#include <fmt/format.h>
#include <groklab/error.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

namespace groklab {
namespace {

constexpr double kNever = std::numeric_limits<double>::infinity();
constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();

using Cells = std::vector<const StudyCell*>;
using Values = std::vector<double>;

std::vector<double> first_numbers(std::size_t count) {
  std::vector<double> numbers(count);
  std::iota(numbers.begin(), numbers.end(), 0.0);
  return numbers;
}

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
Bounds steps_until(const StudyCell& cell, Event event) {
  const auto& step = cell.summary.*event;
  const auto known = std::max<double>(1, static_cast<double>(step.value_or(cell.summary.steps)));
  return {known, step ? known : kNever};
}

Quantity steps_to(const Cells& cells, Event event) {
  std::vector<Bounds> bounds;
  for (const auto* cell : cells) bounds.push_back(steps_until(*cell, event));
  return median_of(std::move(bounds));
}

Quantity delay(const Cells& cells, const std::string& criterion) {
  std::vector<Bounds> bounds;
  for (const auto* cell : cells) {
    const auto generalized = steps_until(*cell, generalization(criterion));
    const auto memorized = steps_until(*cell, memorization(criterion));
    bounds.push_back({generalized.low / memorized.high, generalized.high / memorized.low});
  }
  return median_of(std::move(bounds));
}

Quantity data_needed(const Study& study, const Cells& cells, double threshold) {
  const DataNeeded needed(study, cells, threshold);
  return {{needed.seeds()}, [needed](const auto& drawn) { return needed.of(drawn.front()); }};
}

Quantity time_slope(const Study& study, const Cells& cells, const Params& options) {
  const auto all = by_fraction(study, cells, "", "time_slope");
  if (all.size() > 1) {
    throw Error(
        "time_slope is of runs that differ in nothing but fraction and seed; choose by where");
  }
  Values fractions;
  Quantity slope;
  for (const auto& times :
       times_of(study, all.front(), generalization(options.text("criterion")))) {
    const bool is_in = times.fraction >= options.real("fit_from") - 1e-9 &&
                       times.fraction <= options.real("fit_to") + 1e-9;
    if (!is_in || !std::isfinite(median(times.steps))) continue;
    fractions.push_back(times.fraction);
    slope.strata.push_back(times.steps);
  }
  if (fractions.size() < 2) {
    throw Error(
        "time_slope needs two fractions between fit_from and fit_to at which the median run "
        "generalised");
  }
  slope.of = [fractions](const auto& drawn) {
    const double percent = percent_more(fit_medians(fractions, drawn).slope);
    return Bounds{percent, percent};
  };
  return slope;
}

// What is taken of a column: a value of it, or how it goes.
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
  if (take == "fall") return *greatest / values.back();
  return values.back();
}

Quantity column(const Cells& cells, const Params& options) {
  const auto& name = options.text("column");
  require_number(cells, "column", name);
  Values values;
  for (const auto* cell : cells) {
    const auto* measured = cell->curves.find(name);
    const double value = measured != nullptr ? taken(*measured, options.text("take"))
                                             : number_of(*cell, name).value_or(kNaN);
    if (std::isnan(value)) {
      throw Error(fmt::format("a run has no {}; leave it out by where", name));
    }
    values.push_back(value);
  }
  return mean_of(std::move(values));
}

Quantity rank_correlation(const Cells& cells, const Params& options) {
  Values x, y;
  for (const auto* option : {"x", "y"}) require_number(cells, option, options.text(option));
  for (const auto* cell : cells) {
    const auto at_x = number_of(*cell, options.text("x")),
               at_y = number_of(*cell, options.text("y"));
    if (!at_x || !at_y) continue;
    x.push_back(*at_x);
    y.push_back(*at_y);
  }
  return {{first_numbers(x.size())}, [x, y](const auto& drawn) {
            Values drawn_x, drawn_y;
            for (const double run : drawn.front()) {
              drawn_x.push_back(x[static_cast<std::size_t>(run)]);
              drawn_y.push_back(y[static_cast<std::size_t>(run)]);
            }
            const double rho = spearman(drawn_x, drawn_y).rho;
            return Bounds{rho, rho};
          }};
}

Quantity best_val_accuracy(const Cells& cells) {
  Values values;
  for (const auto* cell : cells) values.push_back(cell->summary.best_val_accuracy);
  return mean_of(std::move(values));
}

Quantity generalized_share(const Cells& cells, Event event) {
  Values values;
  for (const auto* cell : cells) values.push_back((cell->summary.*event).has_value() ? 1 : 0);
  return mean_of(std::move(values));
}

Schema with_criterion() {
  return common_statistic_schema().choice(
      "criterion", "first",
      "the first evaluation at or above 0.99, or the first that the next three keep to",
      {"first", "sustained"});
}

std::string sustained(const Params& options) {
  return options.text("criterion") == "sustained" ? " (sustained)" : "";
}

StatisticKind best_val_accuracy_kind() {
  return {"best_val_accuracy", "mean over runs of the best validation accuracy",
          common_statistic_schema(),
          [](const Study&, const Cells& cells, const Params&) { return best_val_accuracy(cells); },
          [](const Params&) { return std::string("mean best validation accuracy"); }};
}

StatisticKind generalized_share_kind() {
  return {
      "generalized_share",
      "share of the runs whose validation accuracy reached 0.99 within their budget",
      with_criterion(),
      [](const Study&, const Cells& cells, const Params& options) {
        return generalized_share(cells, generalization(options.text("criterion")));
      },
      [](const Params& options) { return "share of runs that generalise" + sustained(options); }};
}

StatisticKind steps_to_memorize_kind() {
  return {"steps_to_memorize", "median over runs of the steps to training accuracy 0.99",
          with_criterion(),
          [](const Study&, const Cells& cells, const Params& options) {
            return steps_to(cells, memorization(options.text("criterion")));
          },
          [](const Params& options) { return "median steps to memorise" + sustained(options); }};
}

StatisticKind steps_to_generalize_kind() {
  return {"steps_to_generalize", "median over runs of the steps to validation accuracy 0.99",
          with_criterion(),
          [](const Study&, const Cells& cells, const Params& options) {
            return steps_to(cells, generalization(options.text("criterion")));
          },
          [](const Params& options) { return "median steps to generalise" + sustained(options); }};
}

StatisticKind delay_kind() {
  return {"delay", "median over runs of the steps to generalise, in those to memorise",
          with_criterion(),
          [](const Study&, const Cells& cells, const Params& options) {
            return delay(cells, options.text("criterion"));
          },
          [](const Params& options) {
            return "median ratio of steps to generalise to steps to memorise" + sustained(options);
          }};
}

StatisticKind data_needed_kind() {
  return {"data_needed",
          "the least training fraction at which the mean over seeds of the best validation "
          "accuracy reaches threshold, on straight lines between the fractions tried",
          common_statistic_schema().real("threshold", Summary::kSolved, "accuracy",
                                         {0, 1, false, true}),
          [](const Study& study, const Cells& cells, const Params& options) {
            return data_needed(study, cells, options.real("threshold"));
          },
          [](const Params& options) {
            return fmt::format("training fraction needed for accuracy {:g}",
                               options.real("threshold"));
          }};
}

StatisticKind time_slope_kind() {
  return {"time_slope",
          "percent more steps to generalise for each 1 % of the table less, by a line through the "
          "logarithms of the medians",
          with_criterion()
              .real("fit_from", 0, "least fraction of the line", between(0, 1))
              .real("fit_to", 1, "greatest fraction of the line", between(0, 1)),
          time_slope, [](const Params& options) {
            return "% more steps to generalise for each 1 % of the table less" + sustained(options);
          }};
}

StatisticKind column_kind() {
  return {"column", "mean over runs of a column of metrics, or of another number of a run",
          common_statistic_schema()
              .text("column", "", "its name, as of a probe, or of a run's summary, such as steps")
              .required()
              .choice("take", "last",
                      "of each run the last, first, greatest or least value of the column; rise: "
                      "greatest in units of the first; fall: greatest in units of the last",
                      {"last", "first", "greatest", "least", "rise", "fall"}),
          [](const Study&, const Cells& cells, const Params& options) {
            return column(cells, options);
          },
          [](const Params& options) {
            return fmt::format("mean {} {}", options.text("take"), options.text("column"));
          }};
}

StatisticKind rank_correlation_kind() {
  return {"rank_correlation", "Spearman's correlation over runs of two of their numbers",
          common_statistic_schema()
              .text("x", "", "a column, at the last evaluation, or a number of the summary")
              .required()
              .text("y", "", "the same")
              .required(),
          [](const Study&, const Cells& cells, const Params& options) {
            return rank_correlation(cells, options);
          },
          [](const Params& options) {
            return fmt::format("Spearman's ρ of {} and {}", options.text("x"), options.text("y"));
          }};
}

}  // namespace

Schema common_statistic_schema() {
  return Schema{}
      .text("claim", "", "in words; of the statistic by default")
      .text("where", "", "key=value,key=value: of the runs with these settings")
      .text("over", "", "the same, of runs to compare with")
      .choice("compare", "ratio", "with those of over", {"ratio", "difference"})
      .text("at_least", "", "a number; the claim holds if the statistic is not less")
      .text("at_most", "", "a number; the claim holds if the statistic is not greater")
      .integer("runs", 3, "that a verdict needs in each group; of data_needed seeds", at_least(1));
}

const std::vector<StatisticKind>& statistic_kinds() {
  static const std::vector<StatisticKind> kinds{best_val_accuracy_kind(),
                                                generalized_share_kind(),
                                                steps_to_generalize_kind(),
                                                steps_to_memorize_kind(),
                                                delay_kind(),
                                                data_needed_kind(),
                                                time_slope_kind(),
                                                column_kind(),
                                                rank_correlation_kind()};
  return kinds;
}

}  // namespace groklab
