// Runs that the section `stop` of their spec ends early.
#include "base/files.h"
#include "support/experiments.h"
#include "train/session.h"
#include "train/stop_rule.h"

#include <gmock/gmock.h>

#include <deque>

namespace groklab {
namespace {

using nlohmann::json;
using testing::Each;
using testing::HasSubstr;
using testing::StartsWith;

namespace fs = std::filesystem;

// Learnt within a few dozen updates: the answer is the first operand.
constexpr const char* kSpec = R"(
experiment: early
operation: {name: polynomial, modulus: 7, expression: x}
model: {name: mlp, width: 8, hidden: 32}
loss: cross_entropy
optimizer: {name: adamw, learning_rate: 3e-2, weight_decay: 1.0}
training: {steps: 120, batch_size: 10}
evaluation: {every: 5}
checkpoint: {every: 40}
stop: {when: generalized, patience: 0}
)";

Experiment cell(const std::vector<std::string>& overrides) {
  return test::experiment(overrides, kSpec);
}

// Runs whose rules differ, with one that never generalises and one that diverges among them.
std::vector<Experiment> mixed_cells() {
  return {cell({}),
          cell({"stop.patience=20"}),
          cell({"stop.when=never"}),
          cell({"operation.expression=x+y"}),
          cell({"optimizer.learning_rate=1e30"}),
          cell({"seed=1", "operation.expression=y"})};
}

// Trains those cells that are not finished as one pack, each into `folder`/<its number>, until
// `stop_after` updates of this session are done.
std::vector<SessionResult> train(const std::vector<Experiment>& cells, const fs::path& folder,
                                 int stop_after = -1, int* steps = nullptr) {
  std::deque<RunFolder> folders;
  std::vector<PackRun> runs;
  for (std::size_t i = 0; i < cells.size(); ++i) {
    auto& run =
        folders.emplace_back(folder / std::to_string(i), identity_of(cells[i], test::catalog()));
    const bool is_finished = run.status() == RunStatus::done || run.status() == RunStatus::diverged;
    if (!is_finished) runs.push_back({&cells[i], &run});
  }
  int done = 0;
  const auto results = run_session(test::catalog(), runs,
                                   {.progress = [&](const Progress&) { ++done; },
                                    .stop_requested = [&] { return done == stop_after; }});
  if (steps != nullptr) *steps = done;
  return results;
}

json record(const fs::path& run) { return json::parse(read_file(run / "run.json")); }

// As a kill leaves a run whose last checkpoint was written and nothing after it.
void forget_the_end(const fs::path& run) {
  auto left = record(run);
  left["status"] = "running";
  for (const auto* fact : {"finished", "stopped", "summary"}) left.erase(fact);
  write_atomically(run / "run.json", left.dump());
}

void expect_same_outcome(const fs::path& expected, const fs::path& actual) {
  for (const auto* file : {"metrics.jsonl", "checkpoint.safetensors"}) {
    ASSERT_EQ(fs::exists(expected / file), fs::exists(actual / file)) << actual / file;
    if (!fs::exists(expected / file)) continue;
    EXPECT_EQ(read_file(expected / file), read_file(actual / file)) << actual / file;
  }
  for (const auto* fact : {"status", "stopped", "summary"}) {
    EXPECT_EQ(record(expected).value(fact, json()), record(actual).value(fact, json()))
        << actual << ": " << fact;
  }
}

TEST(EarlyStopping, EndsARunAsDoneWithTheRowsThatItWouldHaveHadAndSaysWhy) {
  const test::TemporaryFolder folder;
  train({cell({}), cell({"stop.when=never"}), cell({"stop.patience=20"})}, folder.path());
  const auto run = [&](const char* number) { return folder.path() / number; };

  const auto whole = summarize(read_metrics(run("1") / "metrics.jsonl"));
  EXPECT_EQ(whole.steps, 120);
  const auto first = whole.steps_to_generalize.value();
  EXPECT_LT(first, 60);
  EXPECT_FALSE(record(run("1")).contains("stopped"));

  const auto stopped = record(run("0"));
  EXPECT_EQ(stopped["status"], "done");
  EXPECT_EQ(stopped["stopped"], json({{"when", "generalized"}, {"step", first}, {"patience", 0}}));
  EXPECT_EQ(stopped["summary"]["steps"], first);
  EXPECT_THAT(read_file(run("0") / "log.txt"),
              HasSubstr(fmt::format("stopped at step {} of 120: validation accuracy", first)));
  const auto checkpoint = from_safetensors(read_file(run("0") / "checkpoint.safetensors"));
  EXPECT_EQ(checkpoint.metadata.at("step"), std::to_string(first));

  EXPECT_GE(record(run("2"))["stopped"]["step"], first + 20);
  for (const auto* early : {"0", "2"}) {
    EXPECT_THAT(read_file(run("1") / "metrics.jsonl"),
                StartsWith(read_file(run(early) / "metrics.jsonl")));
  }
}

TEST(EarlyStopping, APackOfDifferentRulesGivesEachRunWhatItGivesAlone) {
  const test::TemporaryFolder folder;
  const auto cells = mixed_cells();
  train(cells, folder.path() / "pack");
  for (std::size_t i = 0; i < cells.size(); ++i) {
    const auto alone = folder.path() / fmt::format("alone{}", i);
    train({cells[i]}, alone);
    expect_same_outcome(alone / "0", folder.path() / "pack" / std::to_string(i));
  }
  for (const auto& [run, is_stopped] :
       {std::pair{"0", true}, {"1", true}, {"2", false}, {"3", false}, {"4", false}, {"5", true}}) {
    EXPECT_EQ(record(folder.path() / "pack" / run).contains("stopped"), is_stopped) << run;
  }
  EXPECT_EQ(record(folder.path() / "pack/4")["status"], "diverged");
}

TEST(EarlyStopping, OnADeviceTheOthersGoOnAsTheyWouldAlone) {
  const test::TemporaryFolder folder;
  const auto never = cell({"stop.when=never", "device=cpu-replay"});
  train({cell({"device=cpu-replay"}), never}, folder.path() / "pack");
  train({never}, folder.path() / "alone");
  EXPECT_TRUE(record(folder.path() / "pack/0").contains("stopped"));
  const auto together = read_metrics(folder.path() / "pack/1/metrics.jsonl");
  const auto alone = read_metrics(folder.path() / "alone/0/metrics.jsonl");
  ASSERT_EQ(together.size(), alone.size());
  for (std::size_t i = 0; i < alone.size(); ++i) {
    for (const auto* name : {"train_loss", "val_loss"}) {
      EXPECT_NEAR(together[i].at(name), alone[i].at(name), 1e-4) << together[i].step;
    }
  }
}

TEST(EarlyStopping, APackThatIsInterruptedEndsWhereOneLeftAloneDoes) {
  const test::TemporaryFolder folder;
  const auto cells = mixed_cells();
  train(cells, folder.path() / "straight");
  for (const int steps : {48, 19, -1}) train(cells, folder.path() / "parts", steps);
  for (std::size_t i = 0; i < cells.size(); ++i) {
    const auto number = std::to_string(i);
    expect_same_outcome(folder.path() / "straight" / number, folder.path() / "parts" / number);
  }
}

TEST(EarlyStopping, ARunKilledBeforeItCouldSayThatItEndedDoesNotTrainOn) {
  const test::TemporaryFolder folder;
  const std::vector cells{cell({"stop.patience=20"})};
  train(cells, folder.path() / "straight");
  train(cells, folder.path() / "killed");
  const auto run = folder.path() / "killed/0";
  forget_the_end(run);
  int steps = -1;
  EXPECT_EQ(train(cells, folder.path() / "killed", -1, &steps)[0].status, RunStatus::done);
  EXPECT_EQ(steps, 0);
  expect_same_outcome(folder.path() / "straight/0", run);
}

TEST(EarlyStopping, ThenThePackMatesOfOneKilledAtTheSameStepGoOn) {
  const test::TemporaryFolder folder;
  const std::vector cells{cell({}), cell({"stop.when=never"})};
  train(cells, folder.path() / "straight");
  const auto pack = folder.path() / "pack";
  const int end = record(folder.path() / "straight/0")["stopped"]["step"];
  train(cells, pack, end);
  EXPECT_EQ(record(pack / "0")["status"], "done");
  EXPECT_EQ(record(pack / "1")["status"], "interrupted");
  forget_the_end(pack / "0");
  int steps = -1;
  train(cells, pack, -1, &steps);
  EXPECT_EQ(steps, 120 - end);
  for (const auto* run : {"0", "1"}) {
    expect_same_outcome(folder.path() / "straight" / run, pack / run);
  }
}

TEST(EarlyStopping, EndsThePackWithItsLastRun) {
  const test::TemporaryFolder folder;
  const std::vector cells{cell({}), cell({"seed=1"}), cell({"seed=2"})};
  int steps = 0;
  std::vector<RunStatus> ends;
  for (const auto& result : train(cells, folder.path(), -1, &steps)) ends.push_back(result.status);
  EXPECT_THAT(ends, Each(RunStatus::done));
  int last = 0;
  for (const auto* run : {"0", "1", "2"}) {
    last = std::max<int>(last, record(folder.path() / run)["stopped"]["step"]);
  }
  EXPECT_LT(last, 120);
  EXPECT_LE(steps, last);
  EXPECT_GE(steps, last - 1);  // progress is not shown of a pack without runs
}

TEST(EarlyStopping, ALossThatIsNotFiniteCountsMoreThanAGoodAccuracy) {
  const test::TemporaryFolder folder;
  const std::vector cells{cell({})};
  train(cells, folder.path());
  const auto run = folder.path() / "0";
  auto rows = read_metrics(run / "metrics.jsonl");
  EXPECT_GE(rows.back().at("val_accuracy"), Summary::kSolved);
  rows.back().values[0] = {"train_loss", std::numeric_limits<double>::infinity()};
  std::string text;
  for (const auto& row : rows) text += to_json_line(row);
  write_atomically(run / "metrics.jsonl", text);
  forget_the_end(run);
  EXPECT_EQ(train(cells, folder.path())[0].status, RunStatus::diverged);
  EXPECT_FALSE(record(run).contains("stopped"));
}

}  // namespace
}  // namespace groklab
