#include "train/stop_rule.h"

#include "support/experiments.h"

#include <gmock/gmock.h>

#include <limits>
#include <random>

namespace groklab {
namespace {

using testing::Eq;
using testing::Optional;

constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();

// Of 1000 steps.
Experiment stopping(std::int64_t patience) {
  return test::experiment(
      {"training.steps=1000", "stop.when=generalized", fmt::format("stop.patience={}", patience)});
}

using Curve = std::vector<std::pair<std::int64_t, double>>;  // step, validation accuracy

std::vector<MetricsRow> rows(const Curve& curve) {
  std::vector<MetricsRow> all;
  for (const auto& [step, accuracy] : curve) {
    all.push_back({step, {{"train_accuracy", 1.0}, {"val_accuracy", accuracy}}});
  }
  return all;
}

std::optional<std::int64_t> stopped_at(const Experiment& experiment, const Curve& curve) {
  return StopRule(experiment, rows(curve)).stopped_at();
}

TEST(StopRule, IsOffUnlessASpecAsksForIt) {
  EXPECT_EQ(stopped_at(test::experiment({"stop.patience=0"}), {{0, 1}, {5, 1}, {10, 1}}),
            std::nullopt);
}

TEST(StopRule, WithoutPatienceEndsAtTheFirstEvaluationThatIsGoodEnough) {
  EXPECT_THAT(stopped_at(stopping(0), {{0, 0.1}, {5, 0.9899}, {10, 0.99}, {15, 0.2}}),
              Optional(10));
}

TEST(StopRule, CountsStepsNotEvaluations) {
  const Curve curve{{0, 0.1}, {10, 1}, {11, 1}, {12, 1}, {13, 1}, {109, 1}};
  EXPECT_EQ(stopped_at(stopping(100), curve), std::nullopt);
  EXPECT_THAT(stopped_at(stopping(99), curve), Optional(109));
}

TEST(StopRule, BeginsAnewAfterAnyEvaluationThatIsNotGoodEnough) {
  for (const auto dip : {0.5, 0.9899, kNaN}) {
    const Curve curve{{100, 1}, {150, 1}, {199, dip}, {200, 1}, {299, 1}, {300, 1}};
    EXPECT_THAT(stopped_at(stopping(100), curve), Optional(300)) << dip;
  }
}

TEST(StopRule, IsNotMetByNumbersThatAreMissing) {
  EXPECT_EQ(stopped_at(stopping(0), {{0, kNaN}, {5, kNaN}}), std::nullopt);
  EXPECT_EQ(StopRule(stopping(0), {{5, {}}}).stopped_at(), std::nullopt);
}

TEST(StopRule, DoesNotCallTheLastStepAnEarlyEnd) {
  EXPECT_EQ(stopped_at(stopping(0), {{0, 0}, {1000, 1}}), std::nullopt);
  EXPECT_THAT(stopped_at(stopping(0), {{0, 0}, {999, 1}, {1000, 1}}), Optional(999));
}

TEST(StopRule, SaysWhereAndWhy) {
  const StopRule rule(stopping(100), rows({{100, 1}, {150, 0}, {250, 1}, {400, 1}, {450, 0}}));
  EXPECT_EQ(rule.reason(),
            "stopped at step 400 of 1000: validation accuracy at least 0.99 since step 250");
  EXPECT_EQ(rule.facts().dump(), R"({"when":"generalized","step":400,"patience":100})");
}

// The definition, over all stretches of evaluations.
std::optional<std::int64_t> by_definition(const Curve& curve, std::int64_t patience) {
  for (std::size_t end = 0; end < curve.size(); ++end) {
    for (std::size_t first = 0; first <= end; ++first) {
      const bool solved = std::all_of(curve.begin() + first, curve.begin() + end + 1,
                                      [](const auto& point) { return point.second >= 0.99; });
      if (solved && curve[end].first - curve[first].first >= patience) return curve[end].first;
    }
  }
  return std::nullopt;
}

TEST(StopRule, EndsWhereItsDefinitionDoesWhetherItsRowsComeAtOnceOrOneByOne) {
  std::mt19937 generator(1);
  const auto below = [&](unsigned bound) { return static_cast<int>(generator() % bound); };
  int stopped = 0;
  for (const int patience : {0, 7, 40}) {
    const auto experiment = stopping(patience);
    for (int trial = 0; trial < 200; ++trial) {
      Curve curve{{0, 0}};
      while (curve.size() < 20) {
        curve.emplace_back(curve.back().first + 1 + below(12), below(4) == 0 ? 0.5 : 1);
      }
      const auto expected = by_definition(curve, patience);
      stopped += expected ? 1 : 0;
      EXPECT_EQ(stopped_at(experiment, curve), expected);
      StopRule rule(experiment);
      for (const auto& row : rows(curve)) {
        const auto until_now = expected && row.step >= *expected ? expected : std::nullopt;
        rule.observe(row);
        EXPECT_EQ(rule.stopped_at(), until_now) << row.step;
      }
    }
  }
  EXPECT_GT(stopped, 250);
  EXPECT_LT(stopped, 590);
}

}  // namespace
}  // namespace groklab
