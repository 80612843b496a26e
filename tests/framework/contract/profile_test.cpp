#include <groklab/profile.h>

#include "support/threads.h"

#include <gmock/gmock.h>

#include <atomic>
#include <chrono>
#include <numeric>
#include <thread>

namespace groklab {
namespace {

using testing::Each;
using testing::Ge;

void sleep_for(int milliseconds) {
  std::this_thread::sleep_for(std::chrono::milliseconds(milliseconds));
}

double sum_of(const Profile& profile) {
  return std::accumulate(profile.thread_seconds.begin(), profile.thread_seconds.end(), 0.0);
}

TEST(Profile, AMomentBelongsToTheInnermostMark) {
  start_profile();
  {
    const TimedWork outer(Work::optimizer);
    sleep_for(2);
    {
      const TimedWork inner(Work::norms);
      EXPECT_EQ(TimedWork::current(), Work::norms);
      sleep_for(40);
    }
    EXPECT_EQ(TimedWork::current(), Work::optimizer);
    sleep_for(2);
  }
  const auto profile = stop_profile();
  EXPECT_GE(profile.seconds_of(Work::norms), 0.04);
  EXPECT_GE(profile.seconds_of(Work::optimizer), 0.004);
  EXPECT_LE(profile.seconds_of(Work::optimizer) + profile.seconds_of(Work::norms), profile.seconds);
}

TEST(Profile, WhatNothingMarksIsTheRest) {
  start_profile();
  sleep_for(5);
  const auto profile = stop_profile();
  EXPECT_GE(profile.seconds_of(Work::rest), 0.005);
}

TEST(Profile, TheTimesOfAllThreadsAreSummedToTheLastItem) {
  const test::Threads threads(3);
  for (int repeat = 0; repeat < 50; ++repeat) {
    start_profile();
    std::atomic<int> inside{0};
    parallel_for(3, [&](std::int64_t) {
      const TimedWork work(Work::products, 7);
      ++inside;
      while (inside < 3) std::this_thread::yield();  // so that each thread has one
      sleep_for(1);
    });
    const auto profile = stop_profile();
    EXPECT_EQ(profile.multiply_adds, 21);
    EXPECT_GE(profile.seconds_of(Work::products), 0.003);
  }
}

TEST(Profile, ItemsAreMarkedAsTheirCallerIs) {
  const test::Threads threads(2);
  start_profile();
  {
    const TimedWork work(Work::loss);
    parallel_for(8, [](std::int64_t) { EXPECT_EQ(TimedWork::current(), Work::loss); });
  }
  parallel_for(8, [](std::int64_t) { EXPECT_EQ(TimedWork::current(), Work::rest); });
  stop_profile();
}

TEST(Profile, AllTimesTogetherAreThreadsTimesSeconds) {
  const test::Threads threads(2);
  start_profile();
  sleep_for(5);  // while the other thread waits
  parallel_for(4, [](std::int64_t) { sleep_for(1); });
  const auto profile = stop_profile();
  EXPECT_EQ(profile.threads, 2);
  EXPECT_NEAR(sum_of(profile), 2 * profile.seconds, 1e-6);
  EXPECT_THAT(profile.thread_seconds, Each(Ge(0)));
  EXPECT_GE(profile.seconds_of(Work::waiting), 0.004);
}

TEST(Profile, CountsNothingBeforeItStarts) {
  {
    const TimedWork work(Work::products, 5);
    EXPECT_EQ(TimedWork::current(), Work::rest);
    sleep_for(2);
  }
  start_profile();
  const auto profile = stop_profile();
  EXPECT_EQ(profile.multiply_adds, 0);
  EXPECT_EQ(profile.seconds_of(Work::products), 0);
}

TEST(Profile, StartsFromNothingAgain) {
  for (int repeat = 0; repeat < 2; ++repeat) {
    start_profile();
    { const TimedWork work(Work::products, 5); }
    EXPECT_EQ(stop_profile().multiply_adds, 5);
  }
}

// A millionth of a second would be a hundred times what it may take; only a clock costs as much.
TEST(Profile, AMarkWithoutOneCostsNextToNothing) {
  constexpr int kMarks = 1'000'000;
  const auto start = std::chrono::steady_clock::now();
  for (int i = 0; i < kMarks; ++i) const TimedWork work(Work::products, i);
  const std::chrono::duration<double> time = std::chrono::steady_clock::now() - start;
  EXPECT_LT(time.count() / kMarks, 1e-6);
}

TEST(Profile, EveryKindOfWorkHasANameOfItsOwn) {
  EXPECT_STREQ(name_of(Work::products), "products");
  EXPECT_STREQ(name_of(Work::evaluation), "evaluation");
  EXPECT_STREQ(name_of(Work::waiting), "waiting");
}

}  // namespace
}  // namespace groklab
