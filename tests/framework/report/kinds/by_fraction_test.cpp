#include "report/expectation.h"
#include "report/kinds.h"
#include "support/small_study.h"

#include <gmock/gmock.h>
#include <groklab/error.h>

namespace groklab {
namespace {

using testing::DoubleNear;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;
using testing::ThrowsMessage;

// Steps to generalise of the runs at each fraction; 0: never.
void add_runs(test::SmallStudy& study, const std::string& fraction,
              const std::vector<std::int64_t>& steps, const std::string& operation = "add") {
  for (std::size_t seed = 0; seed < steps.size(); ++seed) {
    study.add_cell({{"data.train_fraction", fraction},
                    {"operation.name", operation},
                    {"seed", std::to_string(seed)}},
                   test::grokking(500, steps[seed]));
  }
}

const Series& series_named(const Figure& figure, const std::string& name) {
  for (const auto& series : figure.panels.at(0).series) {
    if (series.name == name) return series;
  }
  throw Error("there is no series " + name);
}

TEST(TimeByFraction, ShowsMediansThatWereNotReachedAsBoundsAtTheBudget) {
  test::SmallStudy small;
  add_runs(small, "0.5", {1000, 3000, 2000});
  add_runs(small, "0.25", {0, 50'000, 0});
  const auto figure = draw_figure(small.read(), {"time_by_fraction", {}});
  const auto& validation = series_named(figure, "validation");
  EXPECT_THAT(validation.x, ElementsAre(0.25, 0.5));
  EXPECT_THAT(validation.y, ElementsAre(100'000, 2000));
  EXPECT_THAT(validation.is_bound, ElementsAre(true, false));
  EXPECT_THAT(validation.low, ElementsAre(50'000, 1000));  // all three can be the same run
  EXPECT_THAT(validation.high, ElementsAre(100'000, 3000));
  EXPECT_THAT(series_named(figure, "training").y, ElementsAre(500, 500));
  EXPECT_THAT(figure.caption, HasSubstr("n = 3 runs a point, which differ in seed"));
  EXPECT_THAT(figure.caption, HasSubstr("2 of 6 runs never generalised, 0 of 6 runs never"));
}

// From 10000 to 1000 steps over 0.1 of the table: 10^(0.01 · 10) − 1 = 25.9 % a hundredth.
TEST(TimeByFraction, SaysWhatOnePercentLessDataCosts) {
  test::SmallStudy small;
  add_runs(small, "0.4", {10'000, 10'000});
  add_runs(small, "0.5", {1000, 1000});
  add_runs(small, "0.9", {1000, 1000});
  const auto figure = draw_figure(small.read(), {"time_by_fraction", {{"fit_to", 0.5}}});
  EXPECT_THAT(figure.caption,
              HasSubstr("25.9 % more steps for each 1 % of the table less (95 % interval 25.9 to "
                        "25.9 %; fractions 0.4 to 0.5)"));
  const auto& line = figure.panels[0].series.at(1);
  EXPECT_TRUE(line.is_dashed);
  EXPECT_THAT(line.x, ElementsAre(0.4, 0.5));
  EXPECT_THAT(line.y, ElementsAre(DoubleNear(10'000, 1e-6), DoubleNear(1000, 1e-6)));
}

// In 7 of 27 resamples the run that never got there is the median: the interval has no end.
TEST(TimeByFraction, HasTheSlopeOfTheClaimWithEveryResample) {
  test::SmallStudy small;
  add_runs(small, "0.30", {10'000, 10'000, 0});
  add_runs(small, "0.31", {1000, 1000, 1000});
  small.expect("time_slope", {{"at_least", std::string("1")}});
  const auto study = small.read();
  const auto numbers = findings_of(study).at(0).numbers();
  EXPECT_EQ(numbers, "900, 95 % interval 900 to ∞, n = 3");
  EXPECT_THAT(
      draw_figure(study, {"time_by_fraction", {}}).caption,
      HasSubstr("Dashed, generalising: 900 % more steps for each 1 % of the table less (95 % "
                "interval 900 to ∞ %; fractions 0.3 to 0.31)."));
}

TEST(TimeByFraction, LeavesNoFractionOutOfTheSlope) {
  test::SmallStudy small;
  add_runs(small, "0.30", {0, 0});
  add_runs(small, "0.31", {10'000, 10'000});
  const auto figure = draw_figure(small.read(), {"time_by_fraction", {}});
  EXPECT_THAT(figure.caption, HasSubstr("Generalising: at least 900 % more steps"));
  EXPECT_THAT(figure.caption, HasSubstr("without a line, as not all medians were reached"));
  for (const auto& series : figure.panels[0].series) EXPECT_FALSE(series.is_dashed);
}

TEST(TimeByFraction, TheSustainedCriterionIsAnother) {
  test::SmallStudy small;
  auto rows = test::grokking(500, 2000);  // 2000, 10000 and 100000 are above, and no three follow
  for (const auto* fraction : {"0.3", "0.4"}) {
    small.add_cell({{"data.train_fraction", fraction}, {"seed", "0"}}, rows);
  }
  const auto study = small.read();
  EXPECT_THAT(series_named(draw_figure(study, {"time_by_fraction", {}}), "validation").y,
              ElementsAre(2000, 2000));
  const auto sustained =
      draw_figure(study, {"time_by_fraction", {{"criterion", std::string("sustained")}}});
  const auto& bounds = series_named(sustained, "validation");
  EXPECT_THAT(bounds.is_bound, ElementsAre(true, true));
  EXPECT_THAT(bounds.y, ElementsAre(2000, 2000));  // where the last stretch begins
  EXPECT_THAT(bounds.high, ElementsAre(100'000, 100'000));
  EXPECT_THAT(sustained.caption, HasSubstr("0 of 2 runs never generalised"));
  EXPECT_THAT(sustained.caption, HasSubstr("Of 2 more times no more is known than a least value"));
}

TEST(TimeByFraction, RunsThatGoOnAreLeftOutAndSoIsSaid) {
  test::SmallStudy small;
  add_runs(small, "0.4", {10'000});
  add_runs(small, "0.5", {1000});
  small.add_cell({{"data.train_fraction", "0.4"}, {"operation.name", "add"}, {"seed", "9"}},
                 test::grokking(500, 0), "interrupted");
  const auto figure = draw_figure(small.read(), {"time_by_fraction", {}});
  EXPECT_THAT(figure.caption, HasSubstr("1 of 3 measured runs are not done and left out"));
  EXPECT_THAT(figure.caption, HasSubstr("0 of 2 runs never generalised"));
}

TEST(TimeByFraction, AStudyOfOneFractionIsAnErrorWithWhatItVaries) {
  test::SmallStudy small;
  add_runs(small, "0.4", {10'000, 20'000});
  const auto study = small.read();
  EXPECT_THAT(
      [&] {
        draw_figure(study, {"time_by_fraction", {}});
      },
      ThrowsMessage<Error>(
          HasSubstr("needs measured runs at two or more values of data.train_fraction; this study "
                    "varies data.train_fraction, operation.name, seed")));
}

TEST(AccuracyByFraction, IsTheMeanWithALineForEachOperation) {
  test::SmallStudy small;
  add_runs(small, "0.4", {10'000, 0}, "add");  // best accuracies 1 and 0.125
  add_runs(small, "0.5", {1000, 1000}, "add");
  add_runs(small, "0.4", {0, 0}, "divide");
  add_runs(small, "0.5", {1000, 0}, "divide");
  const auto figure = draw_figure(small.read(), {"accuracy_by_fraction", {}});
  ASSERT_THAT(figure.panels[0].series, SizeIs(2));
  const auto& add = series_named(figure, "add");
  EXPECT_THAT(add.y, ElementsAre(0.5625, 1));
  EXPECT_THAT(add.low, ElementsAre(0.125, 1));
  EXPECT_THAT(add.high, ElementsAre(1, 1));
  EXPECT_THAT(series_named(figure, "divide").y, ElementsAre(0.125, 0.5625));
  EXPECT_THAT(figure.caption, HasSubstr("n = 2 runs a point, which differ in seed"));
  EXPECT_THAT(figure.caption, HasSubstr("Budget: 100000 steps"));
}

TEST(AccuracyByFraction, IsNaturalWhereFractionsAreSwept) {
  test::SmallStudy swept, single;
  add_runs(swept, "0.4", {1000});
  single.add_cell({{"seed", "0"}}, test::grokking(500, 1000));
  EXPECT_THAT(accuracy_by_fraction_kind().natural_requests(swept.read()), SizeIs(1));
  EXPECT_THAT(accuracy_by_fraction_kind().natural_requests(single.read()), IsEmpty());
}

}  // namespace
}  // namespace groklab
