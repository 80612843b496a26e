#include "train/session.h"

#include "base/files.h"
#include "support/experiments.h"

#include <gmock/gmock.h>

namespace groklab {
namespace {

using testing::HasSubstr;
using testing::SizeIs;

namespace fs = std::filesystem;

SessionResult train(const Experiment& experiment, const fs::path& path,
                    const SessionHooks& hooks = {}) {
  RunFolder folder(path, identity_of(experiment, test::catalog()));
  return run_session(test::catalog(), {{&experiment, &folder}}, hooks).front();
}

// Asks to stop when `steps` updates of this session are done.
SessionHooks stop_after(int steps) {
  const auto done = std::make_shared<int>(0);
  return {.progress = [done](const Progress&) { ++*done; },
          .stop_requested = [done, steps] { return *done >= steps; }};
}

TEST(Session, WritesARunFolder) {
  const test::TemporaryFolder folder;
  const auto experiment =
      test::experiment({"probes=[weight_norm, {name: weight_norm, as: again}]", "data.outliers=3"});
  EXPECT_EQ(train(experiment, folder.path() / "run").status, RunStatus::done);

  RunFolder run(folder.path() / "run", identity_of(experiment, test::catalog()));
  EXPECT_EQ(run.status(), RunStatus::done);
  const auto rows = run.metrics();
  ASSERT_THAT(rows, SizeIs(5));  // 0, 5, 10, 15, 20
  EXPECT_EQ(rows.back().step, 20);
  EXPECT_GT(rows.back().at("weight_norm"), 0);
  EXPECT_GT(rows.back().at("weight_norm.embedding"), 0);
  EXPECT_EQ(rows.back().at("again.embedding"), rows.back().at("weight_norm.embedding"));
  EXPECT_EQ(run.checkpoint()->metadata.at("step"), "20");

  const auto record = nlohmann::json::parse(read_file(folder.path() / "run/run.json"));
  EXPECT_EQ(record["train_rows"], 24);
  EXPECT_EQ(record["val_rows"], 25);
  EXPECT_EQ(record["outliers"], 3);
  EXPECT_EQ(record["settings"]["optimizer.name"], "adamw");
  EXPECT_EQ(record["summary"]["steps"], 20);
  EXPECT_THAT(record["plugins"], SizeIs(5));
  EXPECT_EQ(record["plugins"][0]["sha256"].get<std::string>().size(), 64U);
  EXPECT_THAT(read_file(folder.path() / "run/log.txt"), HasSubstr("step 15"));
}

TEST(Session, InterruptedAndResumedGivesTheSameMetricsAndWeightsBitForBit) {
  const test::TemporaryFolder folder;
  const auto experiment = test::experiment(
      {"probes=[weight_norm]", "regularizers=[{name: weight_decay, toward: initialization}]"});
  train(experiment, folder.path() / "straight");
  EXPECT_EQ(train(experiment, folder.path() / "parts", stop_after(6)).status,
            RunStatus::interrupted);
  EXPECT_EQ(train(experiment, folder.path() / "parts", stop_after(1)).status,
            RunStatus::interrupted);
  EXPECT_EQ(train(experiment, folder.path() / "parts").status, RunStatus::done);
  for (const auto* file : {"metrics.jsonl", "checkpoint.safetensors"}) {
    EXPECT_EQ(read_file(folder.path() / "straight" / file),
              read_file(folder.path() / "parts" / file))
        << file;
  }
}

TEST(Session, WhatWasMeasuredAfterTheCheckpointIsMeasuredAgain) {
  const test::TemporaryFolder folder;
  const auto experiment = test::experiment();
  train(experiment, folder.path() / "straight");
  const auto run = folder.path() / "killed";
  train(experiment, run, stop_after(8));
  // As a kill later than the checkpoint of step 8 leaves it: a row of step 10 and half of another.
  AppendFile(run / "metrics.jsonl").append("{\"step\":10,\"train_loss\":1.5}\n{\"step\":15,\"tr");
  train(experiment, run);
  EXPECT_EQ(read_file(folder.path() / "straight/metrics.jsonl"), read_file(run / "metrics.jsonl"));
}

TEST(Session, ALossThatIsNotFiniteIsARecordedResult) {
  const test::TemporaryFolder folder;
  const auto experiment =
      test::experiment({"regularizers=[{name: failing_regularizer, how: nan}]"});
  EXPECT_EQ(train(experiment, folder.path() / "run").status, RunStatus::diverged);
  const RunFolder run(folder.path() / "run", identity_of(experiment, test::catalog()));
  EXPECT_EQ(run.metrics().back().step, 10);  // the first evaluation after update 7
  EXPECT_TRUE(std::isnan(run.metrics().back().at("train_loss")));
}

TEST(Session, APluginThatFailsFailsTheRunUnderItsName) {
  for (const auto& [how, message] : {std::pair{"throw", "the moon is in the wrong phase"},
                                     std::pair{"torch_error", "invalid for input of size"},
                                     std::pair{"shape", "returned penalty [1, 1], expected [1]"}}) {
    const test::TemporaryFolder folder;
    const auto experiment = test::experiment(
        {std::string("regularizers=[{name: failing_regularizer, how: ") + how + "}]"});
    const auto result = train(experiment, folder.path() / "run");
    EXPECT_EQ(result.status, RunStatus::failed);
    EXPECT_THAT(result.failure, HasSubstr("regularizer failing_regularizer: "));
    EXPECT_THAT(result.failure, HasSubstr(message));
    EXPECT_THAT(result.failure, testing::Not(HasSubstr("frame #")));  // no stack trace
    const auto record = nlohmann::json::parse(read_file(folder.path() / "run/run.json"));
    EXPECT_EQ(record["status"], "failed");
    EXPECT_EQ(record["failure"], result.failure);
  }
}

TEST(Session, ReportsProgressAfterEachStep) {
  const test::TemporaryFolder folder;
  std::vector<std::int64_t> steps;
  train(test::experiment({"training.steps=3"}), folder.path() / "run",
        {.progress =
             [&](const Progress& now) {
               steps.push_back(now.step);
               EXPECT_EQ(now.steps, 3);
               EXPECT_GT(now.steps_per_second, 0);
             },
         .stop_requested = [] { return false; }});
  EXPECT_EQ(steps, (std::vector<std::int64_t>{1, 2, 3}));
}

TEST(Session, ATableThatWasChangedIsAnotherRunAndSaysSo) {
  const test::TemporaryFolder folder;
  const auto file = folder.write("table.csv", "0,0,0\n0,1,1\n1,0,1\n1,1,0\n").string();
  const auto experiment = [&] {
    return test::experiment({"operation={name: table_file, file: " + file + "}"});
  };
  train(experiment(), folder.path() / "run");
  EXPECT_EQ(train(experiment(), folder.path() / "run").status, RunStatus::done);
  folder.write("table.csv", "0,0,1\n0,1,0\n1,0,0\n1,1,1\n");
  EXPECT_THAT([&] { train(experiment(), folder.path() / "run"); },
              testing::ThrowsMessage<Error>(HasSubstr("\n  operation.file.sha256: ")));
}

}  // namespace
}  // namespace groklab
