#include "report/study.h"

#include "support/small_study.h"

#include <gmock/gmock.h>

#include <optional>

namespace groklab {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::ThrowsMessage;

// Two operations at two fractions, twice each; the last one waits.
void add_cells(test::SmallStudy& study) {
  study.set("optimizer.name", "adamw");
  for (const auto* operation : {"divide", "add"}) {
    for (const auto* fraction : {"0.5", "0.25"}) {
      for (const auto* seed : {"0", "1"}) {
        const bool is_last = std::string(operation) == "add" && std::string(seed) == "1";
        study.add_cell(
            {{"operation.name", operation}, {"data.train_fraction", fraction}, {"seed", seed}},
            test::grokking(100, 2000), is_last ? "waiting" : "done");
      }
    }
  }
}

std::vector<const StudyCell*> all_cells(const Study& study) {
  std::vector<const StudyCell*> cells;
  for (const auto& cell : study.cells) cells.push_back(&cell);
  return cells;
}

TEST(Study, HasTheCurvesAndTheSummaryOfEachCell) {
  test::SmallStudy small;
  add_cells(small);
  const auto study = small.read();
  ASSERT_EQ(study.cells.size(), 8U);
  const auto& cell = study.cells.front();
  EXPECT_EQ(cell.summary.steps_to_memorize, 100);
  EXPECT_EQ(cell.summary.steps_to_generalize, 2000);
  EXPECT_THAT(cell.curves.steps, ElementsAre(0, 1, 10, 100, 1000, 2000, 10'000, 100'000));
  EXPECT_THAT(*cell.curves.find("train_accuracy"), ElementsAre(0.25, 0.25, 0.25, 1, 1, 1, 1, 1));
  EXPECT_EQ(cell.curves.find("no such thing"), nullptr);
  EXPECT_FALSE(study.cells.back().is_measured());
  EXPECT_EQ(study.cells.back().state, CellState::waiting);
}

TEST(Study, KnowsSweptAndSharedSettings) {
  test::SmallStudy small;
  add_cells(small);
  const auto study = small.read();
  const auto& cell = study.cells.front();
  EXPECT_EQ(study.setting(cell, "operation.name"), "divide");
  EXPECT_EQ(study.setting(cell, "optimizer.name"), "adamw");
  EXPECT_EQ(study.number(cell, "data.train_fraction"), 0.5);
  EXPECT_EQ(study.number(cell, "operation.name"), std::nullopt);
  EXPECT_EQ(study.setting(cell, "nothing"), std::nullopt);
  EXPECT_EQ(study.setting(study.cells.back(), "optimizer.name"), "adamw");  // never started
  EXPECT_THAT(study.varied_keys(), ElementsAre("operation.name", "data.train_fraction"));
}

TEST(Study, GroupsAreInTheOrderOfNumbersElseAsTheyAreMet) {
  test::SmallStudy small;
  add_cells(small);
  const auto study = small.read();
  const auto groups = group_by(study, all_cells(study), {"operation.name", "data.train_fraction"});
  std::vector<std::string> labels;
  for (const auto& group : groups) {
    labels.push_back(group.label);
    EXPECT_EQ(group.cells.size(), 2U);
  }
  EXPECT_THAT(labels, ElementsAre("divide, 0.25", "divide, 0.5", "add, 0.25", "add, 0.5"));
  EXPECT_EQ(group_by(study, all_cells(study), {}).front().label, "all");
}

TEST(Study, ASettingThatNoCellHasIsAnErrorWithTheKeysThereAre) {
  test::SmallStudy small;
  add_cells(small);
  const auto study = small.read();
  EXPECT_THAT([&] { group_by(study, all_cells(study), {"operation.nam"}); },
              ThrowsMessage<Error>(HasSubstr("did you mean 'operation.name'?")));
}

}  // namespace
}  // namespace groklab
