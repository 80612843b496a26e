#include "train/evaluation.h"
#include "train/evaluation_points.h"

#include "support/experiments.h"

#include <gmock/gmock.h>

#include <cmath>

namespace groklab {
namespace {

using testing::ElementsAre;

std::vector<std::int64_t> points(const std::vector<std::string>& overrides, std::int64_t last) {
  auto all = overrides;
  all.push_back("training.steps=" + std::to_string(last));
  const EvaluationPoints evaluated(test::experiment(all));
  std::vector<std::int64_t> steps;
  for (std::int64_t step = 0; step <= last; ++step) {
    if (evaluated.contains(step)) steps.push_back(step);
  }
  EXPECT_EQ(evaluated.count(), static_cast<std::int64_t>(steps.size()));
  return steps;
}

TEST(EvaluationPoints, AreTheFirstTheLastAndEveryFewSteps) {
  EXPECT_THAT(points({"evaluation.every=10"}, 25), ElementsAre(0, 10, 20, 25));
}

TEST(EvaluationPoints, AreEvenlySpacedInTheLogarithm) {
  EXPECT_THAT(points({"evaluation.points_per_decade=3"}, 120),
              ElementsAre(0, 1, 2, 5, 10, 22, 46, 100, 120));
}

// 10^(1/5) = 1.58: the step to which it is rounded is nearer to 10^(2/5) = 2.51 in the logarithm.
TEST(EvaluationPoints, HaveEveryRoundedPower) {
  EXPECT_THAT(points({"evaluation.points_per_decade=5"}, 30),
              ElementsAre(0, 1, 2, 3, 4, 6, 10, 16, 25, 30));
}

TEST(EvaluationPoints, CoincideWhereADecadeHasFewerStepsThanPoints) {
  EXPECT_THAT(points({"evaluation.points_per_decade=20"}, 8),
              ElementsAre(0, 1, 2, 3, 4, 5, 6, 7, 8));
}

TEST(EvaluationPoints, AreCountedAsTheyAre) {
  for (const std::int64_t last : {1, 2, 9, 10, 11, 99, 1000, 12345}) {
    for (const auto* often : {"every=1", "every=10", "every=100000", "points_per_decade=1",
                              "points_per_decade=5", "points_per_decade=1000"}) {
      SCOPED_TRACE(fmt::format("{} steps, {}", last, often));
      points({std::string("evaluation.") + often}, last);
    }
  }
}

Table table_of(std::int64_t elements) {
  Table table;
  table.elements = elements;
  for (std::int64_t x = 0; x < elements; ++x) {
    for (std::int64_t y = 1; y < elements; ++y) {  // no answer for y = 0
      table.x.push_back(x);
      table.y.push_back(y);
      table.z.push_back((x + y) % elements);
    }
  }
  table.answers = table.z;
  return table;
}

TEST(SplitMetrics, AreMeansOverEachSideOfTheSplit) {
  const auto table = table_of(3);  // six rows
  const auto data = make_evaluation_data({table}, {{{0, 5}, {1, 2, 3, 4}}}, torch::kCPU);
  EXPECT_EQ(data.train_mask.sum().item<std::int64_t>(), 2);
  EXPECT_EQ(data.val_mask.sum().item<std::int64_t>(), 4);

  // The right answer gets the logit ln 2 and the others 0: its probability is 2/4. Row 5, (2, 2) →
  // 1, is answered wrongly: the right answer gets −ln 2, a probability of (1/2)/(5/2).
  auto logits = torch::zeros({1, 9, 3}, torch::kFloat32);
  for (std::size_t row = 0; row < table.z.size(); ++row) {
    const auto pair = table.x[row] * 3 + table.y[row];
    logits[0][pair][table.z[row]] = row == 5 ? -std::log(2.0) : std::log(2.0);
  }
  const auto metrics = split_metrics(logits, data)[0];
  EXPECT_NEAR(metrics[0].item<double>(), (std::log(2.0) + std::log(5.0)) / 2, 1e-7);
  EXPECT_EQ(metrics[1].item<double>(), 0.5);
  EXPECT_NEAR(metrics[2].item<double>(), std::log(2.0), 1e-7);
  EXPECT_EQ(metrics[3].item<double>(), 1);
}

TEST(EvaluationData, MarksPairsWithoutAnAnswerOnNeitherSide) {
  const auto table = table_of(3);
  const auto data = make_evaluation_data({table}, {{{0, 1, 2}, {3, 4, 5}}}, torch::kCPU);
  for (const auto pair : {0, 3, 6}) {
    EXPECT_FALSE(data.train_mask[0][pair].item<bool>());
    EXPECT_FALSE(data.val_mask[0][pair].item<bool>());
  }
  EXPECT_EQ(data.x[0][5].item<std::int64_t>(), 1);
  EXPECT_EQ(data.y[0][5].item<std::int64_t>(), 2);
}

}  // namespace
}  // namespace groklab
