// Numbers are by hand. With two or three values the quantiles of a bootstrap are known: the
// extremes, for each is the statistic of more than 2.5 % of all samples (of the mean of 2 values
// 1/4; of 3, of which two are equal, 8/27 and 1/27; of the median of 2 values 1/4).
#include "report/comparison.h"

#include "report/comparison_figure.h"
#include "support/small_study.h"

#include <gmock/gmock.h>

#include <cmath>
#include <limits>
#include <memory>

namespace groklab {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::SizeIs;
using testing::ThrowsMessage;

constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();

// A study with a run for each seed 0, 1, …, that generalises at these steps (0: never).
std::unique_ptr<test::SmallStudy> study_of(const std::vector<std::int64_t>& steps) {
  auto study = std::make_unique<test::SmallStudy>();
  for (std::size_t seed = 0; seed < steps.size(); ++seed) {
    study->add_cell({{"seed", std::to_string(seed)}}, test::grokking(10, steps[seed]));
  }
  return study;
}

const PairedStatistic& row(const FolderComparison& other, const std::string& statistic,
                           const std::string& group = "all") {
  for (const auto& one : other.rows) {
    if (one.statistic.name == statistic && one.group == group) return one;
  }
  throw std::logic_error("no such row: " + statistic);
}

// The ratios: 0.1; less than 2000 / 100 000; 0.5; anything; more than 100 000 / 50.
TEST(Comparison, OfTimesIsTheMedianRatioOfAllPairsAsFarAsItIsKnown) {
  const std::vector<Study> studies{study_of({10'000, 0, 1000, 0, 50})->read(),
                                   study_of({1000, 2000, 500, 0, 0})->read()};
  const auto comparison = compare(studies, {});
  const auto& steps = row(comparison.others.at(0), "steps_to_generalize");
  EXPECT_EQ(steps.pairs, 2U);
  EXPECT_EQ(steps.only_base, 1U);
  EXPECT_EQ(steps.only_other, 1U);
  EXPECT_EQ(steps.neither, 1U);
  EXPECT_EQ(steps.compared(), 5U);
  EXPECT_EQ(steps.base, 10'000);  // of 50, 1000, 10 000, never, never
  EXPECT_EQ(steps.other, 2000);   // of 500, 1000, 2000, never, never
  EXPECT_NEAR(steps.difference.low, -1, 1e-12);
  EXPECT_NEAR(steps.difference.high, std::log10(0.5), 1e-12);
  EXPECT_TRUE(std::isinf(steps.interval.low));
  EXPECT_TRUE(std::isinf(steps.interval.high));
}

TEST(Comparison, OfTimesThatAllGotThereIsKnown) {
  const std::vector<Study> studies{study_of({10'000, 1000})->read(), study_of({1000, 500})->read()};
  const auto comparison = compare(studies, {});
  const auto& steps = row(comparison.others.at(0), "steps_to_generalize");
  EXPECT_NEAR(steps.difference.low, (-1 + std::log10(0.5)) / 2, 1e-12);
  EXPECT_TRUE(steps.difference.is_known());
  EXPECT_NEAR(steps.interval.low, -1, 1e-12);
  EXPECT_NEAR(steps.interval.high, std::log10(0.5), 1e-12);
  EXPECT_NEAR(ratio_of(steps.difference).low, std::sqrt(0.05), 1e-12);
}

TEST(Comparison, OfValuesIsTheMeanDifferenceOverPairs) {
  const std::vector<Study> studies{study_of({1000, 0, 1000})->read(),
                                   study_of({1000, 1000, 1000})->read()};
  const auto comparison = compare(studies, {});
  const auto& accuracy = row(comparison.others.at(0), "best_val_accuracy");
  EXPECT_EQ(accuracy.pairs, 3U);
  EXPECT_NEAR(accuracy.base, (1 + 0.125 + 1) / 3, 1e-12);
  EXPECT_EQ(accuracy.other, 1);
  EXPECT_NEAR(accuracy.difference.low, 0.875 / 3, 1e-12);
  EXPECT_EQ(accuracy.interval.low, 0);
  EXPECT_NEAR(accuracy.interval.high, 0.875, 1e-12);
}

TEST(Comparison, APairWithALossThatIsNoNumberIsLeftOut) {
  test::SmallStudy a, b;
  a.add_cell({{"seed", "0"}}, {test::evaluated(10, 1, 1, 0.5, 2)});
  a.add_cell({{"seed", "1"}}, {test::evaluated(10, 1, 1, 0.25, 3)});
  b.add_cell({{"seed", "0"}}, {test::evaluated(10, 0, 0, kNaN, kNaN)}, "diverged");
  b.add_cell({{"seed", "1"}}, {test::evaluated(10, 1, 1, 0.75, 7)});
  const std::vector<Study> studies{a.read(), b.read()};
  const auto comparison = compare(studies, {{"train_loss", "val_loss"}, ""});
  const auto& loss = row(comparison.others.at(0), "train_loss");
  EXPECT_EQ(loss.pairs, 1U);
  EXPECT_EQ(loss.only_base, 1U);
  EXPECT_EQ(loss.base, 0.25);  // over the pair that is compared
  EXPECT_EQ(loss.difference.low, 0.5);
  EXPECT_TRUE(std::isnan(loss.interval.low));  // of one pair nothing is known
  EXPECT_EQ(row(comparison.others.at(0), "val_loss").difference.low, 4);
  EXPECT_THAT(comparison.others.at(0).rows, SizeIs(2));
}

TEST(Comparison, WhereNobodyGotThereNothingIsSaidOfARatio) {
  const std::vector<Study> studies{study_of({0, 0})->read(), study_of({0, 0})->read()};
  const auto comparison = compare(studies, {{"steps_to_generalize"}, ""});
  const auto& steps = comparison.others.at(0).rows.at(0);
  EXPECT_EQ(steps.pairs, 0U);
  EXPECT_EQ(steps.neither, 2U);
  EXPECT_TRUE(std::isinf(steps.base));
  EXPECT_EQ(ratio_of(steps.difference).low, 0);
  EXPECT_TRUE(std::isinf(ratio_of(steps.difference).high));
  EXPECT_TRUE(std::isinf(steps.interval.high));
}

// Fractions 0.5 and 0.3, in this order, with one seed each.
Study by_fraction(const char* decay, std::int64_t at_half, std::int64_t below) {
  test::SmallStudy study;
  study.set("optimizer.weight_decay", decay);
  study.add_cell({{"data.train_fraction", "0.5"}, {"seed", "0"}}, test::grokking(10, at_half));
  study.add_cell({{"data.train_fraction", "0.3"}, {"seed", "0"}}, test::grokking(10, below));
  return study.read();
}

TEST(Comparison, HasARowForEachValueOfAKeyInTheOrderOfNumbers) {
  const std::vector<Study> studies{by_fraction("0.0", 2000, 40'000), by_fraction("1.0", 1000, 4000),
                                   by_fraction("2.0", 4000, 0)};
  const auto comparison = compare(studies, {{"steps_to_generalize"}, "data.train_fraction"});
  ASSERT_THAT(comparison.others, SizeIs(2));
  const auto& rows = comparison.others[0].rows;
  ASSERT_THAT(rows, SizeIs(2));
  EXPECT_EQ(rows[0].group, "0.3");
  EXPECT_NEAR(rows[0].difference.low, -1, 1e-12);
  EXPECT_EQ(rows[1].group, "0.5");
  EXPECT_NEAR(ratio_of(rows[1].difference).low, 0.5, 1e-12);
  EXPECT_EQ(comparison.others[1].rows[0].only_base, 1U);
  EXPECT_EQ(comparison.others[1].folder.letter, "C");
  EXPECT_THAT(comparison.others[1].matching.differences.at(0).other, ElementsAre("2.0"));
}

TEST(Comparison, PoolsNoSettings) {
  const std::vector<Study> studies{by_fraction("0.0", 2000, 40'000),
                                   by_fraction("1.0", 1000, 4000)};
  const auto comparison = compare(studies, {{"steps_to_generalize"}, ""});
  EXPECT_EQ(comparison.by, "data.train_fraction");
  EXPECT_THAT(comparison.others[0].rows, SizeIs(2));
  EXPECT_THAT(
      [&] {
        compare(studies, {{}, "seed"});
      },
      ThrowsMessage<Error>(HasSubstr("by: \"seed,data.train_fraction\"")));
}

TEST(Comparison, RefusesUnknownStatisticsAndKeys) {
  const std::vector<Study> studies{by_fraction("0.0", 2000, 0), by_fraction("1.0", 1000, 0)};
  EXPECT_THAT(
      [&] {
        compare(studies, {{"val_los"}, ""});
      },
      ThrowsMessage<Error>("there is no statistic 'val_los'; did you mean 'val_loss'?"));
  EXPECT_THAT(
      [&] {
        compare(studies, {{}, "data.train_fractoin"});
      },
      ThrowsMessage<Error>(HasSubstr("did you mean 'data.train_fraction'?")));
  EXPECT_THAT(
      [&] {
        compare(studies, {{}, "optimizer.weight_decay"});
      },
      ThrowsMessage<Error>(HasSubstr("not matched by a key 'optimizer.weight_decay'")));
}

TEST(ComparisonFigure, HasAPanelForEachStatisticWithTheFoldersBesideOneAnother) {
  const std::vector<Study> studies{by_fraction("0.0", 2000, 40'000), by_fraction("1.0", 1000, 4000),
                                   by_fraction("2.0", 4000, 0)};
  const auto comparison =
      compare(studies, {{"best_val_accuracy", "steps_to_generalize"}, "data.train_fraction"});
  const auto figure = comparison_figure(comparison);
  ASSERT_THAT(figure.panels, SizeIs(2));
  const auto& values = figure.panels[0];
  EXPECT_EQ(values.x.scale, Scale::linear);
  EXPECT_THAT(values.y.categories, ElementsAre("0.3", "0.5"));
  EXPECT_EQ(values.rules.at(0).at, 0);
  EXPECT_THAT(values.series.at(1).x, ElementsAre(-0.875, 0));
  const auto& times = figure.panels[1];
  EXPECT_EQ(times.x.scale, Scale::log);
  EXPECT_EQ(times.rules.at(0).at, 1);
  ASSERT_THAT(times.series, SizeIs(2));
  EXPECT_NEAR(times.series[0].x.at(0), 0.1, 1e-12);
  EXPECT_NEAR(times.series[0].x.at(1), 0.5, 1e-12);
  EXPECT_THAT(times.series[0].y, ElementsAre(-0.25, 0.75));
  EXPECT_THAT(times.series[1].y, ElementsAre(0.25, 1.25));
  EXPECT_TRUE(std::isnan(times.series[1].x.at(0)));
  EXPECT_THAT(times.series[1].labels.at(0), HasSubstr("n = 0, 1 the base alone"));
  EXPECT_THAT(figure.description, HasSubstr("B to A, steps to generalize, data.train_fraction 0.5: "
                                            "ratio 0.5, n = 1"));
}

TEST(ComparisonFigure, HasWhiskersWhereThereAreTwoPairs) {
  const std::vector<Study> studies{study_of({10'000, 1000})->read(), study_of({1000, 500})->read()};
  const auto comparison = compare(studies, {{"steps_to_generalize"}, ""});
  const auto figure = comparison_figure(comparison);
  const auto& series = figure.panels.at(0).series.at(0);
  EXPECT_THAT(figure.panels[0].y.categories, ElementsAre("all"));
  EXPECT_THAT(series.y, ElementsAre(0));
  EXPECT_NEAR(series.low.at(0), 0.1, 1e-12);
  EXPECT_NEAR(series.x.at(0), std::sqrt(0.05), 1e-12);
  EXPECT_NEAR(series.high.at(0), 0.5, 1e-12);
}

}  // namespace
}  // namespace groklab
