#include "report/kinds.h"
#include "support/small_study.h"

#include <gmock/gmock.h>
#include <groklab/error.h>

namespace groklab {
namespace {

using test::evaluated;
using test::SmallStudy;
using testing::AllOf;
using testing::DoubleNear;
using testing::ElementsAre;
using testing::EndsWith;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

Figure drawn(const SmallStudy& small, const std::map<std::string, Value>& options) {
  return draw_figure(small.read(), {"interventions", options});
}

void add(SmallStudy& small, const std::string& optimizer, const std::string& fraction,
         const std::vector<double>& best_accuracies) {
  for (std::size_t seed = 0; seed < best_accuracies.size(); ++seed) {
    small.add_cell({{"optimizer.name", optimizer},
                    {"data.train_fraction", fraction},
                    {"seed", std::to_string(seed)}},
                   {evaluated(0, 0, 0), evaluated(100, 1, best_accuracies[seed])});
  }
}

// adam: means 0.5, 0.9, 1, so 0.3 + 0.1 · 0.09/0.1 = 0.39. adamw: means 0.9, 1, so
// 0.2 + 0.1 · 0.09/0.1 = 0.29; a quarter of the resamples has seed 0 alone,
// 0.2 + 0.1 · 0.04/0.05 = 0.28, and a quarter seed 1 alone, 0.2 + 0.1 · 0.14/0.15 = 0.29333.
// sgd: never.
void add_three_optimizers(SmallStudy& small) {
  add(small, "sgd", "0.2", {0.1, 0.1});
  add(small, "sgd", "0.3", {0.1, 0.1});
  add(small, "sgd", "0.4", {0.1, 0.1});
  add(small, "adam", "0.2", {0.5, 0.5});
  add(small, "adam", "0.3", {0.9, 0.9});
  add(small, "adam", "0.4", {1, 1});
  add(small, "adamw", "0.2", {0.95, 0.85});
  add(small, "adamw", "0.3", {1, 1});
  add(small, "adamw", "0.4", {1, 1});
}

TEST(Interventions, InterpolateTheDataThatIsNeeded) {
  SmallStudy small;
  add_three_optimizers(small);
  const auto figure = drawn(small, {{"statistic", "data_needed"}});
  ASSERT_THAT(figure.panels, SizeIs(1));
  const auto& panel = figure.panels[0];
  EXPECT_THAT(panel.y.categories, ElementsAre("sgd", "adam", "adamw"));  // the best on top
  ASSERT_THAT(panel.series, SizeIs(1));
  const auto& points = panel.series[0];
  constexpr double kTiny = 1e-12;
  EXPECT_THAT(points.y, ElementsAre(0, 1, 2));
  EXPECT_THAT(points.x, ElementsAre(0.4, DoubleNear(0.39, kTiny), DoubleNear(0.29, kTiny)));
  EXPECT_THAT(points.low, ElementsAre(0.4, DoubleNear(0.39, kTiny), DoubleNear(0.28, kTiny)));
  EXPECT_THAT(points.high,
              ElementsAre(0.4, DoubleNear(0.39, kTiny), DoubleNear(0.2 + 0.1 * 14 / 15, kTiny)));
  EXPECT_THAT(points.is_bound, ElementsAre(true, false, false));
}

TEST(Interventions, RankCombinationsOfSeveralKeys) {
  SmallStudy small;
  add_three_optimizers(small);
  const auto figure = drawn(small, {{"by", "optimizer.name,data.train_fraction"},
                                    {"statistic", "best_val_accuracy"},
                                    {"where", "optimizer.name=adamw"}});
  EXPECT_THAT(figure.panels[0].y.categories, SizeIs(3));
  EXPECT_EQ(figure.panels[0].y.categories.front(), "adamw, 0.2");
}

TEST(Interventions, SayWhatTheRankingIsMadeOf) {
  SmallStudy small;
  add_three_optimizers(small);
  const auto caption = drawn(small, {{"statistic", "data_needed"}}).caption;
  EXPECT_THAT(
      caption,
      AllOf(HasSubstr("the best validation accuracy reaches 0.99"),
            HasSubstr("n = 2 seeds, 6 runs each, which differ in data.train_fraction, seed."),
            HasSubstr("95 % intervals by percentile bootstrap over seeds"),
            HasSubstr("Hollow triangles at the largest fraction tried: not reached there "
                      "(sgd)."),
            HasSubstr("With fewer than 6 values an interval is too narrow"),
            HasSubstr("The intervals of all neighbours are apart.")));
}

TEST(Interventions, KnowThatLessDataMayDoThanWasTried) {
  SmallStudy small;
  add(small, "adam", "0.2", {1, 1});
  add(small, "adam", "0.4", {1, 1});
  const auto figure = drawn(small, {{"by", "optimizer.name"}, {"statistic", "data_needed"}});
  EXPECT_THAT(figure.panels[0].series[0].x, ElementsAre(0.2));
  EXPECT_THAT(figure.caption,
              HasSubstr("Reached at the least fraction tried, so it may be less: adam."));
}

// The interval of a mean of two goes from one to the other: each has a quarter of the resamples
// alone.
TEST(Interventions, RankMeansOfTheBestAccuracy) {
  SmallStudy small;
  add(small, "adam", "0.5", {0.75, 0.5});
  add(small, "sgd", "0.5", {0.5, 0.25});
  add(small, "lion", "0.5", {0.875});
  const auto figure = drawn(small, {{"by", "optimizer.name"}});
  const auto& points = figure.panels[0].series[0];
  EXPECT_THAT(figure.panels[0].y.categories, ElementsAre("sgd", "adam", "lion"));
  EXPECT_THAT(points.x, ElementsAre(0.375, 0.625, 0.875));
  EXPECT_THAT(points.low, ElementsAre(0.25, 0.5, 0.875));
  EXPECT_THAT(points.high, ElementsAre(0.5, 0.75, 0.875));
  EXPECT_THAT(figure.caption, HasSubstr("n: 1 to 2 runs each, which differ in seed."));
  EXPECT_THAT(figure.caption,
              HasSubstr("Neighbours that cannot be told apart, as their intervals "
                        "overlap or are of one value: lion and adam; adam and sgd."));
}

TEST(Interventions, NameNoMorePairsThanACaptionHolds) {
  SmallStudy small;
  for (const char letter : std::string("abcdefghijkl")) {
    add(small, std::string(1, letter), "0.5", {0.75, 0.5});
  }
  EXPECT_THAT(drawn(small, {{"by", "optimizer.name"}}).caption,
              EndsWith("g and h; h and i; and 3 more."));
}

std::vector<MetricsRow> evaluations(const std::vector<double>& accuracies) {
  std::vector<MetricsRow> rows;
  for (const double accuracy : accuracies) {
    rows.push_back(evaluated(std::ssize(rows) * 100, 1, accuracy));
  }
  return rows;
}

TEST(Interventions, TakeMediansOfStepsWithNeverAsTheGreatest) {
  SmallStudy small;
  const auto add_runs = [&](const char* optimizer, const std::vector<std::int64_t>& steps) {
    for (std::size_t i = 0; i < steps.size(); ++i) {
      small.add_cell({{"optimizer.name", optimizer}, {"seed", std::to_string(i)}},
                     test::grokking(10, steps[i]));
    }
  };
  add_runs("adam", {20'000, 3000, 0});
  add_runs("sgd", {0, 50'000, 0});
  const auto figure = drawn(small, {{"statistic", "steps_to_generalize"}});
  const auto& points = figure.panels[0].series[0];
  EXPECT_THAT(figure.panels[0].y.categories, ElementsAre("sgd", "adam"));
  EXPECT_THAT(points.x, ElementsAre(100'000, 20'000));  // the budget for never
  EXPECT_THAT(points.is_bound, ElementsAre(true, false));
  EXPECT_THAT(points.low, ElementsAre(50'000, 3000));
  EXPECT_THAT(points.high, ElementsAre(100'000, 100'000));
  EXPECT_THAT(
      figure.caption,
      AllOf(HasSubstr("validation accuracy of 0.99 or more (first)"),
            HasSubstr("Hollow triangles at the last step measured: not reached there (sgd)"),
            HasSubstr("Intervals that go on beyond the last step measured: adam."),
            HasSubstr("cannot be told apart")));
}

TEST(Interventions, TheCriterionCanTurnARanking) {
  SmallStudy small;
  small.add_cell({{"optimizer.name", "early"}}, evaluations({0, 1, 0, 0, 0, 0, 1, 1, 1, 1}));
  small.add_cell({{"optimizer.name", "late"}}, evaluations({0, 0, 0, 1, 1, 1, 1, 1, 1, 1}));
  const auto first = drawn(small, {{"statistic", "steps_to_generalize"}});
  EXPECT_THAT(first.panels[0].y.categories, ElementsAre("late", "early"));
  EXPECT_THAT(first.panels[0].series[0].x, ElementsAre(300, 100));
  const auto sustained =
      drawn(small, {{"statistic", "steps_to_generalize"}, {"criterion", "sustained"}});
  EXPECT_THAT(sustained.panels[0].y.categories, ElementsAre("early", "late"));
  EXPECT_THAT(sustained.panels[0].series[0].x, ElementsAre(600, 300));
  EXPECT_THAT(sustained.caption, HasSubstr("the three after it keep to (sustained)"));
}

std::string error_of(const SmallStudy& small, const std::map<std::string, Value>& options) {
  try {
    drawn(small, options);
  } catch (const Error& error) {
    return error.what();
  }
  return "";
}

TEST(Interventions, SayWhatTheyNeed) {
  SmallStudy fractions;
  fractions.add_cell({{"data.train_fraction", "0.2"}}, evaluations({0, 1}));
  fractions.add_cell({{"data.train_fraction", "0.4"}}, evaluations({0, 1}));
  EXPECT_THAT(
      error_of(fractions, {{"statistic", "data_needed"}}),
      HasSubstr("a swept key other than data.train_fraction, and there is none; set by to"));
  SmallStudy one_fraction;
  add(one_fraction, "adam", "0.5", {1});
  EXPECT_THAT(error_of(one_fraction, {{"statistic", "data_needed"}}),
              HasSubstr("needs several values of data.train_fraction"));
}

TEST(Interventions, RankAllSweptKeysByDefault) {
  SmallStudy two;
  two.add_cell({{"loss.name", "a"}, {"optimizer.name", "b"}}, evaluations({0, 1}));
  two.add_cell({{"loss.name", "a"}, {"optimizer.name", "c"}}, evaluations({0, 0.5}));
  EXPECT_THAT(drawn(two, {}).panels[0].y.categories, ElementsAre("a, c", "a, b"));
}

// A stretch of two good evaluations at the end: at least 300, as far as is known.
TEST(Interventions, DrawASustainedStepThatMayBeThereAtWhereItBegins) {
  SmallStudy small;
  small.add_cell({{"optimizer.name", "cut_off"}}, evaluations({0, 0, 0, 1, 1}));
  small.add_cell({{"optimizer.name", "there"}}, evaluations({0, 1, 1, 1, 1}));
  const auto figure =
      drawn(small, {{"statistic", "steps_to_generalize"}, {"criterion", "sustained"}});
  const auto& points = figure.panels[0].series[0];
  EXPECT_THAT(points.x, ElementsAre(300, 100));
  EXPECT_THAT(points.is_bound, ElementsAre(true, false));
  EXPECT_THAT(points.high, ElementsAre(400, 100));
  EXPECT_THAT(figure.caption, HasSubstr("on which runs bear that did not get there (cut_off)"));
}

TEST(Interventions, AreNaturalWhereKeysAreVariedBesideTheFraction) {
  SmallStudy small;
  add_three_optimizers(small);
  const auto requests = interventions_kind().natural_requests(small.read());
  ASSERT_THAT(requests, SizeIs(1));
  EXPECT_EQ(requests[0].options.at("statistic"), Value("data_needed"));
  SmallStudy seeds;
  seeds.add_cell({{"seed", "0"}}, evaluations({0, 1}));
  seeds.add_cell({{"seed", "1"}}, evaluations({0, 1}));
  EXPECT_THAT(interventions_kind().natural_requests(seeds.read()), IsEmpty());
}

}  // namespace
}  // namespace groklab
