#include "report/statistic_kinds.h"

#include "report/measures.h"

#include <fmt/format.h>

namespace groklab {
namespace {

using Cells = std::vector<const StudyCell*>;

Schema with_criterion() {
  return common_statistic_schema().choice(
      "criterion", "first",
      "the first evaluation at or above 0.99, or the first that the next three keep to",
      {"first", "sustained"});
}

std::string sustained(const Params& options) {
  return options.text("criterion") == "sustained" ? " (sustained)" : "";
}

Event generalizing(const Params& options) { return generalization(options.text("criterion")); }
Event memorizing(const Params& options) { return memorization(options.text("criterion")); }

StatisticKind best_val_accuracy_kind() {
  return {"best_val_accuracy",
          "mean over runs of the best validation accuracy",
          common_statistic_schema(),
          Runs::repetitions,
          [](const Study&, const Cells& cells, const Params&) { return best_accuracy(cells); },
          [](const Params&) { return std::string("mean best validation accuracy"); }};
}

StatisticKind generalized_share_kind() {
  return {
      "generalized_share",
      "share of the runs whose validation accuracy reached 0.99 within their budget",
      with_criterion(),
      Runs::repetitions,
      [](const Study&, const Cells& cells, const Params& options) {
        return event_share(cells, generalizing(options));
      },
      [](const Params& options) { return "share of runs that generalise" + sustained(options); }};
}

StatisticKind steps_to_memorize_kind() {
  return {"steps_to_memorize",
          "median over runs of the steps to training accuracy 0.99",
          with_criterion(),
          Runs::repetitions,
          [](const Study& study, const Cells& cells, const Params& options) {
            return steps_until(study, cells, memorizing(options));
          },
          [](const Params& options) { return "median steps to memorise" + sustained(options); }};
}

StatisticKind steps_to_generalize_kind() {
  return {"steps_to_generalize",
          "median over runs of the steps to validation accuracy 0.99",
          with_criterion(),
          Runs::repetitions,
          [](const Study& study, const Cells& cells, const Params& options) {
            return steps_until(study, cells, generalizing(options));
          },
          [](const Params& options) { return "median steps to generalise" + sustained(options); }};
}

StatisticKind delay_kind() {
  return {"delay",
          "median over runs of the steps to generalise, in those to memorise; never is later than "
          "anything",
          with_criterion(),
          Runs::repetitions,
          [](const Study& study, const Cells& cells, const Params& options) {
            return delay(study, cells, memorizing(options), generalizing(options));
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
          Runs::by_fraction,
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
          Runs::by_fraction,
          [](const Study& study, const Cells& cells, const Params& options) {
            return time_slope(study, cells, generalizing(options), options.real("fit_from"),
                              options.real("fit_to"));
          },
          [](const Params& options) {
            return "% more steps to generalise for each 1 % of the table less" + sustained(options);
          }};
}

StatisticKind column_kind() {
  return {"column",
          "mean over runs of a column of metrics, or of another number of a run",
          common_statistic_schema()
              .text("column", "", "its name, as of a probe, or best_val_accuracy or steps")
              .required()
              .choice("take", "last",
                      "of each run the last, first, greatest or least value of the column; rise: "
                      "greatest in units of the first; fall: greatest in units of the last",
                      {"last", "first", "greatest", "least", "rise", "fall"}),
          Runs::repetitions,
          [](const Study&, const Cells& cells, const Params& options) {
            return column_mean(cells, options.text("column"), options.text("take"));
          },
          [](const Params& options) {
            return fmt::format("mean {} {}", options.text("take"), options.text("column"));
          }};
}

StatisticKind rank_correlation_kind() {
  return {"rank_correlation",
          "Spearman's correlation over runs of two of their numbers",
          common_statistic_schema()
              .text("x", "", "a column, at the last evaluation, or a number of the summary")
              .required()
              .text("y", "", "the same")
              .required(),
          Runs::independent,
          [](const Study& study, const Cells& cells, const Params& options) {
            return rank_correlation(study, cells, options.text("x"), options.text("y"));
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
      .flag("paired", false, "runs of one seed in both groups are resampled together")
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
