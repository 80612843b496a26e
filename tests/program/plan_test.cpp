// groklab plan: what it prints, what it refuses, and that a large sweep is planned whole.
#include "support/program_run.h"
#include "support/temporary_folder.h"

#include <gmock/gmock.h>

#include <nlohmann/json.hpp>

namespace groklab {
namespace {

using testing::HasSubstr;

constexpr const char* kSpec = R"(
experiment: swept
device: cpu
operation: {name: add, modulus: 7}
model: {name: mlp, width: 8, hidden: 16}
loss: cross_entropy
optimizer: adamw
training: {steps: 40, batch_size: 10}
evaluation: {every: 10}
)";

class PlanProgram : public testing::Test {
 protected:
  ProcessResult plan(const std::vector<std::string>& more) const {
    std::vector<std::string> arguments{"plan", spec_.string()};
    arguments.insert(arguments.end(), more.begin(), more.end());
    return test::run_groklab(arguments);
  }

  test::TemporaryFolder folder_;
  std::filesystem::path spec_ = folder_.write("spec.yaml", kSpec);
};

TEST_F(PlanProgram, SaysWhatASweepWouldTakeAndWhyPacksAreSplit) {
  const auto result = plan({"model.width=8,16", "sweep.seeds=5", "--pack", "3", "--jobs", "2",
                            "--out", folder_.path() / "out"});
  ASSERT_EQ(result.exit_code, 0) << result.output;
  EXPECT_TRUE(result.output.starts_with("swept: 10 runs, 4 packs, 2 graphs, on cpu\n"))
      << result.output;
  for (const auto* part :
       {"multiply-adds of products", "with 2 workers of 1 thread each", "for a pack of 3",
        "available", "with two checkpoints a run", "packs of 3 runs at most: 2 of 3, 2 of 2",
        "packs are split by --pack 3 and by what a pack has in common", "model.width  8, 16"}) {
    EXPECT_THAT(result.output, HasSubstr(part));
  }
  EXPECT_FALSE(std::filesystem::exists(folder_.path() / "out"));
}

TEST_F(PlanProgram, RefusesWhatCannotFitWithTheWayOut) {
  const auto result = plan({"operation.modulus=7919", "probes=[softmax_collapse]"});
  EXPECT_EQ(result.exit_code, 2);
  EXPECT_THAT(result.output, HasSubstr("would take at least"));
  EXPECT_THAT(result.output, HasSubstr("leave out probes.0 (softmax_collapse)"));
}

TEST_F(PlanProgram, PlansTenThousandCells) {
  const auto result = plan({"operation=add,subtract", "model.hidden=8,16,24,32,40",
                            "data.train_fraction=range(0.3,0.69,0.01)", "sweep.seeds=25",
                            "--no-calibration", "--format", "json"});
  ASSERT_EQ(result.exit_code, 0) << result.output;
  const auto begin = result.output.find('{');  // behind the notes, which are on standard error
  ASSERT_NE(begin, std::string::npos) << result.output;
  const auto json = nlohmann::json::parse(result.output.substr(begin));
  EXPECT_EQ(json.at("cells"), 10'000);
  EXPECT_EQ(json.at("packs"), 625);  // 2000 cells of each graph
  EXPECT_EQ(json.at("packs_by_runs"), nlohmann::json({{"16", 625}}));
  EXPECT_EQ(json.at("split_by"), nlohmann::json({{"model.hidden", {"8", "16", "24", "32", "40"}}}));
  EXPECT_EQ(json.at("wasted_rows"), 0);
  EXPECT_TRUE(json.at("seconds").is_null());
  ASSERT_EQ(json.at("graphs").size(), 5U);
  const auto& graph = json.at("graphs").at(1);
  EXPECT_EQ(graph.at("cells"), 2000);
  EXPECT_EQ(graph.at("parameters"), 7 * 8 + (2 * 8 + 1) * 16 + 16 * 7);
  EXPECT_EQ(graph.at("evaluations"), 5);
}

}  // namespace
}  // namespace groklab
