#include <groklab/parallel.h>

#include "support/threads.h"
#include "support/variable.h"

#include <gmock/gmock.h>
#include <sys/resource.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <chrono>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

namespace groklab {
namespace {

using testing::Each;

TEST(ParallelFor, RunsEachItemOnceWhateverTheNumberOfThreads) {
  for (const int count : {1, 2, 5}) {
    const test::Threads threads(count);
    for (const std::int64_t items : {0, 1, 2, 7, 1000}) {
      std::vector<std::atomic<int>> runs(items);
      for (int repeat = 0; repeat < 50; ++repeat) {
        parallel_for(items, [&](std::int64_t i) { ++runs[i]; });
      }
      for (const auto& number : runs) EXPECT_EQ(number, 50);
    }
  }
}

TEST(ParallelFor, EverythingIsDoneWhenItReturns) {
  const test::Threads threads(3);
  for (int repeat = 0; repeat < 2000; ++repeat) {
    std::vector<int> written(3, 0);
    parallel_for(3, [&](std::int64_t i) { written[i] = repeat; });
    EXPECT_THAT(written, Each(repeat));
  }
}

TEST(ParallelFor, WakesThreadsThatWentToSleep) {
  const test::Threads threads(2);
  for (int repeat = 0; repeat < 3; ++repeat) {
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
    std::atomic<int> inside_now{0};
    // Each item waits for the other, so one thread alone would never end.
    parallel_for(2, [&](std::int64_t) {
      ++inside_now;
      while (inside_now < 2) std::this_thread::yield();
    });
  }
}

TEST(ParallelFor, AnItemRunsACallOfItsOwnInItsOwnThread) {
  const test::Threads threads(2);
  EXPECT_FALSE(inside_parallel_for());
  std::atomic<int> foreign{0};
  parallel_for(4, [&](std::int64_t) {
    EXPECT_TRUE(inside_parallel_for());
    const auto self = std::this_thread::get_id();
    parallel_for(4, [&](std::int64_t) { foreign += std::this_thread::get_id() != self; });
  });
  EXPECT_EQ(foreign, 0);
  EXPECT_FALSE(inside_parallel_for());
}

TEST(ParallelFor, AnItemsExceptionComesOutAfterTheOthersHaveEnded) {
  for (const int count : {1, 2}) {
    const test::Threads threads(count);
    for (const std::int64_t thrower : {0, 7}) {
      std::atomic<int> ended{0};
      EXPECT_THROW(parallel_for(8,
                                [&](std::int64_t i) {
                                  if (i == thrower) throw std::runtime_error("one of eight");
                                  ++ended;
                                }),
                   std::runtime_error);
      EXPECT_EQ(ended, 7);
      parallel_for(8, [&](std::int64_t) { ++ended; });  // and the pool still works
      EXPECT_EQ(ended, 15);
    }
  }
}

TEST(ParallelFor, AnExceptionInACallWithinAnItemComesOutAfterTheOthersToo) {
  const test::Threads threads(2);
  std::atomic<int> ended{0};
  const auto inner = [&](std::int64_t i) {
    if (i == 0) throw std::runtime_error("the first");
    ++ended;
  };
  EXPECT_THROW(parallel_for(2, [&](std::int64_t) { parallel_for(4, inner); }), std::runtime_error);
  EXPECT_EQ(ended, 2 * 3);
}

// A thread that is late for one call meets the next, which has another number of items.
TEST(ParallelFor, RunsEveryItemOnceInCallsThatFollowEachOtherAtOnce) {
  for (const int count : {2, 3}) {
    const test::Threads threads(count);
    std::array<std::atomic<int>, 40> runs;
    for (int call = 0; call < 100'000; ++call) {
      const std::int64_t items = call % 2 == 0 ? 2 : 40;
      for (auto& run : runs) run = 0;
      parallel_for(items, [&](std::int64_t i) { ++runs[i]; });
      for (std::int64_t i = 0; i < 40; ++i) ASSERT_EQ(runs[i], i < items) << call << ": " << i;
    }
  }
}

TEST(ParallelFor, SeveralCallersTakeTurns) {
  const test::Threads threads(2);
  std::atomic<int> runs{0};
  std::vector<std::thread> callers;
  for (int caller = 0; caller < 3; ++caller) {
    callers.emplace_back([&] {
      for (int repeat = 0; repeat < 200; ++repeat) parallel_for(5, [&](std::int64_t) { ++runs; });
    });
  }
  for (auto& caller : callers) caller.join();
  EXPECT_EQ(runs, 3 * 200 * 5);
}

TEST(ThreadSetting, IsFollowedWhereItIsANumberOfThreads) {
  const test::Variable variable("OMP_NUM_THREADS");
  for (const auto* followed : {"1", "1024", "4,2", ""}) {
    variable.set(followed);
    EXPECT_EQ(thread_setting_problem(), "") << followed;
  }
  for (const auto* ignored : {"0", "-1", "1025", "99999999999", "many", "2x", ",", " 2"}) {
    variable.set(ignored);
    EXPECT_THAT(thread_setting_problem(),
                testing::StartsWith("OMP_NUM_THREADS is '" + std::string(ignored) +
                                    "', which is no number in [1, 1024]; all "));
  }
}

// Ends the process, whose limit does not go away; 0: all is well. A thread's stack takes megabytes.
[[noreturn]] void ask_for_more_threads_than_there_are() {
  const rlimit limit{1U << 30, 1U << 30};
  ::setrlimit(RLIMIT_AS, &limit);
  set_thread_count(kMostThreads);
  std::atomic<int> runs{0};
  parallel_for(100, [&](std::int64_t) { ++runs; });
  ::_exit(runs == 100 && thread_count() > 1 && thread_count() < kMostThreads ? 0 : 1);
}

TEST(ThreadCountDeathTest, IsWhatTheSystemGivesWhereItGivesFewer) {
  EXPECT_EXIT(ask_for_more_threads_than_there_are(), testing::ExitedWithCode(0), "");
}

}  // namespace
}  // namespace groklab
