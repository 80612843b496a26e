#include "report/lines.h"

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
using testing::SizeIs;

std::vector<const StudyCell*> all_cells(const Study& study) {
  std::vector<const StudyCell*> cells;
  for (const auto& cell : study.cells) cells.push_back(&cell);
  return cells;
}

std::vector<std::string> labels(const std::vector<CellGroup>& groups) {
  std::vector<std::string> all;
  for (const auto& group : groups) all.push_back(group.label);
  return all;
}

std::vector<MetricsRow> validation(const std::vector<double>& accuracies) {
  std::vector<MetricsRow> rows{evaluated(0, 0, 0)};
  std::int64_t step = 1;
  for (const double accuracy : accuracies) rows.push_back(evaluated(step, 1, accuracy)), step *= 10;
  return rows;
}

TEST(Lines, AreMadeOfRunsThatDifferInSeedsAlone) {
  SmallStudy small;
  for (const auto* operation : {"add", "divide"}) {
    for (const auto* seed : {"0", "1"}) {
      small.add_cell({{"operation.name", operation}, {"seed", seed}}, validation({0.5}));
    }
  }
  const auto study = small.read();
  const auto groups = coloured_groups(study, all_cells(study), "");
  EXPECT_THAT(labels(groups), ElementsAre("add", "divide"));
  EXPECT_EQ(repetitions_text(study, groups), "2 runs each, which differ in seed");
  EXPECT_THAT(labels(coloured_groups(study, all_cells(study), "seed")),
              ElementsAre("seed 0", "seed 1"));
  EXPECT_THAT(labels(coloured_groups(study, all_cells(study), "seed, operation.name")), SizeIs(4));
}

TEST(Lines, TakeTheFirstKeyThatColoursAreEnoughFor) {
  SmallStudy small;
  for (int i = 0; i < 8; ++i) {
    small.add_cell({{"data.train_fraction", fmt::format("0.{}", i + 1)},
                    {"operation.name", i % 2 == 0 ? "add" : "divide"}},
                   validation({0.5}));
  }
  const auto study = small.read();
  const auto cells = all_cells(study);
  EXPECT_THAT(labels(coloured_groups(study, cells, "")), ElementsAre("add", "divide"));
  try {
    coloured_groups(study, cells, "data.train_fraction");
    FAIL() << "eight groups have seven colours";
  } catch (const Error& error) {
    EXPECT_THAT(error.what(), HasSubstr("has 8 values, more than the 7 colours"));
    EXPECT_THAT(error.what(), HasSubstr("data.train_fraction, operation.name"));
  }
}

class PooledSettings : public testing::Test {
 protected:
  // Two operations by two fractions by two seeds.
  PooledSettings() {
    for (const auto* operation : {"add", "divide"}) {
      for (const auto* fraction : {"0.4", "0.5"}) {
        for (const auto* seed : {"0", "1"}) {
          small_.add_cell(
              {{"operation.name", operation}, {"data.train_fraction", fraction}, {"seed", seed}},
              validation({0.5, 1}));
        }
      }
    }
    study_ = small_.read();
  }

  std::string error_of(const std::string& kind, const std::map<std::string, Value>& options) {
    try {
      draw_figure(study_, {kind, options});
    } catch (const Error& error) {
      return error.what();
    }
    return "";
  }

  SmallStudy small_;
  Study study_;
};

TEST_F(PooledSettings, AreToldApartWhereNobodySaysHow) {
  EXPECT_THAT(labels(averaged_groups(study_, all_cells(study_), "", "curve")),
              ElementsAre("add, train_fraction 0.4", "add, train_fraction 0.5",
                          "divide, train_fraction 0.4", "divide, train_fraction 0.5"));
  EXPECT_THAT(
      labels(averaged_groups(study_, cells_where(study_, "operation.name=add"), "", "curve")),
      ElementsAre("train_fraction 0.4", "train_fraction 0.5"));
}

TEST_F(PooledSettings, AreRefusedByEveryFigureThatAveragesWithWhatToName) {
  const std::string series = "series: \"operation.name,data.train_fraction\"";
  EXPECT_EQ(error_of("curve", {{"series", "operation.name"}}),
            "curve: runs that would be averaged differ in data.train_fraction, and only runs that "
            "differ in seeds are repetitions; name all settings, " +
                series + ", or choose one value of each by where");
  EXPECT_THAT(error_of("probe_over_time", {{"probe", "train_loss"}, {"series", "operation.name"}}),
              HasSubstr(series));
  for (const std::string kind : {"time_by_fraction", "accuracy_by_fraction"}) {
    EXPECT_THAT(error_of(kind, {{"series", "data.train_fraction"}}),
                HasSubstr("differ in operation.name, and"))
        << kind;
  }
  EXPECT_THAT(error_of("interventions", {{"by", "operation.name"}}),
              HasSubstr("by: \"operation.name,data.train_fraction\""));
  EXPECT_EQ(error_of("interventions", {{"by", "operation.name"}, {"statistic", "data_needed"}}),
            "");
  EXPECT_EQ(error_of("curve", {{"series", "operation.name"}, {"where", "data.train_fraction=0.4"}}),
            "");
}

TEST(AveragedGroups, AreNoMoreThanThereAreColours) {
  SmallStudy small;
  for (int i = 0; i < 8; ++i) {
    small.add_cell({{"data.train_fraction", fmt::format("0.{}", i + 1)}}, validation({0.5}));
  }
  const auto study = small.read();
  try {
    averaged_groups(study, all_cells(study), "", "curve");
    FAIL() << "eight settings have seven colours";
  } catch (const Error& error) {
    EXPECT_THAT(error.what(), HasSubstr("curve: data.train_fraction has 8 values"));
    EXPECT_THAT(error.what(), HasSubstr("where: data.train_fraction=0.1"));
  }
}

// Of the second run nothing is known at step 10, and of the first alone there is no mean.
TEST(Lines, HaveAGapWhereARunHasNoFiniteValue) {
  SmallStudy small;
  small.add_cell({{"seed", "0"}}, validation({0.125, 0.25, 0.5}));
  small.add_cell({{"seed", "1"}}, validation({0.125, NAN, 1}), "diverged");
  const auto study = small.read();
  const auto group = averaged_groups(study, all_cells(study), "", "curve").at(0);
  for (const auto& curve :
       {mean_curve(group, "val_accuracy"), median_curve(group, "val_accuracy")}) {
    ASSERT_THAT(curve.steps, ElementsAre(1, 10, 100));
    EXPECT_TRUE(std::isnan(curve.middle[1]));
    EXPECT_TRUE(std::isnan(curve.low[1]));
    EXPECT_EQ(curve.middle[2], 0.75);
  }
}

// Step 10: mean of 0.25, 0.5 and 0.75; three values, so the interval ends at the outer ones (1/27
// of all resamples is more than 2.5 %). Step 100: one run has ended.
TEST(Lines, MeansHaveIntervalsAndRunsThatEndedHaveNoPart) {
  SmallStudy small;
  small.add_cell({{"seed", "0"}}, validation({0.125, 0.25, 0.5}));
  small.add_cell({{"seed", "1"}}, validation({0.125, 0.5, 1}));
  small.add_cell({{"seed", "2"}}, validation({0.125, 0.75}));
  const auto study = small.read();
  const auto groups = coloured_groups(study, all_cells(study), "");
  ASSERT_THAT(groups, SizeIs(1));
  const auto curve = mean_curve(groups[0], "val_accuracy");
  EXPECT_THAT(curve.steps, ElementsAre(1, 10, 100));  // 0 has no logarithm
  EXPECT_THAT(curve.middle, ElementsAre(0.125, 0.5, 0.75));
  EXPECT_THAT(curve.low, ElementsAre(0.125, 0.25, 0.5));
  EXPECT_THAT(curve.high, ElementsAre(0.125, 0.75, 1));
}

TEST(Lines, MediansHaveTheirRange) {
  SmallStudy small;
  for (const double loss : {4.0, 0.0, 1.0, 64.0}) {
    small.add_cell({{"seed", std::to_string(loss)}}, {evaluated(10, 1, 1, loss)});
  }
  const auto study = small.read();
  const auto curve = median_curve(coloured_groups(study, all_cells(study), "")[0], "train_loss");
  EXPECT_THAT(curve.middle, ElementsAre(2.5));
  EXPECT_THAT(curve.low, ElementsAre(0));
  EXPECT_THAT(curve.high, ElementsAre(64));
}

TEST(Lines, SayHowManyRunsTheyAreOf) {
  SmallStudy small;
  small.add_cell({{"operation.name", "add"}, {"seed", "0"}}, validation({1}));
  small.add_cell({{"operation.name", "add"}, {"seed", "1"}}, validation({1}), "interrupted");
  small.add_cell({{"operation.name", "divide"}, {"seed", "0"}}, validation({1}));
  const auto study = small.read();
  EXPECT_EQ(repetitions_text(study, coloured_groups(study, all_cells(study), "")),
            "1 to 2 runs each, which differ in seed (1 not over yet, shown as far as they are)");
  EXPECT_EQ(repetitions_text(study, coloured_groups(study, {&study.cells[0]}, "")), "one run");
}

TEST(Lines, ScaleIsLogarithmicOverMoreThanTwoDecades) {
  EXPECT_EQ(scale_for({0.01, 1.01}), Scale::log);
  EXPECT_EQ(scale_for({0.01, 1}), Scale::linear);
  EXPECT_EQ(scale_for({0, 1000}), Scale::linear);
  EXPECT_EQ(scale_for({}), Scale::linear);
}

}  // namespace
}  // namespace groklab
