// Whole runs of the program: kills, signals, starting again.
#include "base/files.h"
#include "store/safetensors.h"
#include "support/background_program.h"
#include "support/program_run.h"
#include "support/temporary_folder.h"

#include <gmock/gmock.h>
#include <sys/wait.h>

#include <array>
#include <csignal>
#include <cstring>
#include <nlohmann/json.hpp>

namespace groklab {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;
using testing::Not;

// Checkpoints at other steps than evaluations; gates at which a test can stop the run.
constexpr const char* kSpec = R"(
experiment: killed
operation: {name: x2_plus_y2, modulus: 11}
model: {name: mlp, width: 8, hidden: 16}
loss: cross_entropy
optimizer: adamw
training: {steps: 400, batch_size: 16}
evaluation: {every: 10}
checkpoint: {every: 37}
probes: [weight_norm]
regularizers:
  - {name: gate, at: 55, file: DIR/gate0}
  - {name: gate, at: 155, file: DIR/gate1}
  - {name: gate, at: 203, file: DIR/gate2}
  - {name: gate, at: 320, file: DIR/gate3}
)";

constexpr int kGates = 4;

class RunProgram : public testing::Test {
 protected:
  std::vector<std::string> arguments(const fs::path& out) const {
    return {"run",        spec_.string(),  "--out",
            out.string(), "--plugin-path", test::fixture_dir().string()};
  }

  // A short run, without gates.
  std::vector<std::string> short_arguments(const fs::path& out) const {
    auto command = arguments(out);
    command.insert(command.end(), {"training.steps=40", "regularizers=[]"});
    return command;
  }

  fs::path gate(int i) const { return folder_.path() / ("gate" + std::to_string(i)); }
  bool reached(int i) const { return fs::exists(gate(i).string() + ".reached"); }
  void open_gate(int i) const { folder_.write(gate(i).filename(), ""); }

  static std::string status(const fs::path& run) {
    return nlohmann::json::parse(read_file(run / "run.json")).at("status");
  }

  // With all gates open: what a run comes to that nobody disturbs.
  void expect_result_of_an_undisturbed_run(const fs::path& run) const {
    for (int i = 0; i < kGates; ++i) open_gate(i);
    ASSERT_EQ(test::run_groklab(arguments(run)).exit_code, 0);
    ASSERT_EQ(test::run_groklab(arguments(straight_)).exit_code, 0);
    EXPECT_EQ(status(run), "done");
    for (const auto* file : {"metrics.jsonl", "checkpoint.safetensors", "spec.yaml"}) {
      EXPECT_EQ(read_file(straight_ / file), read_file(run / file)) << file;
    }
  }

  std::string spec_text() const {
    std::string text = kSpec;
    for (auto at = text.find("DIR"); at != std::string::npos; at = text.find("DIR")) {
      text.replace(at, 3, folder_.path().string());
    }
    return text;
  }

  const test::TemporaryFolder folder_;
  const fs::path straight_ = folder_.path() / "straight", broken_ = folder_.path() / "broken";
  const fs::path spec_ = folder_.write("spec.yaml", spec_text());
};

TEST_F(RunProgram, KilledAgainAndAgainItGivesTheSameResultsBitForBit) {
  for (int i = 0; i < kGates; ++i) {
    test::BackgroundProgram program(arguments(broken_));
    ASSERT_TRUE(program.wait_until([&] { return reached(i); }));
    program.send(SIGKILL);
    ASSERT_TRUE(WIFSIGNALED(program.wait()));
    ASSERT_EQ(status(broken_), "running");
    open_gate(i);
  }
  expect_result_of_an_undisturbed_run(broken_);
}

TEST_F(RunProgram, EveryStopSignalWritesACheckpointAndExitsWith75) {
  const std::array signals{SIGINT, SIGTERM, SIGUSR1, SIGUSR2};
  for (int i = 0; i < kGates; ++i) {
    test::BackgroundProgram program(arguments(broken_));
    ASSERT_TRUE(program.wait_until([&] { return reached(i); }));
    program.send(signals[i]);
    open_gate(i);
    const int result = program.wait();
    ASSERT_TRUE(WIFEXITED(result)) << strsignal(signals[i]);
    ASSERT_EQ(WEXITSTATUS(result), 75) << strsignal(signals[i]);
    EXPECT_EQ(status(broken_), "interrupted");
    const auto checkpoint = from_safetensors(read_file(broken_ / "checkpoint.safetensors"));
    EXPECT_EQ(checkpoint.metadata.at("step"), (std::array{"55", "155", "203", "320"}[i]));
  }
  expect_result_of_an_undisturbed_run(broken_);
}

TEST_F(RunProgram, ADoneRunIsReportedAndLeftAlone) {
  auto command = short_arguments(straight_);
  const auto first = test::run_groklab(command);
  ASSERT_EQ(first.exit_code, 0) << first.output;
  EXPECT_THAT(first.output, HasSubstr("steps_to_generalize"));
  const auto written = fs::last_write_time(straight_ / "metrics.jsonl");

  const auto second = test::run_groklab(command);
  EXPECT_EQ(second.exit_code, 0);
  EXPECT_THAT(second.output, HasSubstr("killed (done)"));
  EXPECT_EQ(fs::last_write_time(straight_ / "metrics.jsonl"), written);
}

TEST_F(RunProgram, AnotherSpecInTheSameFolderIsRefusedWithTheDifference) {
  auto command = short_arguments(straight_);
  ASSERT_EQ(test::run_groklab(command).exit_code, 0);
  command.push_back("optimizer.beta1=0.5");
  const auto result = test::run_groklab(command);
  EXPECT_EQ(result.exit_code, 2);
  EXPECT_THAT(result.output, HasSubstr("optimizer.beta1: 0.9 there, 0.5 now"));
}

TEST_F(RunProgram, TwoAtATimeInOneFolderIsRefused) {
  test::BackgroundProgram program(arguments(broken_));
  ASSERT_TRUE(program.wait_until([&] { return reached(0); }));
  const auto second = test::run_groklab(arguments(broken_));
  EXPECT_EQ(second.exit_code, 2);
  EXPECT_THAT(second.output, testing::ContainsRegex("is being run by process [0-9]+ on .*--out"));
}

TEST_F(RunProgram, APluginThatFailsEndsWith3AndIsRetriedWhenAsked) {
  auto command = arguments(broken_);
  command.insert(command.end(), {"regularizers=[failing_regularizer]", "training.steps=40"});
  const auto first = test::run_groklab(command);
  EXPECT_EQ(first.exit_code, 3);
  EXPECT_THAT(first.output, HasSubstr("regularizer failing_regularizer: the moon is in the wrong"));
  EXPECT_EQ(status(broken_), "failed");
  const auto second = test::run_groklab(command);
  EXPECT_EQ(second.exit_code, 2);
  EXPECT_THAT(second.output, HasSubstr("--retry failed"));
  command.insert(command.end(), {"--retry", "failed"});
  EXPECT_EQ(test::run_groklab(command).exit_code, 3);
}

TEST_F(RunProgram, AQuickstartStaysBelowOneGibibyteOfMemory) {
  test::BackgroundProgram program(
      {"run", (test::source_dir() / "experiments/quickstart/experiment.yaml").string(), "--out",
       straight_.string(), "training.steps=12"});
  ASSERT_EQ(program.wait(), 0);
  EXPECT_GT(program.peak_memory_kib(), 1 << 16);
  EXPECT_LT(program.peak_memory_kib(), 1 << 20);
}

TEST_F(RunProgram, ModelsOfAnImpossibleShapeAreNamed) {
  for (const auto& [how, message] : {std::pair{"training", "returned logits [1, 16]"},
                                     std::pair{"evaluation", "returned logits [1, 121]"},
                                     std::pair{"checkpoint", "returned analysis.output_rows"}}) {
    auto command = short_arguments(folder_.path() / how);
    command.push_back(std::string("model={name: wrong_shape_model, when: ") + how + "}");
    const auto result = test::run_groklab(command);
    EXPECT_EQ(result.exit_code, 3) << result.output;
    EXPECT_THAT(result.output, HasSubstr(std::string("model wrong_shape_model: ") + message));
    EXPECT_EQ(status(folder_.path() / how), "failed");
  }
}

TEST_F(RunProgram, DrawsItsCurve) {
  if (!run_program({"gnuplot", "--version"}).started) GTEST_SKIP() << "no gnuplot here";
  auto command = short_arguments(straight_);
  const auto result = test::run_groklab(command);
  EXPECT_THAT(result.output, HasSubstr("curve.png"));
  EXPECT_TRUE(fs::exists(straight_ / "figures/curve.png"));
  EXPECT_THAT(read_file(straight_ / "figures/curve.svg"), HasSubstr("validation"));
}

TEST_F(RunProgram, PrintsTheResolvedSpecWithItsOriginsAndTrainsNothing) {
  const auto result =
      test::run_groklab({"run", spec_.string(), "--plugin-path", test::fixture_dir().string(),
                         "--out", straight_.string(), "optimizer.beta1=0.8", "--print"});
  EXPECT_EQ(result.exit_code, 0);
  EXPECT_THAT(result.output, testing::ContainsRegex("beta1: 0.8 +# command line"));
  EXPECT_THAT(result.output, testing::ContainsRegex("beta2: 0.98 +# default"));
  EXPECT_THAT(result.output, testing::ContainsRegex("steps: 400 +# .*spec.yaml:7"));
  EXPECT_FALSE(fs::exists(straight_));
}

TEST_F(RunProgram, WhatItPrintsIsASpecOfTheSameRun) {
  auto print = short_arguments(straight_);
  print.push_back("--print");
  const auto again = folder_.write("printed.yaml", test::run_groklab(print).output);
  auto command = short_arguments(straight_);
  ASSERT_EQ(test::run_groklab(command).exit_code, 0);
  EXPECT_THAT(test::run_groklab({"run", again.string(), "--out", straight_.string()}).output,
              HasSubstr("killed (done)"));
}

}  // namespace
}  // namespace groklab
