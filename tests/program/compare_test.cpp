// groklab compare on the folders of real runs.
#include "base/files.h"
#include "support/program_run.h"
#include "support/temporary_folder.h"

#include <gmock/gmock.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <nlohmann/json.hpp>

namespace groklab {
namespace {

namespace fs = std::filesystem;
using testing::AllOf;
using testing::HasSubstr;
using testing::Not;
using testing::SizeIs;
using Json = nlohmann::ordered_json;

constexpr const char* kSpec = R"(
experiment: compared
operation: {name: add, modulus: 7}
data: {train_fraction: 0.5}
model: {name: mlp, width: 16, hidden: 32}
loss: cross_entropy
optimizer: {name: adamw, learning_rate: 1e-2, weight_decay: 0.0}
training: {steps: 60, batch_size: full}
evaluation: {every: 5}
)";

class CompareProgram : public testing::Test {
 protected:
  fs::path train(const char* name, const std::vector<std::string>& overrides) const {
    const auto out = folder_.path() / name;
    std::vector<std::string> command{"run", folder_.write("spec.yaml", kSpec).string(), "--out",
                                     out.string()};
    command.insert(command.end(), overrides.begin(), overrides.end());
    const auto result = test::run_groklab(command);
    EXPECT_EQ(result.exit_code, 0) << result.output;
    return out;
  }

  static ProcessResult compare(const std::vector<fs::path>& folders,
                               const std::vector<std::string>& more = {}) {
    std::vector<std::string> command{"compare"};
    for (const auto& folder : folders) command.push_back(folder.string());
    command.insert(command.end(), more.begin(), more.end());
    return test::run_groklab(command);
  }

  test::TemporaryFolder folder_;
};

// The summary of each run by its seed, as run.json has it.
std::map<std::string, Json> summaries(const fs::path& sweep) {
  std::map<std::string, Json> all;
  for (const auto& cell : fs::directory_iterator(sweep / "cells")) {
    const auto record = Json::parse(read_file(cell.path() / "run.json"));
    all[record["settings"]["seed.split"]] = record["summary"];
  }
  return all;
}

TEST_F(CompareProgram, PairsTheRunsOfTwoSweepsAndSaysWhatDiffers) {
  const auto slow = train("slow", {"seed=0,1,2,3"});
  const auto fast = train("fast", {"seed=1,2,3,4", "optimizer.learning_rate=3e-2"});
  const auto result = compare({slow, fast}, {"--format", "json"});
  ASSERT_EQ(result.exit_code, 0) << result.output;
  const auto one = Json::parse(result.output)["comparisons"].at(0);
  EXPECT_EQ(one["pairs"], 3);
  EXPECT_EQ(one["base_alone"], 1);
  EXPECT_EQ(
      one["differences"],
      Json::parse(R"([{"setting":"optimizer.learning_rate","base":["0.01"],"other":["0.03"]}])"));

  const auto a = summaries(slow), b = summaries(fast);
  double difference = 0;
  std::vector<double> ratios;
  for (const auto* seed : {"1", "2", "3"}) {
    difference += (b.at(seed)["val_loss"].get<double>() - a.at(seed)["val_loss"].get<double>()) / 3;
    const auto &there = a.at(seed)["steps_to_memorize"], &here = b.at(seed)["steps_to_memorize"];
    if (!there.is_null() && !here.is_null()) {
      ratios.push_back(std::log10(here.get<double>() / there.get<double>()));
    }
  }
  ASSERT_THAT(ratios, SizeIs(3));  // so that the test is about something
  std::sort(ratios.begin(), ratios.end());
  for (const auto& row : one["statistics"]) {
    if (row["statistic"] == "val_loss") EXPECT_NEAR(row["difference"], difference, 1e-12);
    if (row["statistic"] != "steps_to_memorize") continue;
    EXPECT_NEAR(row["difference"], ratios[1], 1e-12);
    EXPECT_LT(row["ratio"], 1);
    EXPECT_EQ(row["pairs"], 3);
  }
  EXPECT_THAT(compare({slow, fast}).output,
              AllOf(HasSubstr("B against A: 3 pairs with the same seed\n"),
                    HasSubstr("  without a counterpart: 1 of A, 1 of B\n"),
                    HasSubstr("optimizer.learning_rate  0.01 | 0.03\n"), HasSubstr("B / A")));
}

TEST_F(CompareProgram, ComparesASingleRunWithASweepAndWritesCsv) {
  const auto sweep = train("sweep", {"seed=0,1", "data.train_fraction=0.4,0.5"});
  const auto single = train("single", {"seed=1", "optimizer.weight_decay=1.0"});
  const auto result = compare({single, sweep}, {"--format", "csv", "--by", "data.train_fraction",
                                                "--statistic", "val_loss"});
  EXPECT_EQ(result.exit_code, 0) << result.output;
  EXPECT_THAT(result.output, AllOf(HasSubstr("base,other,statistic,by,group,pairs,"),
                                   HasSubstr("\n" + single.string() + "," + sweep.string() +
                                             ",val_loss,data.train_fraction,0.5,1,0,0,0,"),
                                   Not(HasSubstr(",0.4,"))));
}

TEST_F(CompareProgram, MistakesSayWhatToGive) {
  const auto run = train("run", {});
  const auto other = train("other", {"seed=1,2"});
  const auto expect = [](const ProcessResult& result, const std::string& message) {
    EXPECT_EQ(result.exit_code, 2) << result.output;
    EXPECT_THAT(result.output, HasSubstr(message));
  };
  expect(compare({run}), "DIR");
  expect(compare({run, folder_.path()}), "neither a sweep (plan.json) nor a run (run.json)");
  expect(compare({run, other}), "seed: 0 | 1, 2");
  expect(compare({run, run}, {"--statistic", "val_los"}), "--statistic");
  expect(compare({other, other}, {"--by", "sed"}), "did you mean 'seed'?");
}

}  // namespace
}  // namespace groklab
