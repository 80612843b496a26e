#include "report/expectation.h"
#include "report/kinds.h"
#include "support/small_study.h"

#include <gmock/gmock.h>
#include <groklab/error.h>

#include <cmath>

namespace groklab {
namespace {

using test::evaluated;
using test::SmallStudy;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

std::vector<MetricsRow> with_sharpness(double sharpness, double val_accuracy) {
  auto rows = std::vector{evaluated(0, 0, 0), evaluated(100, 1, val_accuracy)};
  rows[0].values.emplace_back("sharpness", 1e6);  // an earlier one does not count
  rows[1].values.emplace_back("sharpness", sharpness);
  return rows;
}

// stats.permutation_test(([0.3, 1.2, 0.9, 2.5, 1.9, 3.3, 0.1],), lambda x: stats.spearmanr(x,
// [0.7, 0.65, 0.5, 0.2, 0.3, 0.25, 0.4])[0], permutation_type='pairings', n_resamples=np.inf) of
// SciPy 1.10: −0.714286, 0.0880952.
void add_seven(SmallStudy& small) {
  const std::vector<double> x{0.3, 1.2, 0.9, 2.5, 1.9, 3.3, 0.1};
  const std::vector<double> y{0.7, 0.65, 0.5, 0.2, 0.3, 0.25, 0.4};
  for (std::size_t i = 0; i < x.size(); ++i) {
    small.add_cell({{"optimizer.name", i < 3 ? "adamw" : "sgd"}, {"seed", std::to_string(i)}},
                   with_sharpness(x[i], y[i]));
  }
}

TEST(Scatter, HasAPointARunAndItsRankCorrelation) {
  SmallStudy small;
  add_seven(small);
  const auto figure = draw_figure(small.read(), {"scatter", {}});
  ASSERT_THAT(figure.panels, SizeIs(1));
  const auto& series = figure.panels[0].series;
  ASSERT_THAT(series, SizeIs(2));
  EXPECT_EQ(series[0].name, "adamw");
  EXPECT_THAT(series[0].x, ElementsAre(0.3, 1.2, 0.9));
  EXPECT_THAT(series[0].y, ElementsAre(0.7, 0.65, 0.5));
  EXPECT_EQ(series[1].labels.front(), "optimizer.name sgd, seed 3");
  EXPECT_FALSE(series[1].shows_labels);
  EXPECT_EQ(figure.caption,
            "Spearman's ρ = -0.714, two-sided p = 0.088 (exact, over all 7! orders), n = 7 runs, "
            "each taken as independent. No cell of 7 is left out.");
}

TEST(Scatter, CountsWhatItLeavesOutAndWhy) {
  SmallStudy small;
  add_seven(small);
  small.add_cell({{"optimizer.name", "sgd"}, {"seed", "7"}}, {evaluated(0, 1, 1)});
  small.add_cell({{"optimizer.name", "sgd"}, {"seed", "8"}}, {}, "waiting");
  EXPECT_THAT(
      draw_figure(small.read(), {"scatter", {}}).caption,
      HasSubstr("n = 8 runs; 1 have no sharpness, so there is no rank correlation. Cells left out: "
                "1 have no sharpness, 1 have not been measured."));
}

TEST(Scatter, TakesNumbersOfTheSummaryToo) {
  SmallStudy small;
  for (const auto generalized : {100, 1000, 10'000}) {
    small.add_cell({{"seed", std::to_string(generalized)}}, test::grokking(10, generalized));
  }
  const auto figure = draw_figure(
      small.read(), {"scatter", {{"x", "steps_to_generalize"}, {"y", "best_val_accuracy"}}});
  EXPECT_THAT(figure.panels[0].series[0].x, ElementsAre(100, 1000, 10'000));
  EXPECT_THAT(figure.panels[0].series[0].y, ElementsAre(1, 1, 1));
  EXPECT_EQ(figure.panels[0].x.label, "steps_to_generalize (parameter updates)");
  EXPECT_EQ(figure.caption,
            "n = 3 runs; one of the two has one value alone, so there is no rank correlation. No "
            "cell of 3 is left out.");
}

// Ranks 1, 2, 3, 4 of the steps, never last, against mean ranks 3, 3, 3, 1: −3 / √(5 · 3).
TEST(Scatter, HasTheCorrelationOfTheClaimWithRunsThatNeverGotThere) {
  SmallStudy small;
  for (const auto generalized : {100, 1000, 10'000, 0}) {
    small.add_cell({{"seed", std::to_string(generalized)}}, test::grokking(10, generalized));
  }
  const std::map<std::string, Value> numbers{{"x", std::string("steps_to_generalize")},
                                             {"y", std::string("best_val_accuracy")}};
  auto claim = numbers;
  claim["at_most"] = std::string("0");
  small.expect("rank_correlation", claim);
  const auto study = small.read();
  const auto figure = draw_figure(study, {"scatter", numbers});
  const auto& points = figure.panels[0].series[0];
  EXPECT_THAT(points.x, ElementsAre(100, 1000, 10'000, 100'000));  // the budget
  EXPECT_THAT(points.is_bound, ElementsAre(false, false, false, true));
  EXPECT_THAT(points.is_bound_of_x, ElementsAre(false, false, false, true));
  const auto rho = findings_of(study).at(0).estimate->value.low;
  EXPECT_NEAR(rho, -std::sqrt(0.6), 1e-12);
  EXPECT_THAT(figure.caption, HasSubstr(fmt::format("Spearman's ρ = {:.3f}, ", rho)));
  EXPECT_THAT(figure.caption, HasSubstr("n = 4 runs"));
  EXPECT_THAT(figure.caption, HasSubstr("Hollow triangles: not reached, drawn at the budget"));
  EXPECT_THAT(figure.caption, HasSubstr("(1 of steps_to_generalize). No cell of 4 is left out."));
}

TEST(Scatter, SaysWhatWasMeasuredInstead) {
  SmallStudy small;
  add_seven(small);
  try {
    draw_figure(small.read(), {"scatter", {{"x", "sharpnes"}}});
    FAIL() << "nobody measured sharpnes";
  } catch (const Error& error) {
    EXPECT_THAT(error.what(), HasSubstr("x: no run measured 'sharpnes'; did you mean 'sharpness'"));
  }
}

TEST(Scatter, IsNaturalOfThreeRunsWithSharpness) {
  SmallStudy small;
  for (const auto* seed : {"0", "1"}) small.add_cell({{"seed", seed}}, with_sharpness(1, 1));
  EXPECT_THAT(scatter_kind().natural_requests(small.read()), IsEmpty());
  small.add_cell({{"seed", "2"}}, with_sharpness(1, 1));
  EXPECT_THAT(scatter_kind().natural_requests(small.read()), SizeIs(1));
}

}  // namespace
}  // namespace groklab
