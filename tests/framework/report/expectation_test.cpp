#include "report/expectation.h"

#include "base/files.h"
#include "framework/report/claims.h"

#include <gmock/gmock.h>

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
using testing::IsEmpty;

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

// Later than 700 is the next number after it to a verdict, and 700 to a reader.
// The least number above 0, as that is the bound of a run with a budget of 0 steps.
TEST(WithoutRounding, TakesEveryNumberOfADouble) {
  const double least = 5e-324;
  EXPECT_EQ(without_rounding(least), least);
  EXPECT_EQ(without_rounding(0.1 + 0.2), 0.3);
  EXPECT_EQ(without_rounding(-1.7e308), -1.7e308);
}

TEST(Findings, AreWrittenWithoutTheDigitsOfRounding) {
  SmallStudy small;
  small.set_budget(700);
  for (const auto* seed : {"0", "1", "2"}) {
    small.add_cell({{"seed", seed}}, test::grokking(10, 0, 700));
  }
  const test::TemporaryFolder folder;
  const auto writer = make_csv_writer(folder.path());
  const auto finding = found(small, "steps_to_generalize", {{"at_most", std::string("700")}});
  EXPECT_EQ(finding.verdict, Verdict::fails);
  EXPECT_EQ(finding.numbers(), "> 700, 95 % interval 700 to ∞, n = 3");
  write_findings(*writer, {finding});
  writer->finish();
  EXPECT_THAT(read_file(folder.path() / "verdicts.csv"), HasSubstr(",700,700,,700,,3\n"));
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

// Seeds differ much, and in each add is better by 0.0625, 0.125 or 0.1875. Of the resamples of
// three pairs 1 in 27 has the first alone and 1 the last: more than 2.5 %.
TEST(Expectation, ComparesSeedBySeedWhereThatIsAskedFor) {
  SmallStudy small;
  add_accuracies(small, "add", "0.5", {0.0625, 0.625, 0.9375});
  for (const auto& [seed, accuracy] : {std::pair("2", 0.75), {"0", 0.0}, {"1", 0.5}}) {
    small.add_cell({{"operation.name", "divide"}, {"data.train_fraction", "0.5"}, {"seed", seed}},
                   {evaluated(0, 0, 0), evaluated(100, 1, accuracy)});
  }
  const Options apart{{"where", std::string("operation.name=add")},
                      {"over", std::string("operation.name=divide")},
                      {"compare", std::string("difference")},
                      {"at_least", std::string("0.05")}};
  EXPECT_EQ(found(small, "best_val_accuracy", apart).verdict, Verdict::undecided);
  const auto paired = found(small, "best_val_accuracy", with(apart, {{"paired", true}}));
  EXPECT_EQ(paired.verdict, Verdict::holds);
  EXPECT_DOUBLE_EQ(paired.estimate->value.low, 0.125);
  EXPECT_EQ(paired.estimate->interval.low, 0.0625);
  EXPECT_EQ(paired.estimate->interval.high, 0.1875);
  EXPECT_EQ(paired.estimate->samples, 3U);
  EXPECT_THAT(paired.statistic, HasSubstr("(operation.name=divide), by pairs of one seed, to be"));
  // A median is of both runs of a seed too.
  EXPECT_EQ(found(small, "steps_to_memorize",
                  {{"where", std::string("operation.name=add")},
                   {"over", std::string("operation.name=divide")},
                   {"paired", true},
                   {"at_most", std::string("1")}})
                .verdict,
            Verdict::holds);
}

TEST(Expectation, PairsTheSameSeedsEachOnce) {
  SmallStudy small;
  add_accuracies(small, "add", "0.5", {1, 1, 1});
  add_accuracies(small, "divide", "0.5", {0, 0});
  add_accuracies(small, "divide", "0.6", {0, 0});
  const auto reason = [&](const std::string& statistic, const std::string& over) {
    return found(small, statistic,
                 with(kLeast, {{"where", std::string("operation.name=add,seed=0|1|2")},
                               {"over", over},
                               {"paired", true}}))
        .reason;
  };
  EXPECT_EQ(reason("best_val_accuracy", "operation.name=divide,data.train_fraction=0.5"),
            "paired takes the same seeds in both groups, and they are 0, 1, 2 and 0, 1");
  EXPECT_EQ(reason("data_needed", "operation.name=divide"),
            "paired takes one run a seed, and there are more; choose one by where and over");
  EXPECT_EQ(reason("generalized_share", "operation.name=add"),
            "generalized_share has an interval of its own, which is not paired");
  EXPECT_EQ(reason("best_val_accuracy", ""), "paired needs a second group, over");
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
