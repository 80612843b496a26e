#include "base/process.h"

#include "support/temporary_folder.h"

#include <gmock/gmock.h>
#include <groklab/error.h>

#include <csignal>

namespace groklab {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::ThrowsMessage;

// What a process inherits by exec, put back at the end.
class InheritedSignals {
 public:
  InheritedSignals() : child_handler_(std::signal(SIGCHLD, SIG_IGN)) {
    sigset_t blocked;
    ::sigfillset(&blocked);
    ::sigprocmask(SIG_SETMASK, &blocked, &mask_);
  }
  InheritedSignals(const InheritedSignals&) = delete;
  InheritedSignals& operator=(const InheritedSignals&) = delete;
  ~InheritedSignals() {
    std::signal(SIGCHLD, child_handler_);
    ::sigprocmask(SIG_SETMASK, &mask_, nullptr);
  }

 private:
  void (*child_handler_)(int);
  sigset_t mask_{};
};

TEST(RunProgram, TellsACrashAlsoWhereTheParentHadSigchldIgnoredAndSignalsBlocked) {
  const InheritedSignals inherited;
  EXPECT_EQ(run_program({"sh", "-c", "kill -SEGV $$"}).signal, SIGSEGV);
  std::signal(SIGCHLD, SIG_IGN);
  const auto failed = run_program({"sh", "-c", "exit 7"});
  EXPECT_EQ(failed.exit_code, 7);
  std::signal(SIGCHLD, SIG_IGN);
  const auto mask = run_program({"grep", "SigBlk", "/proc/self/status"});
  EXPECT_EQ(mask.output, "SigBlk:\t0000000000000000\n");
  std::signal(SIGCHLD, SIG_IGN);
  const auto ignored = run_program({"grep", "SigIgn", "/proc/self/status"});
  const auto signals = std::stoull(ignored.output.substr(ignored.output.find('\t')), nullptr, 16);
  EXPECT_EQ(signals >> (SIGCHLD - 1) & 1, 0U);
}

TEST(ProcessResult, WhoseEndIsNotToldIsNoSuccess) {
  ProcessResult result;
  result.started = true;
  EXPECT_FALSE(result.succeeded());
  EXPECT_EQ(to_text(result), "an end that the system does not tell");
}

TEST(RunProgram, GivesOutputOfBothStreamsAndTheExitCode) {
  const auto result = run_program({"sh", "-c", "echo out; echo err >&2; exit 7"});
  EXPECT_TRUE(result.started);
  EXPECT_FALSE(result.succeeded());
  EXPECT_EQ(result.exit_code, 7);
  EXPECT_EQ(result.signal, 0);
  EXPECT_EQ(result.output, "out\nerr\n");
}

TEST(RunProgram, SucceedsWithExitCodeZeroOnly) {
  EXPECT_TRUE(run_program({"true"}).succeeded());
  EXPECT_FALSE(run_program({"false"}).succeeded());
}

TEST(RunProgram, PassesArgumentsAsTheyAre) {
  EXPECT_EQ(run_program({"printf", "%s|", "a b", "", "$HOME", "'"}).output, "a b||$HOME|'|");
}

TEST(RunProgram, TellsASignalFromAnExit) {
  const auto result = run_program({"sh", "-c", "kill -TERM $$"});
  EXPECT_TRUE(result.started);
  EXPECT_FALSE(result.succeeded());
  EXPECT_EQ(result.signal, SIGTERM);
  EXPECT_EQ(result.exit_code, -1);
}

TEST(RunProgram, SaysThatThereIsNoSuchProgram) {
  const auto result = run_program({"groklab-has-no-such-program"});
  EXPECT_FALSE(result.started);
  EXPECT_FALSE(result.succeeded());
}

TEST(RunProgram, ReportsAFileThatIsNoProgram) {
  const test::TemporaryFolder folder;
  const auto file = folder.write("text", "no program").string();
  EXPECT_THAT([&] { run_program({file}); },
              ThrowsMessage<Error>("cannot start " + file + ": Permission denied"));
}

TEST(RunProgram, GivesNothingToRead) {
  const auto result = run_program({"cat"});
  EXPECT_TRUE(result.succeeded());
  EXPECT_EQ(result.output, "");
}

TEST(RunProgram, TakesMoreOutputThanAPipeHolds) {
  const auto result = run_program({"sh", "-c", "head -c 1000000 /dev/zero; echo end"});
  EXPECT_TRUE(result.succeeded());
  EXPECT_EQ(result.output.size(), 1'000'004U);
  EXPECT_TRUE(result.output.ends_with("end\n"));
}

}  // namespace
}  // namespace groklab
