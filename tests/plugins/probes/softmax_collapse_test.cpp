// The probe against analytic cases, and what is known about float32 and the training loss: at which
// logit gap it becomes zero, and what is left of the gradient there.
#include "support/snapshots.h"

#include <gmock/gmock.h>
#include <groklab/probe.h>
#include <torch/csrc/autograd/autograd.h>

#include <cmath>
#include <functional>
#include <numbers>

namespace groklab {
namespace {

constexpr std::int64_t kElements = 97;
const double kOneCompetitor = 24 * std::numbers::ln2;  // 16.6355

// Of samples logits [N, K], all trained on but the last, which is nonsense.
std::map<std::string, double> measured(const Tensor& logits, const Tensor& targets) {
  test::OneSnapshot shown("mlp", Weights(test::flat_layout(), torch::zeros({1, 64})));
  const auto nonsense = torch::full({1, logits.size(1)}, 7, logits.options());
  shown.snapshot.logits = torch::cat({logits, nonsense}).unsqueeze(0);
  shown.snapshot.targets = torch::cat({targets, targets.narrow(0, 0, 1)}).unsqueeze(0);
  shown.snapshot.train_mask = torch::ones({1, logits.size(0) + 1}, torch::kBool);
  shown.snapshot.train_mask[0][-1] = false;
  std::map<std::string, double> numbers;
  for (const auto& [name, values] :
       test::make_plugin<Probe>("softmax_collapse")->measure(shown.snapshot)) {
    numbers[name] = values.item<double>();
  }
  return numbers;
}

// One sample: the target's logit is `gap`, all others are 0.
std::map<std::string, double> at_gap(double gap, std::int64_t elements, std::int64_t target) {
  const auto logits = torch::zeros({1, elements});
  logits[0][target] = gap;
  return measured(logits, torch::tensor({target}));
}

// Where a property that holds for large gaps begins to hold.
double threshold(const std::function<bool(double)>& holds) {
  double low = 1, high = 200;
  while (high - low > 1e-7) {
    const double middle = (low + high) / 2;
    (holds(middle) ? high : low) = middle;
  }
  return high;
}

TEST(SoftmaxCollapse, MeasuresLossAndGapsAsFloat64Does) {
  const auto logits = sample_numbers({20, 7}) * 5;
  const auto targets = torch::arange(20, torch::kInt64).remainder(7);
  auto numbers = measured(logits, targets);
  const auto rows = logits.log_softmax(1).gather(1, targets.unsqueeze(1)).neg();
  EXPECT_NEAR(numbers["train_loss"], rows.mean().item<double>(), 1e-14);
  auto others = logits.clone();
  others.scatter_(1, targets.unsqueeze(1), -1e9);
  const auto gaps = logits.gather(1, targets.unsqueeze(1)).squeeze(1) - std::get<0>(others.max(1));
  const auto quantile = [&](double share) { return torch::quantile(gaps, share).item<double>(); };
  EXPECT_NEAR(numbers["gap_min"], quantile(0), 1e-14);
  EXPECT_NEAR(numbers["gap_5_percent"], quantile(0.05), 1e-14);
  EXPECT_NEAR(numbers["gap_median"], quantile(0.5), 1e-14);
  EXPECT_NEAR(numbers["gap_95_percent"], quantile(0.95), 1e-14);
  EXPECT_NEAR(numbers["gap_max"], quantile(1), 1e-14);
  EXPECT_EQ(numbers["zero_loss_share"], 0);
  EXPECT_EQ(numbers["collapse_share"], 0);
  EXPECT_LT(numbers["zero_sum_defect"], 1e-6);
}

TEST(SoftmaxCollapse, SeesLossesThatFloat64WouldRoundAway) {
  const double gap = 20 * std::numbers::ln10;  // e^−gap = 1e-20
  const auto logits = torch::zeros({1, kElements}, test::kFloat64);
  logits[0][3] = gap;
  EXPECT_NEAR(measured(logits, torch::tensor({std::int64_t{3}}))["train_loss"], 96e-20, 1e-31);
}

TEST(SoftmaxCollapse, CountsAWrongAnswerAsCollapsedButNotAsLearnt) {
  const auto logits = torch::zeros({4, 3});
  for (int i = 0; i < 4; ++i) logits[i][i == 0 ? 1 : 0] = 50;  // the first is wrong
  auto numbers = measured(logits, torch::zeros({4}, torch::kInt64));
  EXPECT_EQ(numbers["collapse_share"], 1);
  EXPECT_EQ(numbers["zero_loss_share"], 0.75);
  EXPECT_NEAR(numbers["train_loss"], 12.5, 1e-12);
  EXPECT_EQ(numbers["gap_min"], -50);
}

TEST(FloatFacts, ALossOfFloat32IsZeroBeyondAGapOf16_6355ForOneCompetitor) {
  const auto is_zero = [](double gap) { return at_gap(gap, 2, 0)["zero_loss_share"] == 1; };
  EXPECT_NEAR(threshold(is_zero), kOneCompetitor, 2e-6);
  EXPECT_NEAR(kOneCompetitor, 16.6355, 5e-5);
}

// In our order, the competitors before the target add up before they meet it, and those behind it
// are lost one by one.
TEST(FloatFacts, WithManyCompetitorsTheGapDependsOnTheTargetsPlaceInTheSum) {
  for (const std::int64_t target : {0, 1, 2, 48, 96}) {
    const auto is_zero = [&](double gap) {
      return at_gap(gap, kElements, target)["zero_loss_share"] == 1;
    };
    const auto together = static_cast<double>(std::max<std::int64_t>(target, 1));
    EXPECT_NEAR(threshold(is_zero), kOneCompetitor + std::log(together), 1e-5) << target;
  }
}

float pairwise_sum(const float* numbers, std::int64_t count) {
  if (count == 1) return *numbers;
  return pairwise_sum(numbers, count / 2) + pairwise_sum(numbers + count / 2, count - count / 2);
}

TEST(FloatFacts, WithCompetitorsSummedPairwiseItIs21_20) {
  const auto is_one = [](double gap) {
    const std::vector<float> others(kElements - 1, std::exp(static_cast<float>(-gap)));
    return 1 + pairwise_sum(others.data(), kElements - 1) == 1;
  };
  EXPECT_NEAR(threshold(is_one), kOneCompetitor + std::log(96), 1e-5);
  EXPECT_NEAR(threshold(is_one), 21.20, 5e-4);
}

TEST(FloatFacts, TheSmallestLossOfFloat32IsTwoToTheMinus23AndTheGapOfFloat64Is36_74) {
  const float smallest = std::log(std::nextafter(1.0F, 2.0F));
  EXPECT_NEAR(smallest, 0x1p-23, 1e-13);
  EXPECT_NEAR(smallest, 1.19e-7, 5e-10);
  const auto is_zero = [](double gap) { return std::log(1 + std::exp(-gap)) == 0; };
  EXPECT_NEAR(threshold(is_zero), 53 * std::numbers::ln2, 1e-6);
  EXPECT_NEAR(threshold(is_zero), 36.74, 5e-3);
}

// Where the loss is zero, the target's part of the gradient is, and the sum of the others is not
// made up for: K − 1 equal numbers of no counterpart, until they leave even subnormal numbers.
TEST(FloatFacts, OtherClassesKeepTheirGradientUntilAGapOf104) {
  EXPECT_LT(at_gap(5, kElements, 0)["zero_sum_defect"], 1e-5);
  for (const double gap : {17.0, 50.0, 87.0, 103.0}) {
    auto numbers = at_gap(gap, kElements, 0);
    EXPECT_EQ(numbers["zero_loss_share"], 1) << gap;
    EXPECT_NEAR(numbers["zero_sum_defect"], std::sqrt(96), 1e-6) << gap;
  }
  const auto is_gone = [](double gap) {
    return std::isnan(at_gap(gap, kElements, 0)["zero_sum_defect"]);
  };
  EXPECT_NEAR(threshold(is_gone), 150 * std::numbers::ln2, 1e-4);  // 103.97
  const auto is_subnormal = [](double gap) {
    return std::exp(static_cast<float>(-gap)) < 0x1p-126F;
  };
  EXPECT_NEAR(threshold(is_subnormal), 87.34, 5e-3);
}

// So does our loss, by hand and by operators.
TEST(FloatFacts, CrossEntropyOfFloat32HasAGradientWhereItIsZero) {
  const auto loss = test::make_plugin<Loss>("cross_entropy");
  const auto targets = torch::zeros({1, 1}, torch::kInt64);
  const auto gradient_at = [&](double gap) {
    auto logits = torch::zeros({1, 1, kElements});
    logits[0][0][0] = gap;
    logits.requires_grad_(true);
    const auto value = loss->forward(logits, targets, torch::ones({1, 1}));
    EXPECT_EQ(value.item<float>(), 0);
    return torch::autograd::grad({value}, {logits})[0].flatten();
  };
  for (const bool by_operators : {false, true}) {
    std::optional<OperatorsOnly> guard;
    if (by_operators) guard.emplace();
    const auto gradient = gradient_at(30);
    EXPECT_EQ(gradient[0].item<float>(), 0);
    EXPECT_NEAR(gradient[96].item<float>(), std::exp(-30.0), 1e-6 * std::exp(-30.0));
    EXPECT_EQ(gradient_at(105)[96].item<float>(), 0);
  }
}

// After `steps` steps of AdamW in float32 from weights of 1, with one gradient throughout.
std::pair<double, double> weight_and_second_moment(double gradient, double weight_decay,
                                                   const std::vector<double>& later) {
  const auto optimizer =
      test::make_plugin<Optimizer>("adamw", {{"weight_decay", weight_decay}, {"beta2", 0.98}});
  const Weights weights(test::flat_layout(), torch::ones({1, 64}));
  int number = 0;
  const auto step = [&](double size) {
    optimizer->step(weights, Weights(test::flat_layout(), torch::full({1, 64}, size)),
                    sample_step(++number, {1e-3}));
  };
  step(gradient);
  for (const double size : later) step(size);
  const auto& state = optimizer->named_state().tensors();
  const auto moment = state.find("second_moment");
  EXPECT_NE(moment, state.end());
  return {weights.flat()[0][0].item<double>(), moment->second[0][0].item<double>()};
}

// (1 − β2) g² is the smallest subnormal number 2^-149 at g = 2.6e-22; rounding to nearest keeps
// half of it.
TEST(FloatFacts, AdamsSecondMomentOfFloat32IsZeroForGradientsBelow2_6e_22) {
  EXPECT_NEAR(std::sqrt(0x1p-149 / 0.02), 2.6e-22, 0.06e-22);
  EXPECT_EQ(weight_and_second_moment(1.8e-22, 0, {}).second, 0);
  EXPECT_EQ(weight_and_second_moment(2.7e-22, 0, {}).second, 0x1p-149);
}

TEST(FloatFacts, AdamsSecondMomentHalvesIn34StepsAndWeightDecayHalvesIn693) {
  const auto start = weight_and_second_moment(1, 0, {}).second;
  const auto moment_after = [&](int steps) {
    return weight_and_second_moment(1, 0, std::vector<double>(steps, 0)).second / start;
  };
  EXPECT_GT(moment_after(34), 0.5);
  EXPECT_LT(moment_after(35), 0.5);
  const auto weight_after = [&](int steps) {
    return weight_and_second_moment(0, 1, std::vector<double>(steps - 1, 0)).first;
  };
  EXPECT_GT(weight_after(692), 0.5);
  EXPECT_LT(weight_after(693), 0.5);
}

}  // namespace
}  // namespace groklab
