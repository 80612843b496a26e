// Whole sweeps of the program: packs, starting again, one run's failure.
#include "base/files.h"
#include "support/background_program.h"
#include "support/program_run.h"
#include "support/temporary_folder.h"

#include <gmock/gmock.h>

#include <csignal>
#include <map>
#include <nlohmann/json.hpp>

namespace groklab {
namespace {

namespace fs = std::filesystem;
using testing::ContainsRegex;
using testing::HasSubstr;
using testing::SizeIs;

constexpr const char* kSpec = R"(
experiment: swept
operation: {name: add, modulus: 7}
model: {name: mlp, width: 8, hidden: 16}
loss: cross_entropy
optimizer: {name: adamw, learning_rate: 1e-2}
training: {steps: 40, batch_size: 10}
evaluation: {every: 10}
sweep:
  grid: {operation.name: [add, multiply], data.train_fraction: [0.4, 0.6]}
  seeds: 2
)";

class SweepProgram : public testing::Test {
 protected:
  ProcessResult run(const fs::path& out, std::vector<std::string> more = {}) const {
    std::vector<std::string> arguments{"run", spec_.string(), "--out", out.string()};
    arguments.insert(arguments.end(), more.begin(), more.end());
    return test::run_groklab(arguments);
  }

  // File of each run, by the run's folder.
  static std::map<std::string, std::string> files(const fs::path& out, const char* name) {
    std::map<std::string, std::string> contents;
    for (const auto& entry : fs::directory_iterator(out / "cells")) {
      contents[entry.path().filename()] = read_file(entry.path() / name);
    }
    return contents;
  }

  test::TemporaryFolder folder_;
  fs::path spec_ = folder_.write("spec.yaml", kSpec);
};

TEST_F(SweepProgram, TrainsEveryCellIntoAFolderOfItsOwnWhateverThePacks) {
  const auto together = folder_.path() / "together", apart = folder_.path() / "apart";
  const auto result = run(together);
  EXPECT_EQ(result.exit_code, 0) << result.output;
  EXPECT_THAT(result.output, HasSubstr("swept: 8 runs"));
  EXPECT_THAT(result.output, HasSubstr("operation.name=multiply data.train_fraction=0.6 seed=1"));
  ASSERT_EQ(run(apart, {"--pack", "1"}).exit_code, 0);
  const auto metrics = files(together, "metrics.jsonl");
  EXPECT_THAT(metrics, SizeIs(8));
  EXPECT_EQ(metrics, files(apart, "metrics.jsonl"));
  EXPECT_EQ(files(together, "checkpoint.safetensors"), files(apart, "checkpoint.safetensors"));
  for (const auto& [name, text] : files(together, "run.json")) {
    EXPECT_EQ(nlohmann::json::parse(text)["pack_replicas"], 8) << name;
  }
}

TEST_F(SweepProgram, GivenAgainTrainsNothingAndWithAValueMoreOnlyTheNewCells) {
  const auto out = folder_.path() / "out";
  ASSERT_EQ(run(out).exit_code, 0);
  const auto before = files(out, "run.json");
  EXPECT_EQ(run(out).exit_code, 0);
  EXPECT_EQ(files(out, "run.json"), before);

  EXPECT_EQ(run(out, {"sweep.seeds=3"}).exit_code, 0);
  const auto after = files(out, "run.json");
  EXPECT_THAT(after, SizeIs(12));
  for (const auto& [name, text] : before) EXPECT_EQ(after.at(name), text) << name;

  const auto other = run(out, {"training.steps=50"});
  EXPECT_EQ(other.exit_code, 2);
  EXPECT_THAT(other.output, HasSubstr("\n  training.steps: 40 there, 50 now"));
  EXPECT_EQ(files(out, "run.json"), after);
}

TEST_F(SweepProgram, APluginThatFailsCostsItsOwnCellsAlone) {
  const auto out = folder_.path() / "out";
  const std::vector<std::string> failing{
      "--plugin-path", test::fixture_dir().string(),
      "sweep.grid.regularizers=[[], [{name: failing_regularizer, how: throw}]]"};
  const auto result = run(out, failing);
  EXPECT_EQ(result.exit_code, 3);
  EXPECT_THAT(result.output, HasSubstr("the moon is in the wrong phase"));
  std::map<std::string, int> count;
  for (const auto& [name, text] : files(out, "run.json")) {
    ++count[nlohmann::json::parse(text)["status"]];
  }
  EXPECT_EQ(count, (std::map<std::string, int>{{"done", 8}, {"failed", 8}}));
}

TEST_F(SweepProgram, PrintsEveryCellsSpec) {
  const auto result = run(folder_.path() / "out", {"--print"});
  EXPECT_EQ(result.exit_code, 0);
  EXPECT_THAT(result.output, HasSubstr("# operation.name=add data.train_fraction=0.4 seed=0"));
  EXPECT_FALSE(fs::exists(folder_.path() / "out"));
}

// Everything that may differ in a pack does; a learning rate of 1e20 diverges at once.
constexpr const char* kMixed = R"(
experiment: mixed
operation: {name: add, modulus: 7}
model: {name: transformer, layers: 2, width: 16, heads: 4}
loss: cross_entropy
optimizer: {name: adamw, learning_rate: 1e-2}
training: {steps: 300, batch_size: 10}
evaluation: {every: 50}
checkpoint: {every: 37}
regularizers: [{name: gate, at: 120, file: "DIR/gate"}]
sweep:
  grid:
    operation.name: [add, multiply, subtract]
    data.train_fraction: [0.4, 0.6]
    optimizer.learning_rate: [1e-2, 3e-3, 1e20]
  zip: [{optimizer.weight_decay: [0, 1], seed: [0, 1]}]
)";

TEST(MixedSweep, KilledAndResumedAsAPackGivesWhatEachCellGivesAloneBitForBit) {
  const test::TemporaryFolder folder;
  std::string text = kMixed;
  text.replace(text.find("DIR"), 3, folder.path().string());
  const auto spec = folder.write("spec.yaml", text);
  const auto pack = folder.path() / "pack", alone = folder.path() / "alone";
  const auto command = [&](const fs::path& out, const char* size, const char* threads) {
    return std::vector<std::string>{"run",           spec.string(),
                                    "--out",         out.string(),
                                    "--plugin-path", test::fixture_dir().string(),
                                    "--pack",        size,
                                    "--threads",     threads};
  };
  {
    test::BackgroundProgram program(command(pack, "36", "2"));
    ASSERT_TRUE(program.wait_until([&] { return fs::exists(folder.path() / "gate.reached"); }));
    program.send(SIGKILL);
    program.wait();
  }
  folder.write("gate", "");
  ASSERT_EQ(test::run_groklab(command(pack, "36", "2")).exit_code, 0);
  ASSERT_EQ(test::run_groklab(command(alone, "1", "1")).exit_code, 0);

  std::map<std::string, int> count;
  for (const auto& entry : fs::directory_iterator(pack / "cells")) {
    const auto name = entry.path().filename();
    const auto record = nlohmann::json::parse(read_file(entry.path() / "run.json"));
    ++count[record.at("status")];
    for (const auto* file : {"metrics.jsonl", "checkpoint.safetensors"}) {
      ASSERT_EQ(fs::exists(pack / "cells" / name / file), fs::exists(alone / "cells" / name / file))
          << name << file;
      if (!fs::exists(pack / "cells" / name / file)) continue;
      EXPECT_EQ(read_file(pack / "cells" / name / file), read_file(alone / "cells" / name / file))
          << name << file;
    }
  }
  EXPECT_EQ(count, (std::map<std::string, int>{{"done", 24}, {"diverged", 12}}));
}

// The answer is the first operand, which takes a few dozen updates.
constexpr const char* kEarly = R"(
experiment: early
operation: {name: polynomial, modulus: 7, expression: x}
model: {name: mlp, width: 8, hidden: 32}
loss: cross_entropy
optimizer: {name: adamw, learning_rate: 3e-2, weight_decay: 1.0}
training: {steps: 120, batch_size: 10}
evaluation: {every: 5}
stop: {patience: 10}
sweep: {grid: {stop.when: [never, generalized]}}
)";

TEST(StoppingSweep, SaysOfARunThatEndedEarlyWhereAndWhyThenAndWhenItIsSkipped) {
  const test::TemporaryFolder folder;
  const auto spec = folder.write("spec.yaml", kEarly).string();
  const auto result = test::run_groklab({"run", spec, "--out", (folder.path() / "out").string()});
  EXPECT_EQ(result.exit_code, 0) << result.output;
  const std::string reason =
      "done, stopped at step [0-9]+ of 120: validation accuracy at least 0.99 since step [0-9]+";
  EXPECT_THAT(result.output, ContainsRegex("stop.when=never +done, val_accuracy"));
  EXPECT_THAT(result.output,
              ContainsRegex("stop.when=generalized +done early at step [0-9]+, val_accuracy"));

  std::map<std::string, fs::path> runs;
  for (const auto& run : fs::directory_iterator(folder.path() / "out" / "cells")) {
    const auto record = nlohmann::json::parse(read_file(run.path() / "run.json"));
    runs[record["settings"]["stop.when"]] = run.path();
  }
  const auto before = read_file(runs.at("generalized") / "run.json");
  const auto again = test::run_groklab(
      {"run", spec, "stop.when=generalized", "--out", runs.at("generalized").string()});
  EXPECT_THAT(again.output, ContainsRegex("early .(" + reason + ").\n"));
  EXPECT_EQ(read_file(runs.at("generalized") / "run.json"), before);
}

TEST_F(SweepProgram, RecordsTheDeviceAsTheOverrideThatItIs) {
  const auto out = folder_.path() / "out";
  const auto result = run(out, {"training.steps=2", "--device", "cpu", "seed=0"});
  ASSERT_EQ(result.exit_code, 0) << result.output;
  EXPECT_EQ(nlohmann::json::parse(read_file(out / "plan.json")).at("overrides"),
            nlohmann::json({"training.steps=2", "seed=0", "device=cpu"}));
}

TEST_F(SweepProgram, PrintsTheNotesOfItsCellsOnce) {
  const auto result = run(folder_.path() / "out", {"training.steps=2", "optimizer=sgd"});
  ASSERT_EQ(result.exit_code, 0) << result.output;
  const std::string note = "note: optimizer.learning_rate: 1e-2 (" + spec_.string() +
                           ":6) was set for another plugin and is kept for sgd\n";
  const auto first = result.output.find(note);
  ASSERT_NE(first, std::string::npos) << result.output;
  EXPECT_EQ(result.output.find(note, first + 1), std::string::npos);
}

TEST_F(SweepProgram, ThatCannotFitIsNotBegun) {
  const auto out = folder_.path() / "out";
  const auto result = run(out, {"operation.modulus=8191"});
  EXPECT_EQ(result.exit_code, 2);
  EXPECT_THAT(result.output, HasSubstr("would take at least"));
  EXPECT_FALSE(fs::exists(out / "plan.json"));
}

}  // namespace
}  // namespace groklab
