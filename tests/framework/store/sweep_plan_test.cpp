#include "store/sweep_plan.h"

#include "base/files.h"
#include "support/temporary_folder.h"

#include <gmock/gmock.h>
#include <groklab/error.h>

namespace groklab {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::ThrowsMessage;

SweepPlan plan() {
  SweepPlan plan;
  plan.experiment = "figure_2";
  plan.claim = "x³+xy²+y never generalises, \"so they say\"";
  plan.created = "2026-01-31T12:00:00Z";
  plan.version = "0.1.0";
  plan.keys = {"operation.name", "seed"};
  plan.overrides = {"seed=0,1", "operation=add,'x,\ny'"};
  plan.plugin_path = {"/opt/plugins"};
  plan.plugins = {{"operation", "add", "/lib/add.so", "00ff"}, {"loss", "mse", "/lib/m.so", "11"}};
  plan.pack_limit = 16;
  plan.cells = {{"aa", {"add", "0"}, 100}, {"bb", {"add", "1"}, 100}, {"cc", {"x,\ny", ""}, 250}};
  plan.packs = {{"p1", "g1", {2}}, {"p2", "g2", {0, 1}}};
  plan.settings = {{"operation.name", {"add", "x,\ny"}}, {"training.steps", {"100", "250"}}};
  return plan;
}

class SweepPlanTest : public testing::Test {
 protected:
  // plan.json with one piece of text replaced.
  void damage(const std::string& piece, const std::string& by) {
    write_plan(sweep_, plan());
    auto text = read_file(sweep_.plan());
    ASSERT_NE(text.find(piece), std::string::npos) << piece << " in " << text;
    write_atomically(sweep_.plan(), text.replace(text.find(piece), piece.size(), by));
  }

  test::TemporaryFolder folder_;
  SweepFolder sweep_{folder_.path() / "runs" / "figure_2"};
};

TEST_F(SweepPlanTest, IsReadAsItWasWritten) {
  EXPECT_FALSE(sweep_.has_plan());
  write_plan(sweep_, plan());
  EXPECT_TRUE(sweep_.has_plan());
  const auto read = read_plan(sweep_), made = plan();
  EXPECT_EQ(read.experiment, made.experiment);
  EXPECT_EQ(read.claim, made.claim);
  EXPECT_EQ(read.created, made.created);
  EXPECT_EQ(read.version, made.version);
  EXPECT_EQ(read.keys, made.keys);
  EXPECT_EQ(read.overrides, made.overrides);
  EXPECT_EQ(read.plugin_path, made.plugin_path);
  EXPECT_EQ(read.pack_limit, made.pack_limit);
  EXPECT_EQ(read.settings, made.settings);
  ASSERT_EQ(read.plugins.size(), made.plugins.size());
  for (std::size_t i = 0; i < made.plugins.size(); ++i) {
    EXPECT_EQ(read.plugins[i].kind, made.plugins[i].kind);
    EXPECT_EQ(read.plugins[i].name, made.plugins[i].name);
    EXPECT_EQ(read.plugins[i].library, made.plugins[i].library);
    EXPECT_EQ(read.plugins[i].sha256, made.plugins[i].sha256);
  }
  ASSERT_EQ(read.cells.size(), made.cells.size());
  for (std::size_t i = 0; i < made.cells.size(); ++i) {
    EXPECT_EQ(read.cells[i].id, made.cells[i].id);
    EXPECT_EQ(read.cells[i].coordinates, made.cells[i].coordinates);
    EXPECT_EQ(read.cells[i].steps, made.cells[i].steps);
  }
  ASSERT_EQ(read.packs.size(), made.packs.size());
  for (std::size_t i = 0; i < made.packs.size(); ++i) {
    EXPECT_EQ(read.packs[i].name, made.packs[i].name);
    EXPECT_EQ(read.packs[i].graph, made.packs[i].graph);
    EXPECT_EQ(read.packs[i].cells, made.packs[i].cells);
  }
}

TEST_F(SweepPlanTest, ASingleCellHasNoCoordinates) {
  SweepPlan single;
  single.cells = {{"aa", {}, 10}};
  single.packs = {{"p", "g", {0}}};
  write_plan(sweep_, single);
  EXPECT_EQ(read_plan(sweep_).cells.at(0).id, "aa");
  EXPECT_TRUE(read_plan(sweep_).cells.at(0).coordinates.empty());
}

TEST_F(SweepPlanTest, HasALineForEachCellAndPack) {
  write_plan(sweep_, plan());
  const auto text = read_file(sweep_.plan());
  EXPECT_THAT(text, HasSubstr("\n    {\"id\":\"bb\",\"steps\":100,\"coordinates\":[\"add\",\"1\"]},"
                              "\n    {\"id\":\"cc\""));
  EXPECT_THAT(text, HasSubstr("\n    {\"name\":\"p2\",\"graph\":\"g2\",\"cells\":[0,1]}\n  ]"));
}

TEST_F(SweepPlanTest, SaysWhenThereIsNone) {
  EXPECT_THAT([&] { read_plan(sweep_); },
              ThrowsMessage<Error>(AllOf(HasSubstr(sweep_.path.string() + " holds no sweep"),
                                         HasSubstr("groklab run SPEC --out"))));
}

TEST_F(SweepPlanTest, SaysHowItIsDamaged) {
  const std::vector<std::array<std::string, 3>> damages{
      {"\"keys\":", "\"kezs\":", "keys is missing"},
      {"\"keys\": [", "\"keys\": [7, ", "keys.0: expected text, found 7"},
      {"[\"add\",\"1\"]", "[\"add\"]", "cell bb has 1 coordinates for 2 keys"},
      {"\"id\":\"bb\"", "\"id\":\"aa\"", "'aa' is there twice"},
      {"\"id\":\"bb\"", "\"id\":\"../bb\"", "'../bb' is no name of a folder"},
      {"\"name\":\"p2\"", "\"name\":\"p1\"", "'p1' is there twice"},
      {"\"cells\":[0,1]", "\"cells\":[0,3]", "pack p2 has cell 3 of 3"},
      {"\"cells\":[0,1]", "\"cells\":[0,-1]",
       "packs.1.cells.1: expected an integer of at least 0, found -1"},
      {"\"cells\":[0,1]", "\"cells\":[0]", "cell bb is in 0 packs"},
      {"\"cells\":[0,1]", "\"cells\":[0,1,2]", "cell cc is in 2 packs"},
      {"\"steps\":250", "\"steps\":-250",
       "cells.2.steps: expected an integer in [0, 1000000000000], found -250"},
  };
  for (const auto& [piece, by, how] : damages) {
    ASSERT_NO_FATAL_FAILURE(damage(piece, by));
    EXPECT_THAT([&] { read_plan(sweep_); },
                ThrowsMessage<Error>(AllOf(HasSubstr("plan.json is damaged ("), HasSubstr(how),
                                           HasSubstr("restore it"))))
        << how;
  }
}

TEST_F(SweepPlanTest, RefusesOneWithoutCellsOrAPackWithout) {
  auto empty = plan();
  empty.cells.clear();
  empty.packs.clear();
  write_plan(sweep_, empty);
  EXPECT_THAT([&] { read_plan(sweep_); }, ThrowsMessage<Error>(HasSubstr("it has no cells")));
  auto idle = plan();
  idle.packs.push_back({"p3", "g3", {}});
  write_plan(sweep_, idle);
  EXPECT_THAT([&] { read_plan(sweep_); }, ThrowsMessage<Error>(HasSubstr("pack p3 has no cells")));
}

TEST_F(SweepPlanTest, EveryCutIsAnErrorThatNamesTheFile) {
  write_plan(sweep_, plan());
  const auto text = read_file(sweep_.plan());
  for (std::size_t length = 0; length + 2 < text.size(); ++length) {
    folder_.write("runs/figure_2/plan.json", text.substr(0, length));
    EXPECT_THAT([&] { read_plan(sweep_); },
                ThrowsMessage<Error>(HasSubstr("plan.json is damaged (")))
        << length;
  }
}

TEST_F(SweepPlanTest, RefusesALaterFormat) {
  ASSERT_NO_FATAL_FAILURE(damage("\"format\": 1", "\"format\": 2"));
  EXPECT_THAT([&] { read_plan(sweep_); },
              ThrowsMessage<Error>(HasSubstr("has format 2, and this groklab reads 1")));
}

}  // namespace
}  // namespace groklab
