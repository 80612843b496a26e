#include "report/expectation.h"

#include "support/small_study.h"

#include <gmock/gmock.h>

#include <cmath>

namespace groklab {
namespace {

using test::evaluated;
using test::grokking;
using test::SmallStudy;
using testing::HasSubstr;
using testing::IsEmpty;

using Options = std::map<std::string, Value>;

Options with(const Options& some, const Options& more) {
  auto all = some;
  all.insert(more.begin(), more.end());
  return all;
}

const Options kLeast{{"at_least", std::string("1")}};

// Seeds 0, 1, …, each with one of these best accuracies.
void add_accuracies(SmallStudy& small, const std::string& operation, const std::string& fraction,
                    const std::vector<double>& accuracies) {
  for (std::size_t seed = 0; seed < accuracies.size(); ++seed) {
    small.add_cell({{"operation.name", operation},
                    {"data.train_fraction", fraction},
                    {"seed", std::to_string(seed)}},
                   {evaluated(0, 0, 0), evaluated(100, 1, accuracies[seed])});
  }
}

// Seeds that memorise at 10 and generalise at these steps (0: never).
void add_times(SmallStudy& small, const std::string& fraction,
               const std::vector<std::int64_t>& generalized) {
  for (std::size_t seed = 0; seed < generalized.size(); ++seed) {
    small.add_cell({{"data.train_fraction", fraction}, {"seed", std::to_string(seed)}},
                   grokking(10, generalized[seed]));
  }
}

Finding found(SmallStudy& small, const std::string& statistic, const Options& options) {
  small.expect(statistic, options);
  return findings_of(small.read()).back();
}

TEST(Expectation, HoldsFailsOrIsUndecidedByItsWholeInterval) {
  SmallStudy small;
  add_accuracies(small, "add", "0.5", {0.8, 0.9, 1.0});
  const auto verdict = [&](const char* bound, const char* number) {
    return found(small, "best_val_accuracy", {{bound, std::string(number)}}).verdict;
  };
  EXPECT_EQ(verdict("at_least", "0.8"), Verdict::holds);
  EXPECT_EQ(verdict("at_most", "1"), Verdict::holds);
  EXPECT_EQ(verdict("at_least", "0.85"), Verdict::undecided);
  EXPECT_EQ(verdict("at_most", "0.85"), Verdict::undecided);
  EXPECT_EQ(verdict("at_most", "0.79"), Verdict::fails);
  EXPECT_EQ(verdict("at_least", "1.01"), Verdict::fails);
}

// Of 27 resamples one is 0.8 three times, and 1/27 > 2.5 %.
TEST(Expectation, SaysItsNumbers) {
  SmallStudy small;
  add_accuracies(small, "add", "0.5", {0.8, 0.9, 1.0});
  const auto finding = found(small, "best_val_accuracy",
                             {{"where", std::string("operation.name=add")},
                              {"at_least", std::string("0.85")},
                              {"at_most", std::string("2")}});
  EXPECT_EQ(
      finding.statistic,
      "mean best validation accuracy (operation.name=add), to be at least 0.85 and at most 2");
  EXPECT_EQ(finding.claim, finding.statistic);
  EXPECT_EQ(finding.numbers(), "0.9, 95 % interval 0.8 to 1, n = 3");
  EXPECT_EQ(finding.reason, "the interval is on both sides of a bound");
}

TEST(Expectation, IsUndecidedWithFewRunsOrSomeThatAreNotDone) {
  SmallStudy small;
  add_accuracies(small, "add", "0.5", {1, 1});
  EXPECT_EQ(found(small, "best_val_accuracy", kLeast).reason, "n = 2, and a verdict needs 3");
  EXPECT_EQ(found(small, "best_val_accuracy", with(kLeast, {{"runs", std::int64_t{2}}})).verdict,
            Verdict::holds);
  small.add_cell({{"operation.name", "add"}, {"data.train_fraction", "0.5"}, {"seed", "2"}}, {},
                 "waiting");
  const auto finding = found(small, "best_val_accuracy", kLeast);
  EXPECT_EQ(finding.verdict, Verdict::undecided);
  EXPECT_EQ(finding.reason, "1 of 3 runs are not done");
  EXPECT_EQ(finding.numbers(), "");
}

TEST(Expectation, ThatCannotBeMeasuredSaysWhy) {
  SmallStudy small;
  add_accuracies(small, "add", "0.5", {1, 1, 1});
  const auto reason = [&](const std::string& statistic, const Options& options) {
    return found(small, statistic, with(kLeast, options)).reason;
  };
  EXPECT_EQ(reason("best_val_accuracy", {{"where", std::string("seed=9")}}), "no cell has seed=9");
  EXPECT_THAT(reason("column", {{"column", std::string("val_acuracy")}}),
              HasSubstr("did you mean 'val_accuracy'"));
  EXPECT_THAT(reason("best", {}), HasSubstr("there is no statistic 'best'"));
  EXPECT_THAT(reason("time_slope", {}), HasSubstr("two or more values of data.train_fraction"));
}

TEST(Expectation, ARunThatNeverGetsThereNeedsAtLeastItsBudget) {
  SmallStudy small;
  add_times(small, "0.5", {1000, 0, 0});
  const auto finding = found(small, "steps_to_generalize", {{"at_least", std::string("20000")}});
  EXPECT_EQ(finding.numbers(), "> 100000, 95 % interval 1000 to ∞, n = 3");
  EXPECT_THAT(finding.reason, HasSubstr("not all runs got there within their budget"));

  SmallStudy never;
  add_times(never, "0.5", {0, 0, 0});
  const auto verdict = [&](const Options& bounds) {
    return found(never, "steps_to_generalize", bounds).verdict;
  };
  EXPECT_EQ(verdict({{"at_least", std::string("90000")}}), Verdict::holds);
  EXPECT_EQ(verdict({{"at_least", std::string("200000")}}), Verdict::undecided);
  EXPECT_EQ(verdict({{"at_most", std::string("100000")}}), Verdict::fails);
}

// 1 − 0.025^(1/3) = 0.7076.
TEST(Expectation, AShareOfFewRunsIsNotCertain) {
  SmallStudy small;
  add_times(small, "0.5", {0, 0, 0});
  const auto finding = found(small, "generalized_share", {{"at_most", std::string("0.6")}});
  EXPECT_EQ(finding.numbers(), "0, 95 % interval 0 to 0.7076, n = 3");
  EXPECT_EQ(finding.verdict, Verdict::undecided);
}

// Delays 100, 100 and at least 10⁴: the median of all is 100.
TEST(Expectation, MeasuresTheDelayRunByRun) {
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
TEST(Expectation, ComparesTheDataThatTwoOperationsNeed) {
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

TEST(Expectation, SubtractsWhereThatIsAskedFor) {
  SmallStudy small;
  add_accuracies(small, "add", "0.5", {1, 1, 1});
  add_accuracies(small, "divide", "0.5", {0.5, 0.5, 0.5});
  const auto finding = found(small, "best_val_accuracy",
                             {{"where", std::string("operation.name=divide")},
                              {"over", std::string("operation.name=add")},
                              {"compare", std::string("difference")},
                              {"at_most", std::string("-0.4")}});
  EXPECT_EQ(finding.estimate->value.low, -0.5);
  EXPECT_EQ(finding.verdict, Verdict::holds);
  EXPECT_THAT(finding.statistic, HasSubstr(" minus that of (operation.name=add)"));
}

// Medians 10⁴, 10³ at fractions 0.01 apart: ten times as many.
TEST(Expectation, FitsWhatLessDataCosts) {
  SmallStudy small;
  add_times(small, "0.30", {10000, 10000, 10000});
  add_times(small, "0.31", {1000, 1000, 1000});
  const auto finding = found(small, "time_slope", kLeast);
  EXPECT_NEAR(finding.estimate->value.low, 900, 1e-6);
  EXPECT_NEAR(finding.estimate->value.high, 900, 1e-6);
  EXPECT_EQ(finding.verdict, Verdict::holds);
}

// Of 0.30 only that it is later than 10⁵ is known: the slope is 900 % or more.
TEST(Expectation, BoundsTheSlopeWhereAMedianWasNotReached) {
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

TEST(Expectation, RefusesToTakeOtherSettingsForRepetitions) {
  SmallStudy small;
  add_accuracies(small, "add", "0.4", {1, 1, 1});
  add_accuracies(small, "divide", "0.5", {0, 0, 0});
  for (const auto* statistic : {"best_val_accuracy", "steps_to_memorize", "delay"}) {
    EXPECT_THAT(found(small, statistic, kLeast).reason,
                HasSubstr("the runs differ in operation.name, data.train_fraction; choose"));
  }
  EXPECT_THAT(found(small, "data_needed", kLeast).reason,
              HasSubstr("the runs differ in operation.name; choose"));
}

TEST(Expectation, RefusesABoundOrAnOptionThatItDoesNotKnow) {
  SmallStudy small;
  add_accuracies(small, "add", "0.5", {1, 1, 1});
  EXPECT_EQ(found(small, "best_val_accuracy", {{"at_least", std::string("+1")}}).reason,
            "at_least: expected a number, found '+1'");
  EXPECT_EQ(found(small, "best_val_accuracy", {{"least", 1.0}}).reason,
            "best_val_accuracy takes no option least=1.0");
  EXPECT_EQ(found(small, "column", kLeast).reason, "column needs the option column");
}

// Clopper and Pearson: 3 of 3 is 0.2924 at least, 0 of 3 is 0.7076 at most.
TEST(Expectation, ComparesSharesByWhatTheirIntervalsLeavePossible) {
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

TEST(Expectation, TakesWhatItIsToOfAColumn) {
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
  EXPECT_EQ(
      found(small, "column",
            with(kLeast, {{"column", std::string("val_loss")}, {"take", std::string("fall")}}))
          .reason,
      "val_loss of a run is not there or not finite");
  EXPECT_THAT(
      found(small, "column", with(kLeast, {{"column", std::string("steps_to_generalize")}})).reason,
      HasSubstr("is a statistic of its own"));
}

TEST(Expectation, CorrelatesRanks) {
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

TEST(Expectation, TakesSettingsThatAreTheSameNumber) {
  SmallStudy small;
  add_accuracies(small, "add", "0.5", {1, 1, 1});
  add_accuracies(small, "divide", "0.5", {0, 0, 0});
  const auto runs = [&](const std::string& where) {
    return found(small, "best_val_accuracy", with(kLeast, {{"where", where}})).estimate->samples;
  };
  EXPECT_EQ(runs("data.train_fraction=0.50,operation.name=add"), 3U);
  EXPECT_EQ(runs("seed=0|2.0,operation.name=divide"), 2U);
}

TEST(Findings, AreNoneWithoutExpectations) {
  SmallStudy small;
  add_accuracies(small, "add", "0.5", {1, 1, 1});
  EXPECT_THAT(findings_of(small.read()), IsEmpty());
}

}  // namespace
}  // namespace groklab
