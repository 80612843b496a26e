// Whole runs of the program: kills, signals, starting again.
#include "base/files.h"
#include "store/metrics.h"
#include "support/background_program.h"
#include "support/program_run.h"
#include "support/temporary_folder.h"

#include <gmock/gmock.h>
#include <sys/wait.h>

#include <csignal>
#include <nlohmann/json.hpp>

namespace groklab {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;
using testing::Not;

// Some thousand short steps, with checkpoints at other steps than evaluations.
constexpr const char* kSpec = R"(
experiment: killed
operation: {name: x2_plus_y2, modulus: 11}
model: {name: mlp, width: 8, hidden: 16}
loss: cross_entropy
optimizer: adamw
training: {steps: 4000, batch_size: 16}
evaluation: {every: 10}
checkpoint: {every: 37}
probes: [weight_norm]
)";

class RunProgram : public testing::Test {
 protected:
  std::vector<std::string> arguments(const fs::path& out) const {
    return {"run", spec_.string(), "--out", out.string()};
  }

  std::int64_t steps_measured(const fs::path& run) const {
    const auto file = run / "metrics.jsonl";
    if (!fs::exists(file)) return 0;
    const auto rows = read_metrics(file);
    return rows.empty() ? 0 : rows.back().step;
  }

  static std::string status(const fs::path& run) {
    return nlohmann::json::parse(read_file(run / "run.json")).at("status");
  }

  void expect_same_results(const fs::path& a, const fs::path& b) const {
    for (const auto* file : {"metrics.jsonl", "checkpoint.safetensors", "spec.yaml"}) {
      EXPECT_EQ(read_file(a / file), read_file(b / file)) << file;
    }
  }

  const test::TemporaryFolder folder_;
  const fs::path straight_ = folder_.path() / "straight", broken_ = folder_.path() / "broken";
  const fs::path spec_ = folder_.write("spec.yaml", kSpec);
};

TEST_F(RunProgram, KilledTwiceAndStartedAgainGivesTheSameResultsBitForBit) {
  ASSERT_EQ(test::run_groklab(arguments(straight_)).exit_code, 0);
  for (const std::int64_t step : {400, 1500}) {
    test::BackgroundProgram program(arguments(broken_));
    ASSERT_TRUE(program.wait_until([&] { return steps_measured(broken_) >= step; }));
    program.send(SIGKILL);
    ASSERT_TRUE(WIFSIGNALED(program.wait())) << "it ended before it was killed";
    ASSERT_EQ(status(broken_), "running");
  }
  ASSERT_EQ(test::run_groklab(arguments(broken_)).exit_code, 0);
  EXPECT_EQ(status(broken_), "done");
  expect_same_results(straight_, broken_);
}

TEST_F(RunProgram, EveryStopSignalWritesACheckpointAndExitsWith75) {
  for (const int signal : {SIGINT, SIGTERM, SIGUSR1, SIGUSR2}) {
    const auto before = steps_measured(broken_);
    test::BackgroundProgram program(arguments(broken_));
    ASSERT_TRUE(program.wait_until([&] { return steps_measured(broken_) > before + 50; }));
    program.send(signal);
    const int result = program.wait();
    ASSERT_TRUE(WIFEXITED(result)) << strsignal(signal);
    ASSERT_EQ(WEXITSTATUS(result), 75) << strsignal(signal);
    EXPECT_EQ(status(broken_), "interrupted");
  }
  ASSERT_EQ(test::run_groklab(arguments(broken_)).exit_code, 0);
  ASSERT_EQ(test::run_groklab(arguments(straight_)).exit_code, 0);
  expect_same_results(straight_, broken_);
}

TEST_F(RunProgram, ADoneRunIsReportedAndLeftAlone) {
  auto command = arguments(straight_);
  command.push_back("training.steps=40");
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
  auto command = arguments(straight_);
  command.push_back("training.steps=40");
  ASSERT_EQ(test::run_groklab(command).exit_code, 0);
  command.push_back("optimizer.beta1=0.5");
  const auto result = test::run_groklab(command);
  EXPECT_EQ(result.exit_code, 2);
  EXPECT_THAT(result.output, HasSubstr("optimizer.beta1: 0.9 there, 0.5 now"));
}

TEST_F(RunProgram, TwoAtATimeInOneFolderIsRefused) {
  test::BackgroundProgram program(arguments(broken_));
  ASSERT_TRUE(program.wait_until([&] { return steps_measured(broken_) > 0; }));
  const auto second = test::run_groklab(arguments(broken_));
  EXPECT_EQ(second.exit_code, 2);
  EXPECT_THAT(second.output, HasSubstr("another process"));
}

TEST_F(RunProgram, APluginThatFailsEndsWith3AndIsRetriedWhenAsked) {
  auto command = arguments(broken_);
  command.insert(command.end(),
                 {"--plugin-path", test::fixture_dir().string(),
                  "regularizers=[failing_regularizer]", "training.steps=40"});
  const auto first = test::run_groklab(command);
  EXPECT_EQ(first.exit_code, 3);
  EXPECT_THAT(first.output, HasSubstr("regularizer failing_regularizer: the moon is in the wrong"));
  EXPECT_EQ(status(broken_), "failed");
  const auto second = test::run_groklab(command);
  EXPECT_EQ(second.exit_code, 2);
  EXPECT_THAT(second.output, HasSubstr("--retry"));
  command.push_back("--retry");
  EXPECT_EQ(test::run_groklab(command).exit_code, 3);
}

TEST_F(RunProgram, DrawsItsCurve) {
  if (!run_program({"gnuplot", "--version"}).started) GTEST_SKIP() << "no gnuplot here";
  auto command = arguments(straight_);
  command.push_back("training.steps=40");
  const auto result = test::run_groklab(command);
  EXPECT_THAT(result.output, HasSubstr("curve.png"));
  EXPECT_TRUE(fs::exists(straight_ / "curve.png"));
  EXPECT_THAT(read_file(straight_ / "curve.svg"), HasSubstr("validation accuracy"));
}

TEST_F(RunProgram, PrintsTheResolvedSpecWithItsOriginsAndTrainsNothing) {
  const auto result = test::run_groklab(
      {"run", spec_.string(), "--out", straight_.string(), "optimizer.beta1=0.8", "--print"});
  EXPECT_EQ(result.exit_code, 0);
  EXPECT_THAT(result.output, testing::ContainsRegex("beta1: 0.8 +# command line"));
  EXPECT_THAT(result.output, testing::ContainsRegex("beta2: 0.98 +# default"));
  EXPECT_THAT(result.output, testing::ContainsRegex("steps: 4000 +# .*spec.yaml:7"));
  EXPECT_FALSE(fs::exists(straight_));
}

TEST_F(RunProgram, WhatItPrintsIsASpecOfTheSameRun) {
  const auto printed = test::run_groklab({"run", spec_.string(), "--print"});
  const auto again = folder_.write("printed.yaml", printed.output);
  auto command = arguments(straight_);
  command.push_back("training.steps=40");
  ASSERT_EQ(test::run_groklab(command).exit_code, 0);
  command[1] = again.string();
  EXPECT_THAT(test::run_groklab(command).output, HasSubstr("killed (done)"));
}

}  // namespace
}  // namespace groklab
