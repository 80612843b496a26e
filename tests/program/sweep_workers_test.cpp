// Sweeps of the program whose processes crash, are killed, stopped, or work beside each other.
#include "base/files.h"
#include "store/claims.h"
#include "store/run_record.h"
#include "store/sweep_plan.h"
#include "support/background_program.h"
#include "support/program_run.h"
#include "support/temporary_folder.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <sys/wait.h>

#include <chrono>
#include <csignal>
#include <map>
#include <thread>

namespace groklab {
namespace {

namespace fs = std::filesystem;
using testing::AllOf;
using testing::HasSubstr;

constexpr const char* kSpec = R"(
experiment: swept
operation: {name: add, modulus: 7}
model: {name: mlp, width: 8, hidden: 16}
loss: cross_entropy
optimizer: {name: adamw, learning_rate: 1e-2}
training: {steps: 60, batch_size: 10}
evaluation: {every: 10}
checkpoint: {every: 10}
)";

int count_of(const std::string& text, const std::string& what) {
  int count = 0;
  for (auto at = text.find(what); at != std::string::npos; at = text.find(what, at + 1)) ++count;
  return count;
}

class SweepWorkers : public testing::Test {
 protected:
  std::vector<std::string> command(const fs::path& out, std::vector<std::string> more = {}) const {
    std::vector<std::string> all{"run",           spec_.string(),
                                 "--out",         out.string(),
                                 "--plugin-path", test::fixture_dir().string(),
                                 "--threads",     "1"};
    all.insert(all.end(), more.begin(), more.end());
    return all;
  }

  ProcessResult run(const fs::path& out, const std::vector<std::string>& more = {}) const {
    return test::run_groklab(command(out, more));
  }

  // One cell that holds at the gates, and two that do not.
  std::vector<std::string> gated(std::vector<std::string> more = {}) const {
    more.push_back(
        fmt::format("sweep.zip=[{{regularizers: [[{{name: gate, at: 25, file: '{}'}}, "
                    "{{name: gate, at: 45, file: '{}'}}], [], [weight_decay]], seed: [0, 1, 2]}}]",
                    gate_.string(), late_gate_.string()));
    return more;
  }

  static bool is_reached(const fs::path& gate) { return fs::exists(gate.string() + ".reached"); }
  static void open(const fs::path& gate) { replace_file(gate, ""); }
  static void close(const fs::path& gate) {
    fs::remove(gate);
    fs::remove(gate.string() + ".reached");
  }

  static ProcessIdentity owner(const fs::path& out, const std::string& claim) {
    return ClaimFolder(out / "claims").all().at(claim).record.owner;
  }
  static std::string first_pack(const fs::path& out) { return read_plan({out}).packs.front().name; }

  // A file of every run, by its folder's name.
  static std::map<std::string, std::string> files(const fs::path& out, const char* name) {
    std::map<std::string, std::string> contents;
    for (const auto& entry : fs::directory_iterator(out / "cells")) {
      if (fs::exists(entry.path() / name)) {
        contents[entry.path().filename()] = read_file(entry.path() / name);
      }
    }
    return contents;
  }

  static std::map<std::string, int> statuses(const fs::path& out) {
    std::map<std::string, int> counts;
    for (const auto& cell : read_plan({out}).cells) {
      const auto record = read_run_record(SweepFolder{out}.cell(cell.id));
      ++counts[record ? to_text(record->status) : "not started"];
    }
    return counts;
  }

  test::TemporaryFolder folder_;
  fs::path spec_ = folder_.write("spec.yaml", kSpec);
  fs::path out_ = folder_.path() / "out";
  fs::path gate_ = folder_.path() / "gate", late_gate_ = folder_.path() / "late_gate";
};

// Whether the run that a gate holds was asked to stop.
bool is_signalled(const fs::path& gate) { return fs::exists(gate.string() + ".signalled"); }

template <typename Condition>
bool wait_for(const Condition& condition) {
  const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(60);
  while (!condition()) {
    if (std::chrono::steady_clock::now() > end) return false;
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
  }
  return true;
}

TEST_F(SweepWorkers, APackThatCrashesIsTriedTwiceAndThenFailedAndTheRestIsDone) {
  const std::vector<std::string> crashing{
      "--jobs",        "2",
      "--pack",        "4",
      "sweep.seeds=4", "sweep.grid.regularizers=[[{name: failing_regularizer, how: crash}], []]"};
  const auto result = run(out_, crashing);
  EXPECT_EQ(result.exit_code, 3) << result.output;
  EXPECT_EQ(count_of(result.output, "died: signal 11 (Segmentation fault)"), 2) << result.output;
  EXPECT_EQ(statuses(out_), (std::map<std::string, int>{{"done", 4}, {"failed", 4}}));
  const auto before = files(out_, "run.json");
  for (const auto& [name, text] : before) {
    const auto json = nlohmann::json::parse(text);
    if (json.at("status") == "done") continue;
    EXPECT_THAT(json.at("failure").get<std::string>(),
                AllOf(HasSubstr("2 processes in a row died"), HasSubstr("signal 11")));
  }

  const auto again = run(out_, crashing);
  EXPECT_EQ(again.exit_code, 3) << again.output;
  EXPECT_EQ(count_of(again.output, "died"), 4) << "the reason of each failed run, and no more";
  EXPECT_EQ(files(out_, "run.json"), before);

  auto retrying = crashing;
  retrying.insert(retrying.end(), {"--retry", "failed"});
  const auto retried = run(out_, retrying);
  EXPECT_EQ(retried.exit_code, 3) << retried.output;
  EXPECT_EQ(count_of(retried.output, "died: signal 11 (Segmentation fault)"), 2) << retried.output;
  for (const auto& [name, text] : files(out_, "run.json")) {
    const auto was_done = nlohmann::json::parse(before.at(name)).at("status") == "done";
    EXPECT_EQ(text == before.at(name), was_done) << name;
  }
}

TEST_F(SweepWorkers, StopAtTheFirstFailureIfTheyAreToldTo) {
  const auto result =
      run(out_, {"--fail-fast", "--pack", "1",
                 "sweep.grid.regularizers=[[{name: failing_regularizer}], [], [weight_decay]]"});
  EXPECT_EQ(result.exit_code, 3) << result.output;
  EXPECT_EQ(statuses(out_), (std::map<std::string, int>{{"failed", 1}, {"not started", 2}}));
  EXPECT_THAT(result.output, HasSubstr("2 runs are not over"));
}

TEST_F(SweepWorkers, SurviveTheDeathOfOneAndStopAndGoOnWhenAsked) {
  const auto undisturbed = folder_.path() / "undisturbed";
  open(late_gate_);
  open(gate_);
  ASSERT_EQ(run(undisturbed, gated()).exit_code, 0);
  close(gate_);
  {
    test::BackgroundProgram program(command(out_, gated()));
    ASSERT_TRUE(program.wait_until([&] { return is_reached(gate_); }));
    const auto second = run(out_, gated());
    EXPECT_EQ(second.exit_code, 2);
    EXPECT_THAT(second.output, HasSubstr("is being run by " + owner(out_, "run").text()));

    const auto worker = owner(out_, first_pack(out_));
    EXPECT_NE(worker, owner(out_, "run"));
    close(gate_);  // and the next one that gets there says so again
    ::kill(static_cast<pid_t>(worker.process), SIGKILL);
    ASSERT_TRUE(program.wait_until([&] { return is_reached(gate_); }));
    EXPECT_NE(owner(out_, first_pack(out_)), worker);
    open(gate_);
    EXPECT_EQ(program.wait(), 0);
  }
  EXPECT_EQ(files(out_, "metrics.jsonl"), files(undisturbed, "metrics.jsonl"));

  const auto stopped = folder_.path() / "stopped";
  close(gate_);
  {
    test::BackgroundProgram program(command(stopped, gated()));
    ASSERT_TRUE(program.wait_until([&] { return is_reached(gate_); }));
    program.send(SIGINT);
    ASSERT_TRUE(program.wait_until([&] { return is_signalled(gate_); }));
    open(gate_);
    EXPECT_EQ(WEXITSTATUS(program.wait()), 75);
  }
  EXPECT_GE(statuses(stopped)["interrupted"], 1);
  EXPECT_GE(files(stopped, "checkpoint.safetensors").size(), 1);
  EXPECT_EQ(run(stopped, gated()).exit_code, 0);
  EXPECT_EQ(files(stopped, "metrics.jsonl"), files(undisturbed, "metrics.jsonl"));
}

TEST_F(SweepWorkers, EndWithTheProcessThatStartedThemAndOthersGoOnBesideEachOther) {
  const auto nothing = test::run_groklab({"work", folder_.path().string()});
  EXPECT_EQ(nothing.exit_code, 2);
  EXPECT_THAT(nothing.output, AllOf(HasSubstr("no plan.json"), HasSubstr("groklab run SPEC")));

  {
    test::BackgroundProgram program(command(out_, gated({"--pack", "1"})));
    ASSERT_TRUE(program.wait_until([&] { return is_reached(gate_); }));
    const auto worker = owner(out_, first_pack(out_));
    program.send(SIGKILL);
    program.wait();
    ASSERT_TRUE(wait_for([&] { return is_signalled(gate_); }));
    open(gate_);
    ASSERT_TRUE(wait_for([&] { return worker.is_alive() == false; }));
  }
  EXPECT_EQ(statuses(out_), (std::map<std::string, int>{{"interrupted", 1}, {"not started", 2}}));

  test::BackgroundProgram first({"work", out_.string(), "--threads", "1"});
  ASSERT_TRUE(first.wait_until([&] { return is_reached(late_gate_); }));
  EXPECT_EQ(test::run_groklab({"work", out_.string(), "--threads", "1"}).exit_code, 0);
  EXPECT_EQ(statuses(out_), (std::map<std::string, int>{{"done", 2}, {"running", 1}}));
  open(late_gate_);
  EXPECT_EQ(first.wait(), 0);
  EXPECT_EQ(statuses(out_), (std::map<std::string, int>{{"done", 3}}));
}

}  // namespace
}  // namespace groklab
