#include "base/log.h"

#include "base/files.h"
#include "support/failing_calls.h"
#include "support/temporary_folder.h"

#include <gmock/gmock.h>
#include <spdlog/sinks/sink.h>

#include <cerrno>

namespace groklab {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::MatchesRegex;
using testing::Not;

class Logging : public testing::Test {
 protected:
  void SetUp() override {
    start_logging();
    // The console's messages are of no interest here, and would stand between the tests' results.
    console_ = spdlog::default_logger()->sinks().front();
    console_->set_level(spdlog::level::off);
  }
  void TearDown() override { spdlog::set_default_logger(before_); }

  std::shared_ptr<spdlog::logger> before_ = spdlog::default_logger();
  spdlog::sink_ptr console_;
};

TEST_F(Logging, AFileHoldsTimeLevelAndMessage) {
  const test::TemporaryFolder folder;
  const LogFile file(folder.path() / "log.txt");
  spdlog::info("step {}", 100);
  const std::string digits = "[0-9][0-9]";
  EXPECT_THAT(
      read_file(folder.path() / "log.txt"),
      MatchesRegex(digits + digits + "-" + digits + "-" + digits + "T" + digits + ":" + digits +
                   ":" + digits + "[+-]" + digits + ":?" + digits + " info step 100\n"));
}

TEST_F(Logging, EachFileHoldsWhatWasSaidWhileItWasOpen) {
  const test::TemporaryFolder folder;
  {
    const LogFile file(folder.path() / "log.txt");
    spdlog::info("during");
  }
  spdlog::info("after");
  EXPECT_THAT(read_file(folder.path() / "log.txt"), HasSubstr("during"));
  EXPECT_THAT(read_file(folder.path() / "log.txt"), Not(HasSubstr("after")));
}

TEST_F(Logging, AResumedRunAppends) {
  const test::TemporaryFolder folder;
  for (const auto* message : {"first run", "second run"}) {
    const LogFile file(folder.path() / "log.txt");
    spdlog::warn(message);
  }
  EXPECT_THAT(read_file(folder.path() / "log.txt"), HasSubstr("warning first run"));
  EXPECT_THAT(read_file(folder.path() / "log.txt"), HasSubstr("warning second run"));
}

TEST_F(Logging, AFileThatCannotBeMadeIsOneWarning) {
  console_->set_level(spdlog::level::warn);
  const test::TemporaryFolder folder;
  const auto file = folder.write("file", "") / "log.txt";
  testing::internal::CaptureStderr();
  for (int i = 0; i < 3; ++i) {
    const LogFile log(file);
    spdlog::info("step {}", i);
  }
  EXPECT_EQ(
      testing::internal::GetCapturedStderr(),
      "warning: cannot write " + file.string() + ": Not a directory; the log lacks what follows\n");
}

TEST_F(Logging, AFileThatCannotBeWrittenIsOneWarningAndHoldsWhatCameBefore) {
  console_->set_level(spdlog::level::warn);
  const test::TemporaryFolder folder;
  const auto file = folder.path() / "log.txt";
  testing::internal::CaptureStderr();
  {
    const LogFile log(file);
    spdlog::info("step 1");
    const test::FailingCalls calls(folder.path(), {{test::SystemCall::write}, ENOSPC}, 1);
    spdlog::info("step 2");
    spdlog::info("step 3");  // not after half of a line
  }
  EXPECT_EQ(testing::internal::GetCapturedStderr(),
            "warning: cannot append to " + file.string() +
                ": No space left on device; the log lacks what follows\n");
  EXPECT_THAT(read_file(file), AllOf(HasSubstr("step 1"), Not(HasSubstr("step 3"))));
}

TEST_F(Logging, PersonsSeeWarningsOnly) {
  start_logging();
  testing::internal::CaptureStderr();
  spdlog::info("for the file");
  spdlog::warn("for everybody");
  EXPECT_EQ(testing::internal::GetCapturedStderr(), "warning: for everybody\n");
}

}  // namespace
}  // namespace groklab
