// Sweeps that are killed at random moments, are large, or run out of disk.
#include "base/files.h"
#include "store/sweep_plan.h"
#include "support/background_program.h"
#include "support/program_run.h"
#include "support/small_disk.h"
#include "support/temporary_folder.h"

#include <gmock/gmock.h>
#include <sys/resource.h>
#include <sys/wait.h>

#include <csignal>
#include <random>

namespace groklab {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;

constexpr const char* kKilledSpec = R"(
experiment: killed
operation: {name: add, modulus: 7}
model: {name: mlp, width: 8, hidden: 16}
loss: cross_entropy
optimizer: {name: adamw, learning_rate: 1e-2}
training: {steps: 600, batch_size: 10}
evaluation: {every: 30}
checkpoint: {every: 20}
sweep:
  grid:
    operation.name: [add, subtract, multiply]
    data.train_fraction: [0.4, 0.6]
    model.width: [8, 12]
  seeds: 2
)";

std::vector<std::string> run_command(const fs::path& spec, const fs::path& out,
                                     const std::vector<std::string>& more = {}) {
  std::vector<std::string> arguments{"run", spec.string(), "--out", out.string()};
  arguments.insert(arguments.end(), more.begin(), more.end());
  return arguments;
}

// Both tables of a sweep, without times and machines.
std::string tables(const fs::path& folder) {
  const auto out = fs::path(folder) += "-tables";
  const auto result = test::run_groklab(
      {"export", folder.string(), "--format", "csv", "--reproducible", "--out", out.string()});
  EXPECT_EQ(result.exit_code, 0) << result.output;
  return read_file(out / "cells.csv") + read_file(out / "metrics.csv");
}

// Most of the time all processes at once, as when a machine fails, otherwise the first alone.
void kill_at_random(test::BackgroundProgram& program, std::mt19937& random) {
  if (random() % 4 == 0) {
    program.send(SIGKILL);
  } else {
    program.send_to_all(SIGKILL);
  }
  program.wait();
}

TEST(SweepSurvival, KilledAtFiftyRandomMomentsItEndsInTheTablesOfAnUndisturbedOne) {
  const test::TemporaryFolder folder;
  const auto spec = folder.write("spec.yaml", kKilledSpec);
  const auto straight = folder.path() / "straight";
  ASSERT_EQ(test::run_groklab(run_command(spec, straight, {"--pack", "4"})).exit_code, 0);
  const auto expected = tables(straight);

  std::mt19937 random(20261124);
  std::uniform_int_distribution<int> milliseconds(20, 2500);
  int kills = 0, finished = 0;
  while (kills < 50 || finished == 0) {
    const auto out = folder.path() / std::to_string(finished);
    test::BackgroundProgram program(run_command(spec, out, {"--pack", "4", "--jobs", "2"}));
    const std::chrono::milliseconds life(milliseconds(random));
    if (kills < 50 && !program.ends_within(life)) {
      kill_at_random(program, random);
      ++kills;
      continue;
    }
    const auto status = program.wait();
    ASSERT_TRUE(WIFEXITED(status) && WEXITSTATUS(status) == 0) << status << " after " << kills;
    EXPECT_EQ(tables(out), expected) << "after " << kills << " kills";
    ++finished;
  }
  RecordProperty("sweeps_finished", finished);
}

// Soft limit of this process, and of those it starts, while it lives.
class OpenFileLimit {
 public:
  explicit OpenFileLimit(rlim_t files) {
    ::getrlimit(RLIMIT_NOFILE, &before_);
    const rlimit lower{files, before_.rlim_max};
    ::setrlimit(RLIMIT_NOFILE, &lower);
  }
  OpenFileLimit(const OpenFileLimit&) = delete;
  OpenFileLimit& operator=(const OpenFileLimit&) = delete;
  ~OpenFileLimit() { ::setrlimit(RLIMIT_NOFILE, &before_); }

 private:
  rlimit before_{};
};

TEST(SweepSurvival, AThousandCellsTakeTwoGibibytesAtMostAndFewOpenFiles) {
  const test::TemporaryFolder folder;
  const auto spec = folder.write("spec.yaml", kKilledSpec);
  const auto out = folder.path() / "out";
  const OpenFileLimit limit(160);
  test::BackgroundProgram program(run_command(
      spec, out,
      {"--jobs", "2", "--pack", "32", "training.steps=4", "evaluation.every=4",
       "operation.name=add", "data.train_fraction=0.5", "model.width=8", "sweep.seeds=1000"}));
  const auto status = program.wait();
  ASSERT_TRUE(WIFEXITED(status)) << status;
  EXPECT_EQ(WEXITSTATUS(status), 0);
  // The largest of three processes.
  EXPECT_LT(3 * program.peak_memory_kib(), 2L << 20) << program.peak_memory_kib();
  RecordProperty("peak_kib", static_cast<int>(program.peak_memory_kib()));

  const auto plan = read_plan({out});
  ASSERT_EQ(plan.cells.size(), 1000U);
  for (const auto& cell : plan.cells) {
    const auto record = read_run_record(SweepFolder{out}.cell(cell.id));
    ASSERT_TRUE(record) << cell.id;
    EXPECT_EQ(record->status, RunStatus::done) << cell.id;
  }
}

TEST(SweepSurvival, AFullDiskEndsWith3AndNamesTheCellsAndWithSpaceTheSameCommandFinishes) {
  const test::TemporaryFolder folder;
  const auto spec = folder.write("spec.yaml", kKilledSpec);
  const auto straight = folder.path() / "straight", disk = folder.path() / "disk";
  test::SmallDisk small(disk, "700k");
  if (!small.is_mounted()) GTEST_SKIP() << "mounting a file system takes root";
  const std::vector<std::string> more{"--pack", "4", "training.steps=60"};
  ASSERT_EQ(test::run_groklab(run_command(spec, straight, more)).exit_code, 0);

  const auto full = test::run_groklab(run_command(spec, disk / "out", more));
  EXPECT_EQ(full.exit_code, 3) << full.output;
  EXPECT_THAT(full.output, HasSubstr("No space left on device"));
  EXPECT_THAT(full.output, HasSubstr((disk / "out" / "cells").string()));
  ASSERT_TRUE(small.resize("50m"));
  const auto again = test::run_groklab(run_command(spec, disk / "out", more));
  EXPECT_EQ(again.exit_code, 0) << again.output;
  EXPECT_EQ(tables(disk / "out"), tables(straight));
}

}  // namespace
}  // namespace groklab
