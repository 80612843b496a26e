#include "report/kinds.h"
#include "support/small_study.h"

#include <gmock/gmock.h>
#include <groklab/error.h>

namespace groklab {
namespace {

using testing::Each;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;
using testing::ThrowsMessage;

TEST(Curve, OfOneRunIsItsLinesWithoutStepZero) {
  test::SmallStudy small;
  small.add_cell({{"seed", "0"}}, test::grokking(100, 2000));
  const auto figure = draw_figure(small.read(), {"curve", {}});
  ASSERT_THAT(figure.panels, SizeIs(2));
  const auto& [training, validation] =
      std::tie(figure.panels[0].series.at(0), figure.panels[0].series.at(1));
  EXPECT_EQ(training.colour, kTrainColour);
  EXPECT_EQ(validation.colour, kValColour);
  EXPECT_THAT(training.x, ElementsAre(1, 10, 100, 1000, 2000, 10'000, 100'000));
  EXPECT_THAT(validation.y, ElementsAre(0.125, 0.125, 0.125, 0.125, 1, 1, 1));
  EXPECT_THAT(training.low, IsEmpty());
  EXPECT_EQ(figure.panels[1].y.scale, Scale::log);
  ASSERT_THAT(figure.panels[0].rules, SizeIs(2));
  EXPECT_EQ(figure.panels[0].rules[0].label, "memorised: 100");
  EXPECT_EQ(figure.panels[0].rules[1].label, "generalised: 2000");
}

TEST(Curve, OfRepetitionsIsTheirMeanAtTheStepsThatAllHave) {
  test::SmallStudy small;
  const std::vector<double> accuracies{0.1, 0.4, 0.7};
  for (std::size_t i = 0; i < 3; ++i) {
    const auto own_step = static_cast<std::int64_t>(20 + i);
    small.add_cell({{"seed", std::to_string(i)}},
                   {test::evaluated(10, accuracies[i], 0), test::evaluated(own_step, 0.5, 0),
                    test::evaluated(100, accuracies[i], 0)});
  }
  const auto figure = draw_figure(small.read(), {"curve", {{"band", std::string("range")}}});
  ASSERT_THAT(figure.panels[0].series, SizeIs(8));  // three faint and a mean, twice
  EXPECT_TRUE(figure.panels[0].series[0].is_faint);
  const auto& mean = figure.panels[0].series[3];
  EXPECT_THAT(mean.x, ElementsAre(10, 100));
  EXPECT_THAT(mean.y, Each(testing::DoubleEq(0.4)));
  EXPECT_THAT(mean.low, ElementsAre(0.1, 0.1));
  EXPECT_THAT(mean.high, ElementsAre(0.7, 0.7));
  EXPECT_THAT(figure.caption, HasSubstr("Mean over n = 3 runs"));
  EXPECT_THAT(figure.caption, HasSubstr("least to greatest"));
  EXPECT_THAT(figure.panels[0].rules, IsEmpty());  // never
}

TEST(Curve, TheOnlyVariedKeyHasColoursAndTrainingIsDashed) {
  test::SmallStudy small;
  for (const auto* operation : {"add", "divide"}) {
    small.add_cell({{"operation.name", operation}}, test::grokking(100, 2000));
  }
  const auto study = small.read();
  const auto figure = draw_figure(study, {"curve", {}});
  for (const auto& series : figure.panels[0].series) {
    EXPECT_EQ(series.is_dashed, series.name.empty());
  }
  EXPECT_EQ(figure.panels[0].series.back().name, "divide");
  EXPECT_THAT(curve_kind().natural_requests(study), SizeIs(1));
}

TEST(Curve, SaysWhichRunsItLeavesOut) {
  test::SmallStudy small;
  small.add_cell({{"seed", "0"}}, test::grokking(100, 2000));
  small.add_cell({{"seed", "1"}}, {test::evaluated(0, 0, 0), test::evaluated(1, 0, 0)}, "diverged");
  EXPECT_THAT(draw_figure(small.read(), {"curve", {}}).caption,
              HasSubstr("Left out, as fewer than two evaluations are finite: 1 of 2 runs."));
}

TEST(Curve, NeedsTwoEvaluationsAfterStepZero) {
  test::SmallStudy small;
  small.add_cell({{"seed", "0"}}, {test::evaluated(0, 0, 0), test::evaluated(1, 0, 0)});
  const auto study = small.read();
  EXPECT_THAT(
      [&] {
        draw_figure(study, {"curve", {}});
      },
      ThrowsMessage<Error>(HasSubstr("fewer than two evaluations to draw")));
  EXPECT_THAT(curve_kind().natural_requests(study), IsEmpty());
}

}  // namespace
}  // namespace groklab
