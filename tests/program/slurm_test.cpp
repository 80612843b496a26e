// A sweep as an array job of a real Slurm that takes nodes away, and loses a process.
#include "base/files.h"
#include "support/program_run.h"
#include "support/slurm_cluster.h"
#include "support/temporary_folder.h"

#include <gmock/gmock.h>

#include <csignal>
#include <fstream>
#include <map>
#include <stdexcept>

namespace groklab {
namespace {

namespace fs = std::filesystem;
using test::SlurmCluster;
using testing::AllOf;
using testing::HasSubstr;

// Four packs, each with a gate of its own; a gate is no part of what a pack may differ in.
constexpr const char* kSpec = R"(
experiment: clustered
operation: {name: add, modulus: 7}
model: {name: mlp, width: 8, hidden: 16}
loss: cross_entropy
optimizer: {name: adamw, learning_rate: 1e-2}
training: {steps: 60, batch_size: 10}
evaluation: {every: 10}
checkpoint: {every: 7}
sweep:
  grid:
    regularizers:
      - [{name: gate, at: 25, file: "DIR/gate0"}]
      - [{name: gate, at: 25, file: "DIR/gate1"}]
      - [{name: gate, at: 25, file: "DIR/gate2"}]
      - [{name: gate, at: 25, file: "DIR/gate3"}]
  seeds: 3
)";

constexpr int kGates = 4;

// A process of groklab that a gate holds.
struct HeldWorker {
  int gate;
  pid_t process;
  std::string task;  // of the array: 1_3
};

// A variable of another process.
std::string variable_of(pid_t process, const std::string& name) {
  std::ifstream environment("/proc/" + std::to_string(process) + "/environ");
  for (std::string variable; std::getline(environment, variable, '\0');) {
    if (variable.starts_with(name + '=')) return variable.substr(name.size() + 1);
  }
  throw std::runtime_error("a process without " + name);
}

// Cells and metrics of a sweep as tables.
std::string tables(const fs::path& sweep) {
  const auto out = sweep.parent_path() / "tables";
  const auto result = test::run_groklab(
      {"export", sweep.string(), "--format", "csv", "--reproducible", "--out", out.string()});
  EXPECT_THAT(result.output, HasSubstr("12 cells, 84 rows of metrics\n"));
  return read_file(out / "cells.csv") + read_file(out / "metrics.csv");
}

class SlurmSweep : public testing::Test {
 protected:
  void SetUp() override {
    const auto missing = SlurmCluster::missing();
    if (missing.empty()) return;
    GTEST_SKIP() << missing << " is not installed; scripts/setup --slurm installs it";
  }

  ProcessResult groklab(const char* command, const fs::path& out,
                        const std::vector<std::string>& more = {}) const {
    std::vector<std::string> arguments{command,         spec_.string(),      "--out",  out,
                                       "--plugin-path", test::fixture_dir(), "--pack", "3"};
    arguments.insert(arguments.end(), more.begin(), more.end());
    const auto result = test::run_groklab(arguments);
    EXPECT_EQ(result.exit_code, 0) << result.output;
    return result;
  }

  std::string submit() const {
    return groklab("slurm", sweep_, {"--partition", "low", "--time", "10", "--submit"}).output;
  }

  std::vector<HeldWorker> held() const {
    std::vector<HeldWorker> workers;
    for (int i = 0; i < kGates; ++i) {
      const auto reached = gate(i) + ".reached";
      if (fs::exists(gate(i)) || !fs::exists(reached)) continue;
      const auto text = read_file(reached);
      if (!text.ends_with('\n')) continue;  // it is being written
      const auto process = static_cast<pid_t>(std::stol(text));
      workers.push_back({i, process,
                         variable_of(process, "SLURM_ARRAY_JOB_ID") + '_' +
                             variable_of(process, "SLURM_ARRAY_TASK_ID")});
    }
    return workers;
  }

  std::vector<HeldWorker> wait_for_held(std::size_t count) const {
    SlurmCluster::wait_until("workers at gates", [&] { return held().size() >= count; });
    return held();
  }

  // Lets a worker go on once it has heard a signal.
  void open_when_signalled(const HeldWorker& worker) const {
    SlurmCluster::wait_until("a signal", [&] { return is_signalled(worker); });
    open(worker);
  }

  bool is_signalled(const HeldWorker& worker) const {
    return fs::exists(gate(worker.gate) + ".signalled");
  }

  void open(const HeldWorker& worker) const { folder_.write(gate(worker.gate), ""); }

  static void wait_for_empty_queue() {
    SlurmCluster::wait_until("an empty queue", [] {
      return SlurmCluster::ask({"squeue", "--noheader"}).empty();
    });
  }

  static std::string record_of(const std::string& task) {
    return SlurmCluster::ask({"scontrol", "show", "job", task});
  }

  // What the tasks wrote.
  std::string logs() const {
    std::string text;
    for (const auto& entry : fs::directory_iterator(sweep_ / "slurm")) {
      if (entry.path().extension() == ".log") text += read_file(entry.path());
    }
    return text;
  }

  // How many runs went on from a step after an interruption.
  std::map<std::string, int> resumed_runs() const {
    std::map<std::string, int> runs;  // by the step
    const std::string words = "resumed at step ";
    for (const auto& entry : fs::directory_iterator(sweep_ / "cells")) {
      const auto log = read_file(entry.path() / "log.txt");
      for (auto at = log.find(words); at != std::string::npos; at = log.find(words, at + 1)) {
        ++runs[log.substr(at + words.size(), log.find('\n', at) - at - words.size())];
      }
    }
    return runs;
  }

  std::string gate(int i) const { return folder_.path() / ("gate" + std::to_string(i)); }

  std::string spec_text() const {
    std::string text = kSpec;
    for (auto at = text.find("DIR"); at != std::string::npos; at = text.find("DIR")) {
      text.replace(at, 3, folder_.path().string());
    }
    return text;
  }

  const test::TemporaryFolder folder_;
  const fs::path spec_ = folder_.write("spec.yaml", spec_text());
  // A name that means something to shells, to sbatch and in its patterns.
  const fs::path sweep_ = folder_.path() / R"(it's "a" #1 $HOME %A)";
};

TEST_F(SlurmSweep, PreemptedKilledStoppedAndCancelledGivesTheTableOfALocalRun) {
  const SlurmCluster cluster(folder_.path() / "cluster");
  EXPECT_THAT(submit(), AllOf(HasSubstr("12 runs in 4 packs; packs left: 4\ntasks: 4;"),
                              HasSubstr("submitted as job 1")));
  std::map<std::string, int> restarts;  // by task

  // One of the two tasks at work gives its node to another job, and of the other one the worker is
  // killed.
  auto workers = wait_for_held(2);
  SlurmCluster::ask({"sbatch", "--partition=high", "--output=/dev/null", "--wrap=true"});
  SlurmCluster::wait_until("a preemption", [&] {
    return is_signalled(workers.front()) || is_signalled(workers.back());
  });
  if (is_signalled(workers.back())) std::swap(workers.front(), workers.back());
  const auto preempted = workers.front(), killed = workers.back();
  open(preempted);
  ++restarts[preempted.task];
  ::kill(killed.process, SIGKILL);
  open(killed);

  // As at the end of its time limit.
  const auto stopped = wait_for_held(1).front();
  SlurmCluster::ask({"scancel", "--signal=USR1", stopped.task});
  open_when_signalled(stopped);
  ++restarts[stopped.task];

  // The other tasks come back, and find nothing more to do.
  const auto cancelled = wait_for_held(1).front();
  SlurmCluster::wait_until("the other tasks", [&] {
    return SlurmCluster::ask({"squeue", "--noheader", "--format=%F_%K"}) == cancelled.task + "\n";
  });
  SlurmCluster::ask({"scancel", cancelled.task});
  open_when_signalled(cancelled);
  wait_for_empty_queue();
  for (const auto& [task, count] : restarts) {
    EXPECT_THAT(record_of(task), HasSubstr("Restarts=" + std::to_string(count) + " "));
  }
  EXPECT_THAT(record_of(cancelled.task), HasSubstr("JobState=CANCELLED"));
  EXPECT_THAT(logs(), AllOf(HasSubstr("DUE TO PREEMPTION"),
                            HasSubstr("worker 1 of this task died (exit code 137)")));

  // The same command does what is left.
  EXPECT_THAT(submit(), HasSubstr("packs left: 1\ntasks: 1;"));
  wait_for_empty_queue();
  EXPECT_THAT(submit(), testing::EndsWith("packs left: 0\n"));

  // Whoever was told to stop wrote a checkpoint then; who was killed left the one before.
  EXPECT_EQ(resumed_runs(), (std::map<std::string, int>{{"21", 3}, {"25", 9}}));

  const auto local = folder_.path() / "local";
  groklab("run", local);
  EXPECT_EQ(tables(sweep_), tables(local));
}

}  // namespace
}  // namespace groklab
