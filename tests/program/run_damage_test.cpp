// Runs whose files others remove, whose disk is full, that two machines want, or that end before
// their first step.
#include "base/files.h"
#include "store/claims.h"
#include "store/run_record.h"
#include "store/sweep_plan.h"
#include "support/background_program.h"
#include "support/program_run.h"
#include "support/small_disk.h"
#include "support/temporary_folder.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <sys/wait.h>

#include <csignal>
#include <fstream>

namespace groklab {
namespace {

namespace fs = std::filesystem;
using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

constexpr const char* kSpec = R"(
experiment: damaged
operation: {name: add, modulus: 7}
model: {name: mlp, width: 8, hidden: 16}
loss: cross_entropy
optimizer: adamw
training: {steps: 60, batch_size: 10}
evaluation: {every: 10}
checkpoint: {every: 20}
)";

class RunDamage : public testing::Test {
 protected:
  std::vector<std::string> command(std::vector<std::string> more = {}) const {
    std::vector<std::string> all{"run",           spec_.string(),
                                 "--out",         out_.string(),
                                 "--plugin-path", test::fixture_dir().string(),
                                 "--threads",     "1"};
    all.insert(all.end(), more.begin(), more.end());
    return all;
  }
  ProcessResult run(const std::vector<std::string>& more = {}) const {
    return test::run_groklab(command(more));
  }

  std::vector<std::string> gated(std::vector<std::string> more = {}) const {
    more.push_back(fmt::format("regularizers=[{{name: gate, at: 35, file: '{}'}}]", gate()));
    return more;
  }
  std::string gate() const { return (folder_.path() / "gate").string(); }
  bool is_held() const { return fs::exists(gate() + ".reached"); }
  void open_gate() const { folder_.write("gate", ""); }

  std::string status() const { return to_text(read_run_record(out_)->status); }

  test::TemporaryFolder folder_;
  fs::path spec_ = folder_.write("spec.yaml", kSpec);
  fs::path out_ = folder_.path() / "out";
};

int exit_code(test::BackgroundProgram& program) {
  const int status = program.wait();
  return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

TEST_F(RunDamage, MetricsThatAreRemovedOrReplacedWhileItTrainsEndItWith3AndItIsNotDone) {
  for (const bool replaced : {false, true}) {
    fs::remove_all(out_);
    fs::remove(gate());
    fs::remove(gate() + ".reached");
    test::BackgroundProgram program(command(gated()));
    ASSERT_TRUE(program.wait_until([&] { return is_held(); }));
    const auto metrics = out_ / "metrics.jsonl";
    const auto text = read_file(metrics);
    fs::remove(metrics);
    if (replaced) write_atomically(metrics, text);  // as an editor does
    open_gate();
    EXPECT_EQ(exit_code(program), 3);
    EXPECT_EQ(status(), "running");
    const auto again = run(gated());
    if (replaced) {  // all rows are there up to the checkpoint
      EXPECT_EQ(again.exit_code, 0) << again.output;
      continue;
    }
    EXPECT_EQ(again.exit_code, 2);
    EXPECT_THAT(again.output, HasSubstr("metrics.jsonl has 0 readable rows up to step 20, of 3"));
  }
}

TEST_F(RunDamage, APluginThatFailsBeforeTheFirstStepIsRecordedAloneAsInASweep) {
  const std::string failing = "regularizers=[{name: failing_regularizer, how: begin}]";
  const std::string reason = "regularizer failing_regularizer: the moon has not risen";
  const auto single = run({failing});
  EXPECT_EQ(single.exit_code, 3) << single.output;
  EXPECT_THAT(single.output, HasSubstr(reason));
  const auto record = read_run_record(out_)->json;
  EXPECT_TRUE(fs::exists(out_ / "spec.yaml"));

  const auto alone = out_;
  out_ = folder_.path() / "sweep";
  const auto sweep = run({failing, "seed=0,1"});
  EXPECT_EQ(sweep.exit_code, 3) << sweep.output;
  for (const auto& cell : read_plan({out_}).cells) {
    const auto in_sweep = read_run_record(SweepFolder{out_}.cell(cell.id))->json;
    for (const auto* key : {"status", "failure", "plugins"}) {
      EXPECT_EQ(in_sweep.at(key), record.at(key)) << key;
    }
    EXPECT_EQ(record.at("failure"), reason);
  }
}

// The claim of a run on another machine.
void write_foreign_claim(const fs::path& run, int beat) {
  fs::create_directories(run / "claims");
  replace_file(run / "claims" / "run.0",
               fmt::format(R"({{"phase": "held", "host": "far", "process": 12, "machine": "another",
                      "start": "5", "beat": {}, "seen": "2026-01-31T12:00:00Z", "deaths": 0,
                      "last_death": "", "step": 3, "steps": 9, "runs": 1,
                      "steps_per_second": 2.5}})",
                           beat));
}

TEST_F(RunDamage, ARunThatAnotherMachineTrainsIsNotTrainedHere) {
  int beat = 0;
  write_foreign_claim(out_, beat);
  test::BackgroundProgram program(command());
  while (!program.ends_within(std::chrono::milliseconds(100))) {
    write_foreign_claim(out_, ++beat);
    ASSERT_LT(beat, 600);
  }
  EXPECT_EQ(exit_code(program), 2);
  EXPECT_FALSE(fs::exists(out_ / "run.json"));
}

TEST_F(RunDamage, ARunWhoseOwnerWasKilledGoesOnAtOnceOnTheSameMachine) {
  {
    test::BackgroundProgram program(command(gated()));
    ASSERT_TRUE(program.wait_until([&] { return is_held(); }));
    program.send(SIGKILL);
    program.wait();
  }
  EXPECT_EQ(ClaimFolder(out_ / "claims").all().at("run").record.phase, ClaimPhase::held);
  open_gate();
  const auto again = run(gated());
  EXPECT_EQ(again.exit_code, 0) << again.output;
  EXPECT_EQ(ClaimFolder(out_ / "claims").all().at("run").record.phase, ClaimPhase::released);
}

TEST_F(RunDamage, ADiskThatIsFullOrReadOnlyEndsASingleRunWith3AndWithSpaceItGoesOn) {
  out_ = folder_.path() / "disk" / "out";
  test::SmallDisk disk(folder_.path() / "disk", "60k");
  if (!disk.is_mounted()) GTEST_SKIP() << "mounting a file system takes root";
  const auto full = run({"evaluation.every=1"});
  EXPECT_EQ(full.exit_code, 3) << full.output;
  EXPECT_THAT(full.output, AllOf(HasSubstr("No space left on device"),
                                 HasSubstr("once that is mended, the same command goes on")));
  ASSERT_TRUE(disk.resize("1m"));
  EXPECT_EQ(run({"evaluation.every=1", "training.steps=60"}).exit_code, 0);

  ASSERT_TRUE(disk.make_read_only());
  for (const auto* more : {"seed=5", "seed=5,6"}) {
    out_ = folder_.path() / "disk" / "other";
    const auto refused = run({more});
    EXPECT_EQ(refused.exit_code, 3) << refused.output;
    EXPECT_THAT(refused.output,
                AllOf(HasSubstr("Read-only file system"), Not(HasSubstr("filesystem error"))));
  }
  const auto page =
      test::run_groklab({"report", (folder_.path() / "disk" / "out").string(), "--page-only"});
  EXPECT_EQ(page.exit_code, 3) << page.output;
}

TEST_F(RunDamage, NamesThatTheSystemRefusesAreErrorsOfGroklabsOwn) {
  const std::string long_name(300, 'x');
  for (const auto& arguments : std::vector<std::vector<std::string>>{
           {"run", spec_.string(), "--out", (folder_.path() / long_name).string()},
           {"run", spec_.string(), "seed=0,1", "--out", (folder_.path() / long_name).string()},
           {"status", (folder_.path() / long_name).string()},
           {"report", (folder_.path() / long_name).string()},
           {"inspect", (folder_.path() / long_name).string()},
           {"export", (folder_.path() / long_name).string(), "--format", "csv"},
           {"work", (folder_.path() / long_name).string()},
           {"validate", (folder_.path() / long_name).string()},
           {"plugins", "list", "--plugin-path", (folder_.path() / long_name).string()}}) {
    const auto result = test::run_groklab(arguments);
    EXPECT_THAT(result.exit_code, testing::AnyOf(2, 3)) << arguments[0] << result.output;
    EXPECT_THAT(result.output, AllOf(HasSubstr(long_name), HasSubstr("File name too long"),
                                     Not(HasSubstr("filesystem error"))))
        << arguments[0];
  }
}

TEST_F(RunDamage, ASweepThatIsInterruptedTwiceEndsWith75AtOnceAndGoesOn) {
  test::BackgroundProgram program(command(gated({"seed=0,1"})));
  ASSERT_TRUE(program.wait_until([&] { return is_held(); }));
  program.send(SIGINT);
  EXPECT_FALSE(program.ends_within(std::chrono::milliseconds(300)));  // the gate holds its worker
  program.send(SIGINT);
  EXPECT_EQ(exit_code(program), 75);
  open_gate();
  const auto again = run(gated({"seed=0,1"}));
  EXPECT_EQ(again.exit_code, 0) << again.output;
}

// Processes that a process started and that still run.
std::vector<pid_t> children_of(pid_t process) {
  std::vector<pid_t> children;
  std::ifstream list(fmt::format("/proc/{0}/task/{0}/children", process));
  for (pid_t child = 0; list >> child;) children.push_back(child);
  return children;
}

TEST_F(RunDamage, WorkersThatAreKilledBeforeTheirFirstPackEndASweepWith3) {
  test::BackgroundProgram program(command({"seed=0,1"}));
  while (!program.ends_within(std::chrono::milliseconds(1))) {
    for (const auto child : children_of(program.id())) ::kill(child, SIGKILL);
  }
  EXPECT_EQ(exit_code(program), 3);
}

constexpr const char* kTableSpec = R"(
experiment: moved
operation: {name: table_file, file: table.csv}
model: {name: mlp, width: 8, hidden: 16}
loss: cross_entropy
optimizer: adamw
training: {steps: 20, batch_size: 10}
evaluation: {every: 10}
)";

std::string table_modulo_7() {
  std::string text = "x,y,z\n";
  for (int x = 0; x < 7; ++x) {
    for (int y = 0; y < 7; ++y) text += fmt::format("{},{},{}\n", x, y, (x + y) % 7);
  }
  return text;
}

TEST_F(RunDamage, AFolderThatIsMovedWithoutTheFileItsSpecNamedIsTrainedInspectedAndReported) {
  folder_.write("first/table.csv", table_modulo_7());
  spec_ = folder_.write("first/spec.yaml", kTableSpec);
  out_ = folder_.path() / "first" / "sweep";
  const auto single = folder_.path() / "first" / "single";
  const auto frozen = test::run_groklab(
      {"slurm", spec_.string(), "seed=0,1", "--out", out_.string(), "--time", "1:00:00"});
  ASSERT_EQ(frozen.exit_code, 0) << frozen.output;
  ASSERT_EQ(test::run_groklab({"run", spec_.string(), "--out", single.string()}).exit_code, 0);

  fs::rename(out_, folder_.path() / "sweep");
  fs::rename(single, folder_.path() / "single");
  fs::remove_all(folder_.path() / "first");
  const auto sweep = folder_.path() / "sweep";
  const auto work = test::run_groklab({"work", sweep.string()});
  EXPECT_EQ(work.exit_code, 0) << work.output;
  const auto cell = sweep / "cells" / read_plan({sweep}).cells.front().id;
  for (const auto& folder : {cell, folder_.path() / "single"}) {
    EXPECT_EQ(read_run_record(folder)->status, RunStatus::done);
    const auto inspected =
        test::run_groklab({"inspect", folder.string(), "--element", "3", "--element", "4"});
    EXPECT_EQ(inspected.exit_code, 0) << inspected.output;
    EXPECT_THAT(read_file(folder / "spec.yaml"), Not(HasSubstr("first/table.csv\"")));
  }
  const auto report = test::run_groklab({"report", sweep.string(), "--page-only"});
  EXPECT_EQ(report.exit_code, 0) << report.output;
}

TEST_F(RunDamage, FourReportsAtOnceAllSucceedAndOverwriteNothingElse) {
  ASSERT_EQ(run().exit_code, 0);
  const auto other = folder_.write("other", "mine");
  fs::create_symlink(other, out_ / "report.html.part");
  fs::create_symlink(other, out_ / "report.html");
  const std::vector<std::string> report{"report", out_.string(), "--page-only"};
  test::BackgroundProgram first(report), second(report), third(report), fourth(report);
  for (auto* program : {&first, &second, &third, &fourth}) EXPECT_EQ(exit_code(*program), 0);
  EXPECT_EQ(read_file(other), "mine");
  EXPECT_THAT(read_file(out_ / "report.html"), HasSubstr("<html"));
}

}  // namespace
}  // namespace groklab
