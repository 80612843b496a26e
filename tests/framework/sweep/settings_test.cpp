#include "sweep/settings.h"

#include "support/experiments.h"

#include <gmock/gmock.h>

namespace groklab {
namespace {

using testing::ElementsAre;
using testing::UnorderedElementsAre;

std::vector<Cell> cells(const std::vector<std::string>& overrides) {
  const test::TemporaryFolder folder;
  return load_sweep(folder.write("spec.yaml", test::kSmallSpec), overrides,
                    {test::plugin_dir(), test::fixture_dir()})
      .sweep.cells;
}

// In what the second declaration cannot extend the first.
std::string between(const std::vector<std::string>& there, const std::vector<std::string>& now) {
  return differences(settings_of(cells(there)), settings_of(cells(now)));
}

TEST(SweepSettings, HaveEachValueOfAllCellsOnceAndNoneForACellThatLacksIt) {
  const auto settings =
      settings_of(cells({"sweep.grid.optimizer=[adamw, sgd]", "sweep.seeds=3", "device=cpu"}));
  EXPECT_THAT(settings.at("seed.init"), ElementsAre("0", "1", "2"));
  EXPECT_THAT(settings.at("optimizer.name"), ElementsAre("adamw", "sgd"));
  EXPECT_THAT(settings.at("optimizer.beta1"), UnorderedElementsAre("0.9", ""));
  EXPECT_THAT(settings.at("optimizer.nesterov"), UnorderedElementsAre("false", ""));
  EXPECT_THAT(settings.at("training.steps"), ElementsAre("20"));
  for (const auto* left_out : {"experiment", "claim", "device", "checkpoint.every"}) {
    EXPECT_FALSE(settings.contains(left_out)) << left_out;
  }
}

TEST(SweepSettings, MergeAsThoseOfAllCellsTogether) {
  const auto adamw = settings_of(cells({"sweep.seeds=2"}));
  const auto sgd = settings_of(cells({"optimizer=sgd"}));
  const auto both = settings_of(cells({"sweep.grid.optimizer=[adamw, sgd]"}));
  const auto all = merged(adamw, sgd);
  for (const auto& [path, values] : both) {
    EXPECT_THAT(all.at(path),
                path.starts_with("seed.")
                    ? testing::Matcher<std::vector<std::string>>(ElementsAre("0", "1"))
                    : testing::UnorderedElementsAreArray(values))
        << path;
  }
  EXPECT_EQ(merged(both, both), both);
}

TEST(SweepSettings, CanBeExtendedByValuesBesideThoseThatAreThere) {
  EXPECT_EQ(between({}, {}), "");
  EXPECT_EQ(between({}, {"sweep.seeds=2"}), "");
  EXPECT_EQ(between({"sweep.seeds=2"}, {"sweep.seeds=5"}), "");
  EXPECT_EQ(between({"sweep.seeds=2"}, {}), "") << "fewer values declare less of what is there";
  EXPECT_EQ(between({"sweep.seeds=2"}, {"seed=7"}), "") << "what varies may take other values";
  EXPECT_EQ(between({}, {"sweep.grid.data.train_fraction=[0.5, 0.6]"}), "");
  EXPECT_EQ(between({}, {"sweep.grid.optimizer=[adamw, sgd]"}), "");
  EXPECT_EQ(between({}, {"sweep.grid.regularizers=[[], [weight_decay]]"}), "");
  EXPECT_EQ(between({}, {"experiment=other", "device=cpu", "checkpoint.every=7"}), "");
}

TEST(SweepSettings, CannotBeExtendedWithoutTheOneValueThatIsThere) {
  EXPECT_EQ(between({}, {"data.train_fraction=0.6"}),
            "\n  data.train_fraction: 0.5 there, 0.6 now");
  EXPECT_EQ(between({"sweep.seeds=2"}, {"sweep.seeds=2", "training.steps=30"}),
            "\n  training.steps: 20 there, 30 now");
  EXPECT_EQ(between({}, {"sweep.grid.data.train_fraction=[0.6, 0.7]"}),
            "\n  data.train_fraction: 0.5 there, 0.6, 0.7 now");
  EXPECT_EQ(between({}, {"sweep.grid.model.width=[4, 8, 12, 20, 24, 28, 32]"}),
            "\n  model.width: 16 there, 4, 8, 12, 20, 24, … 7 in all now");
  EXPECT_THAT(between({}, {"regularizers=[weight_decay]"}),
              testing::HasSubstr("\n  regularizers.0.name: (none) there, weight_decay now"));
  const auto other = between({}, {"optimizer=sgd"});
  EXPECT_THAT(other, testing::HasSubstr("\n  optimizer.name: adamw there, sgd now"));
  EXPECT_THAT(other, testing::HasSubstr("\n  optimizer.beta1: 0.9 there, (none) now"));
}

TEST(SweepSettings, TellTheOneValueOfAllCells) {
  const auto settings = settings_of(cells({"sweep.grid.data.train_fraction=[0.5, 0.6]"}));
  EXPECT_EQ(only_value(settings, "model.width"), "16");
  EXPECT_EQ(only_value(settings, "data.train_fraction"), "");
  EXPECT_EQ(only_value(settings, "seed"), "0");
  EXPECT_EQ(only_value(settings, "optimizer.momentum"), "");
}

TEST(SweepSettings, AreColumnsByTheNameOfAPluginOfWhichTheWholeIsSwept) {
  EXPECT_EQ(column_of("operation"), "operation.name");
  EXPECT_EQ(column_of("operation.name"), "operation.name");
  EXPECT_EQ(column_of("seed"), "seed");
  EXPECT_EQ(column_of("seed.init"), "seed.init");
  EXPECT_EQ(column_of("regularizers"), "regularizers");

  const auto swept = cells(
      {"sweep.grid.seed=[3, {init: 4}]", "sweep.grid.optimizer=[sgd, {name: sgd, momentum: 0.5}]"});
  ASSERT_EQ(swept.size(), 4);
  const std::vector<std::string> columns{"seed", "optimizer.name", "model.width", "model.nothing"};
  EXPECT_THAT(coordinates_of(swept[0], columns), ElementsAre("3", "sgd", "16", ""));
  EXPECT_THAT(coordinates_of(swept[3], columns),
              ElementsAre("{init: 4}", "{name: sgd, momentum: 0.5}", "16", ""));
}

}  // namespace
}  // namespace groklab
