// A process that writes a run is killed before each of its calls to the system in turn.
#include "framework/store/run_folder_fixture.h"
#include "support/captured_log.h"
#include "support/failing_calls.h"

#include <gmock/gmock.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>

namespace groklab {
namespace {

namespace fs = std::filesystem;
using test::checkpoint;
using test::identity;
using test::row;
using test::run_json;
using test::SystemCall;

constexpr int kSteps = 6;

// As a session does it: a row every 2 steps, a checkpoint every 3.
void train(const fs::path& run) {
  RunFolder folder(run, identity());
  const auto resumed = folder.checkpoint();
  const auto first = resumed ? std::stoi(resumed->metadata.at("step")) : 0;
  folder.start(first, {{"device", "cpu"}});
  if (first == 0) folder.append(row(0));
  for (int step = first + 1; step <= kSteps; ++step) {
    if (step % 2 == 0) folder.append(row(step, step / 10.0));
    if (step % 3 == 0) folder.write_checkpoint(checkpoint(step));
  }
  folder.finish(RunStatus::done, nlohmann::ordered_json::object());
}

// Trains in a process that is killed before call number `first`; false: there are not so many.
bool train_until_killed(const fs::path& run, bool halves, std::size_t first) {
  using enum SystemCall;
  const pid_t child = ::fork();
  if (child == 0) {
    const test::Failure killed{
        halves ? std::set{write} : std::set{open_to_write, write, fsync, rename, unlink, mkdir}, 0,
        halves, /*stays=*/false, /*kills=*/true};
    test::FailingCalls calls(run, killed, first);
    train(run);
    ::_exit(0);
  }
  int status = 0;
  ::waitpid(child, &status, 0);
  EXPECT_TRUE(WIFSIGNALED(status) ? WTERMSIG(status) == SIGKILL : WEXITSTATUS(status) == 0);
  return WIFSIGNALED(status);
}

using RunFolderKill = test::RunFolderTest;

TEST_F(RunFolderKill, BeforeWhateverCallTheRunGoesOnAndEndsAsIfItHadNotBeen) {
  const test::CapturedLog log;
  const auto straight = folder_.path() / "straight";
  train(straight);
  for (const bool halves : {false, true}) {
    std::size_t call = 1;
    for (; train_until_killed(run(), halves, call); ++call) {
      SCOPED_TRACE(call);
      train(run());
      for (const auto* file : {"metrics.jsonl", "checkpoint.safetensors"}) {
        EXPECT_EQ(read_file(run() / file), read_file(straight / file)) << file;
      }
      EXPECT_EQ(run_json(run()).at("summary"), run_json(straight).at("summary"));
      fs::remove_all(run());
    }
    EXPECT_GT(call, 10U);
    fs::remove_all(run());
  }
}

}  // namespace
}  // namespace groklab
