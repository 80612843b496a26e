// What becomes of a run when the system refuses a call.
#include "base/files.h"
#include "base/unfinished_file.h"
#include "support/captured_log.h"
#include "support/experiments.h"
#include "support/failing_calls.h"
#include "train/session.h"

#include <gmock/gmock.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <map>

namespace groklab {
namespace {

namespace fs = std::filesystem;
using test::Failure;
using test::SystemCall;
using testing::HasSubstr;

constexpr std::int64_t kEvery = 2;  // steps from a checkpoint to the next

constexpr const char* kTinySpec = R"(
experiment: tiny
operation: {name: add, modulus: 5}
model: {name: mlp, width: 2, hidden: 4}
loss: cross_entropy
optimizer: adamw
training: {steps: 6, batch_size: 5}
evaluation: {every: 3}
checkpoint: {every: 2}
)";

const std::map<std::string, Failure>& failures() {
  using enum SystemCall;
  static const std::map<std::string, Failure> all{
      {"a full disk", {{write}, ENOSPC}},
      {"a disk that fills for good", {{write}, ENOSPC, /*halves=*/true, /*stays=*/true}},
      {"a disk that fills and is cleared", {{write}, ENOSPC, /*halves=*/true}},
      {"a write that takes a part", {{write}, 0, /*halves=*/true}},
      {"a disk that cannot be written", {{write}, EIO}},
      {"a disk that loses what it took", {{fsync}, EIO}},
      {"a file that cannot be replaced", {{rename}, EIO}},
      {"a file that may not be written", {{open_to_write}, EACCES}},
      {"too many open files", {{open_to_read, open_to_write}, EMFILE}},
      {"a folder that is now read-only",
       {{open_to_write, write, rename, unlink, mkdir}, EROFS, false, /*stays=*/true}}};
  return all;
}

// log.txt and events repeat what is elsewhere.
bool is_copy(const std::string& path) {
  const auto name = fs::path(path).filename().string();
  return name == "log.txt" || name.starts_with("events.out.tfevents.");
}

bool is_checkpoint_read(const std::string& path, const Failure& failure) {
  return failure.calls.contains(SystemCall::open_to_read) && path.ends_with(".safetensors");
}

class SessionFaults : public testing::Test {
 protected:
  RunIdentity identity() const { return identity_of(experiment_, test::catalog()); }

  std::int64_t step_to_resume(const fs::path& run) const {
    RunFolder folder(run, identity());
    return resumed_step(folder);
  }

  // Gives how it ended, and in `last_step` how far it came, with what was to be written there.
  RunStatus train(const fs::path& run, std::int64_t& last_step, int stop_at = -1) const {
    RunFolder folder(run, identity());
    const auto results =
        run_session(test::catalog(), {{&experiment_, &folder}},
                    {.progress = [&](const Progress& now) { last_step = now.step; },
                     .stop_requested = [&] { return last_step == stop_at; }});
    return results.front().status;
  }

  // Gives the error's message; empty: the run is done.
  std::string train_to_an_error(const fs::path& run, std::int64_t& last_step) const {
    try {
      EXPECT_EQ(train(run, last_step), RunStatus::done);
      return "";
    } catch (const Error& error) {
      return error.what();
    }
  }

  static void expect_to_stop_where_it_must(const Failure& failure,
                                           const std::vector<std::string>& failed,
                                           const std::string& message) {
    const auto is_in_message = [&](const fs::path& path) {  // or the file that it is to become
      const auto name = finished_name(path.filename());
      const auto file = name ? path.parent_path() / *name : path;
      return message.find(file.string()) != std::string::npos;
    };
    const auto needs_no_stop = [&](const std::string& path) {
      return is_copy(path) || is_checkpoint_read(path, failure);
    };
    const bool may_go_on = std::all_of(failed.begin(), failed.end(), needs_no_stop);
    const bool has_to_go_on = std::all_of(failed.begin(), failed.end(), is_copy);
    EXPECT_TRUE(may_go_on || !message.empty());
    EXPECT_TRUE(!has_to_go_on || message.empty()) << message;
    if (message.empty()) return;
    EXPECT_THAT(message, HasSubstr(std::strerror(failure.reason)));
    EXPECT_TRUE(std::any_of(failed.begin(), failed.end(), is_in_message)) << message;
  }

  // When the same command is given once more.
  void expect_to_end_as_if_nothing_had_been(const fs::path& run) const {
    std::int64_t last_step = 0;
    EXPECT_EQ(train(run, last_step), RunStatus::done);
    for (const auto* file : {"metrics.jsonl", "checkpoint.safetensors", "spec.yaml"}) {
      EXPECT_EQ(read_file(run / file), read_file(straight_ / file)) << file;
    }
    const auto record = read_run_record(run);
    EXPECT_EQ(record->status, RunStatus::done);
    EXPECT_EQ(record->json.at("summary"), read_run_record(straight_)->json.at("summary"));
    for (const auto& entry : fs::directory_iterator(run)) {
      EXPECT_NE(entry.path().extension(), ".part");
    }
  }

  // A run that begins as `begun` has each call fail in turn. Gives the number of calls.
  std::size_t fail_each_call(const Failure& failure, const fs::path& begun) const {
    for (std::size_t first = 1;; ++first) {
      SCOPED_TRACE("call " + std::to_string(first));
      const test::TemporaryFolder folder;
      const auto run = folder.path() / "run";
      if (!begun.empty()) fs::copy(begun, run);
      std::int64_t last_step = 0;
      {
        test::FailingCalls calls(run, failure, first);
        const auto message = train_to_an_error(run, last_step);
        expect_to_stop_where_it_must(failure, calls.failed(), message);
        if (!calls.was_reached()) return first - 1;
      }
      EXPECT_GE(step_to_resume(run), last_step / kEvery * kEvery);
      expect_to_end_as_if_nothing_had_been(run);
    }
  }

  test::CapturedLog log_;
  test::TemporaryFolder folder_;
  fs::path straight_ = folder_.path() / "straight";
  Experiment experiment_ = test::experiment({}, kTinySpec);
};

TEST_F(SessionFaults, WhateverCallFailsTheRunSaysSoAndEndsLaterAsIfNothingHadBeen) {
  std::int64_t last_step = 0;
  ASSERT_EQ(train(straight_, last_step), RunStatus::done);
  for (const auto& [name, failure] : failures()) {
    SCOPED_TRACE(name);
    EXPECT_GE(fail_each_call(failure, {}), failure.calls.contains(SystemCall::mkdir) ? 30U : 10U);
  }
}

TEST_F(SessionFaults, SoItIsWhenARunIsResumed) {
  std::int64_t last_step = 0;
  ASSERT_EQ(train(straight_, last_step), RunStatus::done);
  last_step = 0;
  const auto begun = folder_.path() / "begun";
  ASSERT_EQ(train(begun, last_step, /*stop_at=*/5), RunStatus::interrupted);
  for (const auto& [name, failure] : failures()) {
    SCOPED_TRACE(name);
    EXPECT_GT(fail_each_call(failure, begun), 5U);
  }
}

TEST_F(SessionFaults, ARunThatCannotBeWrittenLetsGoOfItsWholePack) {
  std::int64_t last_step = 0;
  ASSERT_EQ(train(straight_, last_step), RunStatus::done);
  const auto other_seed = test::experiment({"seed=1"}, kTinySpec);
  const auto sound = folder_.path() / "sound", faulty = folder_.path() / "faulty";
  RunFolder first(sound, identity());
  RunFolder second(faulty, identity_of(other_seed, test::catalog()));
  {
    const test::FailingCalls calls(faulty, {{SystemCall::rename}, ENOSPC}, 6);
    EXPECT_THAT(
        [&] {
          run_session(test::catalog(), {{&experiment_, &first}, {&other_seed, &second}});
        },
        testing::ThrowsMessage<Error>("cannot replace " +
                                      (faulty / "checkpoint.previous.safetensors").string() +
                                      ": No space left on device"));
  }
  EXPECT_EQ(step_to_resume(sound), 4);  // both lived until that was written, and are not locked now
  expect_to_end_as_if_nothing_had_been(sound);
  RunFolder again(faulty, identity_of(other_seed, test::catalog()));
  EXPECT_EQ(resumed_step(again), 2);
  EXPECT_EQ(run_session(test::catalog(), {{&other_seed, &again}}).front().status, RunStatus::done);
}

TEST_F(SessionFaults, ALogThatCannotBeWrittenIsAWarning) {
  std::int64_t last_step = 0;
  fs::create_directories(straight_ / "log.txt");  // a folder is in its way
  EXPECT_EQ(train(straight_, last_step), RunStatus::done);
  EXPECT_EQ(log_.text(), "warning cannot write " + (straight_ / "log.txt").string() +
                             ": Is a directory; the log lacks what follows\n");
}

}  // namespace
}  // namespace groklab
