#include "base/log.h"

#include "base/files.h"
#include "support/temporary_folder.h"

#include <gmock/gmock.h>
#include <groklab/error.h>
#include <spdlog/sinks/sink.h>

namespace groklab {
namespace {

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

TEST_F(Logging, NamesAFileThatCannotBeMade) {
  const test::TemporaryFolder folder;
  const auto file = folder.write("file", "") / "log.txt";
  EXPECT_THAT([&] { LogFile log(file); }, testing::ThrowsMessage<Error>(HasSubstr(file.string())));
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
