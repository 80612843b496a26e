#include "report/kinds.h"
#include "support/small_study.h"

#include <gmock/gmock.h>
#include <groklab/error.h>

namespace groklab {
namespace {

using test::evaluated;
using test::SmallStudy;
using testing::AllOf;
using testing::DoubleEq;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

struct Losses {
  double batch, train, exact;
};

// At steps 10, 100, …
std::vector<MetricsRow> run(const std::vector<Losses>& losses, double decay = 0.5) {
  std::vector<MetricsRow> rows;
  std::int64_t step = 10;
  for (const auto& loss : losses) {
    rows.push_back(evaluated(step, 1, 0.5, loss.train));
    auto& values = rows.back().values;
    values.emplace_back("batch_loss", loss.batch);
    values.emplace_back("softmax_collapse.train_loss", loss.exact);
    values.emplace_back("softmax_collapse.zero_loss_share", loss.batch == 0 ? 1 : 0);
    values.emplace_back("update_anatomy", 1);
    values.emplace_back("update_anatomy.optimizer", 0.25);
    values.emplace_back("update_anatomy.decay", decay);
    values.emplace_back("update_anatomy.regularizers", 0);
    step *= 10;
  }
  return rows;
}

Figure drawn(const SmallStudy& small) { return draw_figure(small.read(), {"loss_anatomy", {}}); }

const Series& named(const Panel& panel, const std::string& start) {
  for (const auto& series : panel.series) {
    if (series.name.starts_with(start)) return series;
  }
  throw Error("no series " + start);
}

TEST(LossAnatomy, ShowsExactZerosOnThePanelsFloor) {
  SmallStudy small;
  small.set("precision", "float32");
  small.add_cell({{"seed", "0"}}, run({{1, 1, 1}, {0, 1e-9, 1e-9}, {0, 0, 1e-20}}));
  const auto figure = drawn(small);
  ASSERT_THAT(figure.panels, SizeIs(3));  // no gradient was measured
  const auto& losses = figure.panels[0];
  EXPECT_EQ(losses.y.scale, Scale::log);
  ASSERT_TRUE(losses.y.from);
  EXPECT_THAT(*losses.y.from, DoubleEq(1e-21));  // a decade below the least, 1e-20
  const auto& batch = named(losses, "batch_loss");
  EXPECT_EQ(batch.mark, SeriesMark::points);
  EXPECT_THAT(batch.x, ElementsAre(10, 100, 1000));
  std::vector<std::vector<double>> rugs;
  for (const auto& series : losses.series) {
    if (!series.is_on_right && series.name.empty()) {
      rugs.push_back(series.x);
      for (const double y : series.y) EXPECT_EQ(y, *losses.y.from);
    }
  }
  EXPECT_THAT(rugs, ElementsAre(ElementsAre(1000), ElementsAre(100, 1000)));  // train, batch
  EXPECT_THAT(
      figure.caption,
      AllOf(
          HasSubstr("n: one run."),
          HasSubstr("batch_loss was exactly 0 at evaluations of 1 of 1 runs, at first at step 100, "
                    "the longest time from step 100 to 1000, the end (2 evaluations in a row)."),
          HasSubstr(
              "train_loss was exactly 0 at evaluations of 1 of 1 runs, at first at step 1000"),
          HasSubstr("softmax_collapse.train_loss was never exactly 0."),
          HasSubstr("update_anatomy.regularizers was always 0.")));
}

TEST(LossAnatomy, HoldsTheOptimizersPartAgainstDecay) {
  SmallStudy small;
  small.add_cell({{"seed", "0"}}, run({{1, 1, 1}, {2, 2, 2}}, 0.5));
  small.add_cell({{"seed", "1"}}, run({{3, 3, 3}, {4, 4, 4}}, 0.75));
  small.add_cell({{"seed", "2"}}, run({{8, 8, 8}, {9, 9, 9}}, 4));
  const auto figure = drawn(small);
  const auto& update = figure.panels.back();
  EXPECT_THAT(named(update, "update_anatomy.optimizer").y, ElementsAre(0.25, 0.25));
  const auto& decay = named(update, "update_anatomy.decay");
  EXPECT_TRUE(decay.is_dashed);
  EXPECT_THAT(decay.y, ElementsAre(0.75, 0.75));  // median, and range
  EXPECT_THAT(decay.low, ElementsAre(0.5, 0.5));
  EXPECT_THAT(decay.high, ElementsAre(4, 4));
  EXPECT_FALSE(figure.panels[0].y.from);  // nothing is exactly zero
  EXPECT_THAT(figure.caption, AllOf(HasSubstr("n: 3 runs, which differ in seed."),
                                    HasSubstr("Median over runs; band: the least to the greatest."),
                                    HasSubstr("batch_loss was never exactly 0.")));
  for (const auto& panel : figure.panels) EXPECT_TRUE(panel.right);
}

TEST(LossAnatomy, SaysOfGroupsWhatLinesAndPointsAre) {
  SmallStudy small;
  for (const auto* decay : {"0.0", "1.0"}) {
    small.add_cell({{"optimizer.weight_decay", decay}},
                   run({{1, 1, 1}, {0, 1e-9, 1e-9}}, std::stod(decay)));
  }
  const auto figure = drawn(small);
  EXPECT_EQ(named(figure.panels[0], "weight_decay 0.0").colour, 0U);
  EXPECT_EQ(named(figure.panels[0], "weight_decay 1.0").colour, 1U);
  EXPECT_THAT(
      figure.caption,
      AllOf(HasSubstr("batch_loss was exactly 0 at evaluations of weight_decay 0.0: 1 of 1 runs"),
            HasSubstr("softmax_collapse.train_loss: line, training set, without rounding."),
            HasSubstr("train_loss: dashed, training set, softmax in float64."),
            HasSubstr("update_anatomy.decay was always 0 in weight_decay 0.0."),
            HasSubstr("batch_loss: points,")));
  std::size_t decay_lines = 0;
  for (const auto& series : figure.panels.back().series) decay_lines += series.is_dashed;
  EXPECT_EQ(decay_lines, 1U);
  EXPECT_EQ(named(figure.panels.back(), "update_anatomy.decay").colour, 1U);
}

TEST(LossAnatomy, NamesTheProbesThatItNeeds) {
  SmallStudy small;
  small.add_cell({{"seed", "0"}}, {evaluated(10, 1, 1)});
  const auto study = small.read();
  EXPECT_THAT(loss_anatomy_kind().natural_requests(study), IsEmpty());
  try {
    draw_figure(study, {"loss_anatomy", {}});
    FAIL() << "there are no probes";
  } catch (const Error& error) {
    EXPECT_THAT(error.what(),
                AllOf(HasSubstr("add probes: [{name: softmax_collapse}, {name: update_anatomy}"),
                      HasSubstr("Measured were: train_accuracy, train_loss")));
  }
}

TEST(LossAnatomy, IsNaturalWithEitherProbe) {
  SmallStudy small;
  small.add_cell({{"seed", "0"}}, run({{1, 1, 1}}));
  EXPECT_THAT(loss_anatomy_kind().natural_requests(small.read()), SizeIs(1));
}

}  // namespace
}  // namespace groklab
