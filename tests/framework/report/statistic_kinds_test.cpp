#include "report/statistic_kinds.h"

#include "framework/report/claims.h"

#include <gmock/gmock.h>

#include <cmath>

namespace groklab {
namespace {

using test::add_accuracies;
using test::add_times;
using test::evaluated;
using test::found;
using test::kLeast;
using test::Options;
using test::SmallStudy;
using test::with;
using testing::HasSubstr;

// 1 − 0.025^(1/3) = 0.7076.
TEST(StatisticKinds, AShareOfFewRunsIsNotCertain) {
  SmallStudy small;
  add_times(small, "0.5", {0, 0, 0});
  const auto finding = found(small, "generalized_share", {{"at_most", std::string("0.6")}});
  EXPECT_EQ(finding.numbers(), "0, 95 % interval 0 to 0.7076, n = 3");
  EXPECT_EQ(finding.verdict, Verdict::undecided);
}

// Delays 100, 100 and at least 10⁴: the median of all is 100.
TEST(StatisticKinds, MeasuresTheDelayRunByRun) {
  SmallStudy small;
  add_times(small, "0.5", {1000, 1000, 0});
  const auto finding = found(small, "delay", kLeast);
  EXPECT_EQ(finding.estimate->value.low, 100);
  EXPECT_EQ(finding.estimate->value.high, 100);
  EXPECT_EQ(finding.estimate->interval.low, 100);
  EXPECT_TRUE(std::isinf(finding.estimate->interval.high));
  EXPECT_EQ(finding.verdict, Verdict::holds);
}

// add needs 0.39 (by 0.3 + 0.1 · 0.09 / 0.1), subtract is there at 0.2 already, divide never.
TEST(StatisticKinds, ComparesTheDataThatTwoOperationsNeed) {
  SmallStudy small;
  for (const auto& [operation, accuracies] :
       std::vector<std::pair<std::string, std::vector<double>>>{
           {"add", {0.5, 0.9, 1}}, {"subtract", {1, 1, 1}}, {"divide", {0.1, 0.1, 0.1}}}) {
    for (std::size_t i = 0; i < 3; ++i) {
      const auto accuracy = accuracies[i];
      add_accuracies(small, operation, fmt::format("0.{}", 2 + i), {accuracy, accuracy, accuracy});
    }
  }
  const auto ratio = [&](const std::string& where, const std::string& over) {
    return found(
        small, "data_needed",
        with(kLeast, {{"where", "operation.name=" + where}, {"over", "operation.name=" + over}}));
  };
  const auto known = ratio("add", "add");
  EXPECT_DOUBLE_EQ(known.estimate->value.low, 1);
  EXPECT_EQ(known.statistic,
            "training fraction needed for accuracy 0.99 (operation.name=add), in units of that of "
            "(operation.name=add), to be at least 1");
  const auto least = ratio("add", "subtract");
  EXPECT_DOUBLE_EQ(least.estimate->value.low, 0.39 / 0.2);
  EXPECT_TRUE(std::isinf(least.estimate->value.high));
  const auto never = ratio("add", "divide");
  EXPECT_EQ(never.estimate->value.low, 0);
  EXPECT_DOUBLE_EQ(never.estimate->value.high, 0.39 / 0.4);
  EXPECT_EQ(never.verdict, Verdict::fails);
  EXPECT_EQ(never.estimate->samples, 3U);
}

// Medians 10⁴, 10³ at fractions 0.01 apart: ten times as many.
TEST(StatisticKinds, FitsWhatLessDataCosts) {
  SmallStudy small;
  add_times(small, "0.30", {10000, 10000, 10000});
  add_times(small, "0.31", {1000, 1000, 1000});
  const auto finding = found(small, "time_slope", kLeast);
  EXPECT_NEAR(finding.estimate->value.low, 900, 1e-6);
  EXPECT_NEAR(finding.estimate->value.high, 900, 1e-6);
  EXPECT_EQ(finding.verdict, Verdict::holds);
}

// Of 0.30 only that it is later than 10⁵ is known: the slope is 900 % or more.
TEST(StatisticKinds, BoundsTheSlopeWhereAMedianWasNotReached) {
  SmallStudy small;
  add_times(small, "0.30", {0, 0, 10000});
  add_times(small, "0.31", {10000, 10000, 10000});
  const auto finding = found(small, "time_slope", {{"at_most", std::string("50")}});
  EXPECT_NEAR(finding.estimate->value.low, 900, 1e-6);
  EXPECT_TRUE(std::isinf(finding.estimate->value.high));
  EXPECT_EQ(finding.verdict, Verdict::undecided);  // a resample may have the third run alone
  SmallStudy late;
  add_times(late, "0.30", {10000, 10000, 10000});
  add_times(late, "0.31", {0, 0, 0});
  const auto flat = found(late, "time_slope", kLeast);
  EXPECT_EQ(flat.estimate->value.low, -100);
  EXPECT_NEAR(flat.estimate->value.high, -90, 1e-6);
  EXPECT_EQ(flat.verdict, Verdict::fails);
}

// Clopper and Pearson: 3 of 3 is 0.2924 at least, 0 of 3 is 0.7076 at most.
TEST(StatisticKinds, ComparesSharesByWhatTheirIntervalsLeavePossible) {
  SmallStudy small;
  add_times(small, "0.4", {0, 0, 0});
  add_times(small, "0.6", {1000, 1000, 1000});
  const auto finding = found(small, "generalized_share",
                             {{"where", std::string("data.train_fraction=0.6")},
                              {"over", std::string("data.train_fraction=0.4")},
                              {"compare", std::string("difference")},
                              {"at_least", std::string("0.9")}});
  EXPECT_EQ(finding.estimate->value.low, 1);
  EXPECT_NEAR(finding.estimate->interval.low, 0.2924 - 0.7076, 1e-4);
  EXPECT_EQ(finding.verdict, Verdict::undecided);
}

// Evaluations every 100 steps, at which a run is good where these are 1.
std::vector<MetricsRow> every_hundred(const std::vector<double>& accuracies) {
  std::vector<MetricsRow> rows;
  for (const double accuracy : accuracies) {
    rows.push_back(evaluated(std::ssize(rows) * 100, accuracy, accuracy));
  }
  return rows;
}

// The last evaluations of a run may begin what three more would have sustained: the budget of 600
// steps is no bound then, and 400 is.
TEST(StatisticKinds, BoundASustainedStepByWhereTheLastStretchBegins) {
  SmallStudy small;
  small.set_budget(600);
  for (const auto* seed : {"0", "1", "2"}) {
    small.add_cell({{"seed", seed}}, every_hundred({0, 1, 0, 0, 1, 1, 1}));
  }
  const Options sustained{{"criterion", std::string("sustained")}};
  const auto finding =
      found(small, "steps_to_generalize", with({{"at_most", std::string("500")}}, sustained));
  EXPECT_EQ(finding.estimate->value.low, 400);
  EXPECT_TRUE(std::isinf(finding.estimate->value.high));
  EXPECT_EQ(finding.verdict, Verdict::undecided);
  EXPECT_EQ(finding.numbers(), "≥ 400, 95 % interval 400 to ∞, n = 3");
  EXPECT_EQ(found(small, "steps_to_generalize", with({{"at_least", std::string("300")}}, sustained))
                .verdict,
            Verdict::holds);
  const auto share =
      found(small, "generalized_share", with({{"at_most", std::string("0.9")}}, sustained));
  EXPECT_EQ(share.estimate->value.low, 0);
  EXPECT_EQ(share.estimate->value.high, 1);
  EXPECT_EQ(share.estimate->interval.low, 0);
  EXPECT_EQ(share.estimate->interval.high, 1);
  EXPECT_EQ(found(small, "steps_to_generalize", {{"at_most", std::string("100")}}).verdict,
            Verdict::holds);  // the first evaluation is another matter
}

TEST(StatisticKinds, TakesWhatItIsToOfAColumn) {
  SmallStudy small;
  for (const auto* seed : {"0", "1", "2"}) {
    small.add_cell({{"seed", seed}}, {evaluated(0, 0, 0, 1, 2), evaluated(10, 1, 0, 1, 6),
                                      evaluated(20, 1, 1, 1, 1), evaluated(30, 1, 1, 1, 1.5)});
  }
  const auto taken = [&](const std::string& take) {
    return found(small, "column",
                 with(kLeast, {{"column", std::string("val_loss")}, {"take", take}}))
        .estimate->value.low;
  };
  EXPECT_EQ(taken("first"), 2);
  EXPECT_EQ(taken("last"), 1.5);
  EXPECT_EQ(taken("greatest"), 6);
  EXPECT_EQ(taken("least"), 1);
  EXPECT_EQ(taken("rise"), 3);
  EXPECT_EQ(taken("fall"), 4);
  small.add_cell({{"seed", "3"}}, {evaluated(0, 0, 0), evaluated(10, 0, 0, 1, NAN)}, "diverged");
  for (const std::string take : {"last", "greatest", "least", "rise", "fall"}) {
    EXPECT_EQ(
        found(small, "column", with(kLeast, {{"column", std::string("val_loss")}, {"take", take}}))
            .reason,
        "val_loss of a run is not there or not finite")
        << take;
  }
  EXPECT_THAT(
      found(small, "column", with(kLeast, {{"column", std::string("steps_to_generalize")}})).reason,
      HasSubstr("is a statistic of its own"));
}

TEST(StatisticKinds, CorrelatesRanks) {
  SmallStudy small;
  for (const double x : {1.0, 2.0, 3.0, 4.0, 5.0}) {
    small.add_cell({{"seed", fmt::format("{}", x)}},
                   {evaluated(0, 0, 0, 1, 1), evaluated(10, 0, 1 / x, 1, x)});
  }
  const auto finding = found(small, "rank_correlation",
                             {{"x", std::string("val_loss")},
                              {"y", std::string("val_accuracy")},
                              {"at_most", std::string("-0.9")}});
  EXPECT_DOUBLE_EQ(finding.estimate->value.low, -1);
  EXPECT_EQ(finding.verdict, Verdict::holds);
  EXPECT_EQ(finding.estimate->samples, 5U);
}

// Of three runs a ninth of the resamples has one run alone: nothing is known of ρ there.
TEST(StatisticKinds, LeavesNoResampleOfACorrelationOut) {
  SmallStudy small;
  for (const double x : {1.0, 2.0, 3.0}) {
    small.add_cell({{"seed", fmt::format("{}", x)}},
                   {evaluated(0, 0, 0, 1, 1), evaluated(10, 0, 1 / x, 1, x)});
  }
  const auto finding = found(small, "rank_correlation",
                             {{"x", std::string("val_loss")},
                              {"y", std::string("val_accuracy")},
                              {"at_most", std::string("-0.9")}});
  EXPECT_DOUBLE_EQ(finding.estimate->value.low, -1);
  EXPECT_EQ(finding.estimate->interval.high, 1);
  EXPECT_EQ(finding.verdict, Verdict::undecided);
}

// The second is known to be 400 at least, and the first is 500: either may be first.
TEST(StatisticKinds, RefusesToRankWhatMayBeEarlier) {
  SmallStudy small;
  small.set_budget(600);
  const auto correlation = [&] {
    return found(small, "rank_correlation",
                 with(kLeast, {{"x", std::string("sustained_steps_to_generalize")},
                               {"y", std::string("train_loss")}}));
  };
  small.add_cell({{"seed", "0"}}, every_hundred({0, 0, 0, 0, 0, 1, 1, 1, 1}));
  small.add_cell({{"seed", "1"}}, every_hundred({0, 0, 0, 0, 1, 1, 1}));
  small.add_cell({{"seed", "2"}}, every_hundred({0, 0, 0, 0, 0, 0, 0}));
  EXPECT_THAT(correlation().reason, HasSubstr("only known to be at least 400"));
}

}  // namespace
}  // namespace groklab
