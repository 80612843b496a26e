#include "support/experiments.h"
#include "train/inputs.h"

#include <gmock/gmock.h>

#include <cmath>
#include <numbers>

namespace groklab {
namespace {

using testing::DoubleEq;
using testing::DoubleNear;
using testing::Pointwise;

std::vector<double> factors(const std::vector<std::string>& overrides) {
  const auto experiment = test::experiment(overrides);
  std::vector<double> all;
  for (int number = 1; number <= experiment.training.integer("steps"); ++number) {
    all.push_back(schedule_factor(experiment, number));
  }
  return all;
}

TEST(Schedule, RisesLinearlyThenStays) {
  const auto experiment = test::experiment();
  EXPECT_EQ(schedule_factor(experiment, 1), 1.0 / 10);
  EXPECT_EQ(schedule_factor(experiment, 9), 9.0 / 10);
  EXPECT_EQ(schedule_factor(experiment, 10), 1);
  EXPECT_EQ(schedule_factor(experiment, 100'000), 1);
  EXPECT_EQ(schedule_factor(test::experiment({"schedule.warmup_steps=0"}), 1), 1);
}

TEST(Schedule, StartsAtZeroIfAskedTo) {
  EXPECT_THAT(
      factors({"schedule.warmup_steps=4", "schedule.warmup_start=zero", "training.steps=6"}),
      Pointwise(DoubleEq(), {0.0, 0.25, 0.5, 0.75, 1.0, 1.0}));
  EXPECT_THAT(
      factors({"schedule.warmup_steps=0", "schedule.warmup_start=zero", "training.steps=2"}),
      Pointwise(DoubleEq(), {1.0, 1.0}));
}

// make_schedule_golden.py prints the numbers: a rise over 4 of 12 updates, then down to 0.1.
TEST(Schedule, IsThatOfPyTorch) {
  const std::vector<std::string> common{"schedule.warmup_steps=4", "schedule.final_factor=0.1",
                                        "training.steps=12"};
  const auto of_shape = [&](const std::string& shape) {
    auto overrides = common;
    overrides.push_back("schedule.shape=" + shape);
    return factors(overrides);
  };
  EXPECT_THAT(
      of_shape("cosine"),
      Pointwise(DoubleNear(1e-14),
                {0.25, 0.5, 0.75, 1.0, 0.9657457896300791, 0.8681980515339464, 0.7222075445642905,
                 0.55, 0.3777924554357097, 0.2318019484660537, 0.134254210369921, 0.1}));
  EXPECT_THAT(of_shape("linear"),
              Pointwise(DoubleNear(1e-14), {0.25, 0.5, 0.75, 1.0, 0.8875, 0.775, 0.6625, 0.55,
                                            0.4375, 0.325, 0.2125, 0.1}));
}

// From the first update with the peak, number 1 or warmup_steps or the one after it, to the last.
TEST(Schedule, IsTheFormulaFromPeakToLastUpdate) {
  for (const auto& [warmup, start, peak] :
       {std::tuple{"0", "first", 1}, {"0", "zero", 1}, {"7", "first", 7}, {"7", "zero", 8}}) {
    const auto all = factors({std::string("schedule.warmup_steps=") + warmup,
                              std::string("schedule.warmup_start=") + start,
                              "schedule.shape=cosine", "training.steps=100"});
    for (int number = peak; number <= 100; ++number) {
      const double part = (number - peak) / (100.0 - peak);
      EXPECT_NEAR(all[number - 1], 0.5 + 0.5 * std::cos(std::numbers::pi * part), 1e-15) << number;
    }
    EXPECT_EQ(all[peak - 1], 1);
    EXPECT_EQ(all[99], 0);
  }
}

TEST(Schedule, GoesNoFurtherThanTheWarmUpIfThatIsLonger) {
  EXPECT_THAT(factors({"schedule.shape=linear", "schedule.warmup_steps=4", "training.steps=2"}),
              Pointwise(DoubleEq(), {0.25, 0.5}));
  EXPECT_THAT(factors({"schedule.shape=linear", "schedule.warmup_steps=2", "training.steps=2"}),
              Pointwise(DoubleEq(), {0.5, 1.0}));
}

// `groklab trace` and `bench` may ask for more updates than a run has.
TEST(Schedule, StaysAtItsEnd) {
  for (const auto* shape : {"linear", "cosine"}) {
    const auto experiment = test::experiment({std::string("schedule.shape=") + shape,
                                              "schedule.final_factor=0.25", "training.steps=20"});
    EXPECT_EQ(schedule_factor(experiment, 20), 0.25);
    EXPECT_EQ(schedule_factor(experiment, 1000), 0.25);
  }
}

TEST(Schedule, RefusesAnEndAboveThePeak) {
  EXPECT_THAT([] { test::experiment({"schedule.final_factor=1.5"}); },
              testing::ThrowsMessage<Error>(testing::HasSubstr("schedule.final_factor")));
}

}  // namespace
}  // namespace groklab
