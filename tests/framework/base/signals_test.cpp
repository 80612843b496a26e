#include "base/signals.h"

#include "base/exit_codes.h"

#include <gmock/gmock.h>

#include <csignal>

namespace groklab {
namespace {

volatile std::sig_atomic_t heard = 0;
void hear(int signal) { heard = signal; }

TEST(StopSignals, EachOfThemAsksForAStop) {
  for (const int signal : {SIGINT, SIGTERM, SIGUSR1, SIGUSR2}) {
    const StopSignals signals;
    EXPECT_FALSE(StopSignals::stop_requested());
    std::raise(signal);
    EXPECT_TRUE(StopSignals::stop_requested()) << signal;
  }
}

TEST(StopSignals, ForgetAnEarlierRequest) {
  {
    const StopSignals signals;
    std::raise(SIGTERM);
  }
  const StopSignals signals;
  EXPECT_FALSE(StopSignals::stop_requested());
}

TEST(StopSignals, GiveBackTheFormerHandler) {
  const auto before = std::signal(SIGTERM, hear);
  heard = 0;
  {
    const StopSignals signals;
    std::raise(SIGTERM);
    EXPECT_EQ(heard, 0);
  }
  std::raise(SIGTERM);
  EXPECT_EQ(heard, SIGTERM);
  std::signal(SIGTERM, before);
}

TEST(StopSignalsDeathTest, AreTheSameTwiceButASecondSigintEndsTheProgramAsInterrupted) {
  EXPECT_EXIT(
      {
        const StopSignals signals;
        std::raise(SIGINT);
        for (const int signal : {SIGTERM, SIGUSR1, SIGUSR2}) {
          std::raise(signal);
          std::raise(signal);
        }
        std::raise(SIGINT);
      },
      testing::ExitedWithCode(kInterrupted), "");
}

}  // namespace
}  // namespace groklab
