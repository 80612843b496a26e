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
