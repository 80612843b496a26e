// A process that writes a run is killed before each of its calls to the system in turn.
#include "framework/store/run_folder_fixture.h"
#include "support/captured_log.h"
#include "support/failing_calls.h"

#include <gmock/gmock.h>
#include <sys/mman.h>
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

// Shared with the process that is killed.
class SharedStep {
 public:
  SharedStep()
      : step_(static_cast<int*>(::mmap(nullptr, sizeof(int), PROT_READ | PROT_WRITE,
                                       MAP_SHARED | MAP_ANONYMOUS, -1, 0))) {}
  SharedStep(const SharedStep&) = delete;
  SharedStep& operator=(const SharedStep&) = delete;
  ~SharedStep() { ::munmap(step_, sizeof(int)); }
  int& operator*() const { return *step_; }

 private:
  int* step_;
};

// As a session does it: a row every 2 steps, a checkpoint every 3. `kept` is the step of the last
// checkpoint that was written.
void train(const fs::path& run, int& kept) {
  RunFolder folder(run, identity());
  const auto resumed = folder.checkpoint();
  const auto first = resumed ? std::stoi(resumed->metadata.at("step")) : 0;
  folder.start(first, {{"device", "cpu"}});
  if (first == 0) folder.append(row(0));
  for (int step = first + 1; step <= kSteps; ++step) {
    if (step % 2 == 0) folder.append(row(step, step / 10.0));
    if (step % 3 != 0) continue;
    folder.write_checkpoint(checkpoint(step));
    kept = step;
  }
  folder.finish(RunStatus::done, nlohmann::ordered_json::object());
}

// Trains in a process that is killed before call number `first`; false: there are not so many.
bool train_until_killed(const fs::path& run, bool halves, std::size_t first, int& kept) {
  using enum SystemCall;
  const pid_t child = ::fork();
  if (child == 0) {
    const test::Failure killed{
        halves ? std::set{write} : std::set{open_to_write, write, fsync, rename, unlink, mkdir}, 0,
        halves, /*stays=*/false, /*kills=*/true};
    test::FailingCalls calls(run, killed, first);
    train(run, kept);
    ::_exit(0);
  }
  int status = 0;
  ::waitpid(child, &status, 0);
  EXPECT_TRUE(WIFSIGNALED(status) ? WTERMSIG(status) == SIGKILL : WEXITSTATUS(status) == 0);
  return WIFSIGNALED(status);
}

int step_to_resume(const fs::path& run) {
  const auto resumed = RunFolder(run, identity()).checkpoint();
  return resumed ? std::stoi(resumed->metadata.at("step")) : 0;
}

using RunFolderKill = test::RunFolderTest;

TEST_F(RunFolderKill, BeforeWhateverCallTheRunGoesOnAndEndsAsIfItHadNotBeen) {
  const test::CapturedLog log;
  const SharedStep kept;
  const auto straight = folder_.path() / "straight";
  train(straight, *kept);
  for (const bool halves : {false, true}) {
    std::size_t call = 1;
    for (*kept = 0; train_until_killed(run(), halves, call, *kept); ++call, *kept = 0) {
      SCOPED_TRACE(call);
      EXPECT_GE(step_to_resume(run()), *kept);
      train(run(), *kept);
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
