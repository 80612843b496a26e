#include "store/process_identity.h"

#include <gmock/gmock.h>
#include <sys/wait.h>
#include <unistd.h>

namespace groklab {
namespace {

using testing::Optional;

TEST(ProcessIdentity, OfThisProcessLives) {
  const auto mine = ProcessIdentity::mine();
  EXPECT_EQ(mine.process, ::getpid());
  EXPECT_EQ(mine, ProcessIdentity::of(::getpid()));
  EXPECT_THAT(mine.is_alive(), Optional(true));
  EXPECT_EQ(mine.text(), "process " + std::to_string(::getpid()) + " on " + mine.host);
}

TEST(ProcessIdentity, IsNotThatOfALaterProcessWithTheSameNumber) {
  auto earlier = ProcessIdentity::mine();
  earlier.start = std::to_string(std::stoll(earlier.start) - 1);
  EXPECT_THAT(earlier.is_alive(), Optional(false));
}

TEST(ProcessIdentity, TellsNothingOfAnotherMachine) {
  auto foreign = ProcessIdentity::mine();
  foreign.machine = "another boot " + foreign.machine;
  EXPECT_EQ(foreign.is_alive(), std::nullopt);
}

TEST(ProcessIdentity, OfAProcessThatHasEndedIsDeadBeforeAndAfterItsParentAsks) {
  const auto process = ::fork();
  ASSERT_GE(process, 0);
  if (process == 0) {
    ::pause();
    ::_exit(0);
  }
  const auto identity = ProcessIdentity::of(process);
  EXPECT_THAT(identity.is_alive(), Optional(true));
  ::kill(process, SIGKILL);
  siginfo_t end;
  ASSERT_EQ(::waitid(P_PID, static_cast<id_t>(process), &end, WEXITED | WNOWAIT), 0);
  EXPECT_THAT(identity.is_alive(), Optional(false));
  EXPECT_EQ(ProcessIdentity::of(process).start, "");
  ASSERT_EQ(::waitpid(process, nullptr, 0), process);
  EXPECT_THAT(identity.is_alive(), Optional(false));
  EXPECT_THAT(ProcessIdentity::of(process).is_alive(), Optional(false));
}

}  // namespace
}  // namespace groklab
