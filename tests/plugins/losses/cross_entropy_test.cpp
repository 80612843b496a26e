#include "support/plugin_calls.h"

#include <gmock/gmock.h>
#include <groklab/loss.h>
#include <torch/csrc/autograd/autograd.h>

#include <map>
#include <string>
#include <tuple>
#include <utility>

namespace groklab {
namespace {

TEST(CrossEntropy, IsMinusTheLogarithmOfTheSoftmax) {
  const auto loss = test::make_plugin<Loss>("cross_entropy");
  const auto logits = sample_numbers({2, 3, 4}) * 5;
  const auto targets = torch::tensor({{0, 3, 1}, {2, 2, 0}}, torch::kInt64);
  const auto weights = torch::tensor({{0.5, 0.5, 0.0}, {0.2, 0.3, 0.5}}, test::kFloat64);
  const auto result = loss->forward(logits, targets, weights);
  for (int r = 0; r < 2; ++r) {
    double expected = 0;
    for (int row = 0; row < 3; ++row) {
      double total = 0;
      for (int k = 0; k < 4; ++k) total += std::exp(logits[r][row][k].item<double>());
      const auto right = logits[r][row][targets[r][row].item<std::int64_t>()].item<double>();
      expected += weights[r][row].item<double>() * (std::log(total) - right);
    }
    EXPECT_NEAR(result[r].item<double>(), expected, 1e-13);
  }
}

TEST(CrossEntropy, StaysFiniteForHugeLogits) {
  const auto loss = test::make_plugin<Loss>("cross_entropy");
  const auto logits = torch::tensor({1e4, 0.0, -1e4}, test::kFloat64).view({1, 1, 3});
  const auto result = loss->forward(logits, torch::full({1, 1}, 2, torch::kInt64),
                                    torch::ones({1, 1}, test::kFloat64));
  EXPECT_EQ(result.item<double>(), 2e4);
}

// The loss of each replica, and the gradient in the logits of their sum.
std::pair<Tensor, Tensor> value_and_gradient(const Loss& loss, const Tensor& logits,
                                             const Tensor& targets, const Tensor& weights) {
  const auto leaf = logits.detach().requires_grad_();
  const auto value = loss.forward(leaf, targets, weights);
  return {value.detach(), torch::autograd::grad({value.sum()}, {leaf})[0]};
}

using Options = std::map<std::string, Value>;

// 150 rows are several items of the form by hand; a row of weight 0 only fills up.
TEST(CrossEntropy, ByHandAndByOperatorsHasTheSameValuesAndGradients) {
  const auto targets = (sample_numbers({2, 75}, 1).abs() * 97).to(torch::kInt64);
  for (const auto& options :
       {Options{}, Options{{"zero_sum", true}}, Options{{"precision", std::string("float64")}},
        Options{{"precision", std::string("float64")}, {"zero_sum", true}}}) {
    const auto loss = test::make_plugin<Loss>("cross_entropy", options);
    for (const auto& [dtype, tolerance] :
         {std::tuple{torch::kFloat64, 1e-14}, std::tuple{torch::kFloat32, 1e-6}}) {
      const auto weights = sample_numbers({2, 75}, 2).relu().to(dtype);
      const auto logits = (sample_numbers({2, 75, 97}) * 20).to(dtype);
      const auto by_hand = value_and_gradient(*loss, logits, targets, weights);
      const OperatorsOnly watched;
      const auto by_operators = value_and_gradient(*loss, logits, targets, weights);
      EXPECT_TRUE(torch::allclose(by_hand.first, by_operators.first, tolerance, tolerance));
      EXPECT_TRUE(torch::allclose(by_hand.second, by_operators.second, tolerance, tolerance));
    }
  }
}

TEST(CrossEntropy, SmoothsLabelsAsPyTorchDoes) {
  const auto targets = (sample_numbers({1, 12}, 1).abs() * 7).to(torch::kInt64);
  const auto weights = torch::full({1, 12}, 1.0 / 12, test::kFloat64);
  const auto logits = (sample_numbers({1, 12, 7}) * 5).requires_grad_();
  for (const double smoothing : {0.0, 0.1, 0.9}) {
    const auto loss = test::make_plugin<Loss>("cross_entropy", {{"label_smoothing", smoothing}});
    const auto [value, gradient] = value_and_gradient(*loss, logits, targets, weights);
    const auto expected = torch::cross_entropy_loss(logits[0], targets[0], {}, at::Reduction::Mean,
                                                    /*ignore_index=*/-100, smoothing);
    EXPECT_NEAR(value.item<double>(), expected.item<double>(), 1e-14) << smoothing;
    const auto theirs = torch::autograd::grad({expected}, {logits})[0];
    EXPECT_LT((gradient - theirs).abs().max().item<double>(), 1e-15) << smoothing;
  }
}

// One row of float32 logits (gap, 0), the first the target.
std::pair<Tensor, Tensor> of_gap(float gap, const Options& options) {
  return value_and_gradient(*test::make_plugin<Loss>("cross_entropy", options),
                            torch::tensor({gap, 0.F}).view({1, 1, 2}),
                            torch::zeros({1, 1}, torch::kInt64), torch::ones({1, 1}));
}

// exp(−24 ln 2) is half the distance from 1 to the next float32: a larger gap leaves 1 + exp(−gap)
// at 1, a smaller one rounds it up to 1 + 2^−23.
TEST(CrossEntropy, InFloat32IsZeroBeyondAGapOf24Ln2WhileTheOtherClassKeepsItsGradient) {
  const auto expect_collapse = [] {
    EXPECT_FLOAT_EQ(of_gap(16.63F, {}).first.item<float>(), std::exp2(-23.F));
    const auto [value, gradient] = of_gap(16.64F, {});
    EXPECT_EQ(value.item<float>(), 0);
    EXPECT_EQ(gradient[0][0][0].item<float>(), 0);
    EXPECT_FLOAT_EQ(gradient[0][0][1].item<float>(), std::exp(-16.64F));
  };
  expect_collapse();
  const OperatorsOnly watched;
  expect_collapse();
}

TEST(CrossEntropy, InFloat64IsNotZeroThereAndItsGradientSumsToZero) {
  const Options options{{"precision", std::string("float64")}};
  const auto expect_residue = [&] {
    for (const float gap : {16.63F, 16.64F, 30.F}) {
      const auto [value, gradient] = of_gap(gap, options);
      EXPECT_EQ(value.scalar_type(), torch::kFloat32);
      EXPECT_EQ(gradient.scalar_type(), torch::kFloat32);
      const double residue = std::exp(-static_cast<double>(gap));
      const double rounding = 1.2e-16 / residue + 1e-7;  // of 1 + residue, of the result
      EXPECT_NEAR(value.item<double>() / std::log1p(residue), 1, rounding) << gap;
      EXPECT_NEAR(gradient[0][0][0].item<double>() / -residue, 1, rounding) << gap;
      EXPECT_NEAR(gradient[0][0][1].item<double>() / residue, 1, rounding) << gap;
    }
  };
  expect_residue();
  const OperatorsOnly watched;
  expect_residue();
}

TEST(CrossEntropy, WithZeroSumHasTheGradientLessItsMeanAndTheSameValue) {
  const auto targets = (sample_numbers({2, 10}, 1).abs() * 7).to(torch::kInt64);
  const auto weights = torch::full({2, 10}, 0.1F);
  const auto logits = (sample_numbers({2, 10, 7}) * 40).to(torch::kFloat32);
  const auto plain = test::make_plugin<Loss>("cross_entropy");
  const auto projected = test::make_plugin<Loss>("cross_entropy", {{"zero_sum", true}});
  const auto [value, gradient] = value_and_gradient(*plain, logits, targets, weights);
  const auto [same, without_mean] = value_and_gradient(*projected, logits, targets, weights);
  EXPECT_TRUE(torch::equal(value, same));
  EXPECT_TRUE(torch::equal(without_mean, gradient - gradient.mean(-1, true)));
  EXPECT_FALSE(torch::equal(without_mean, gradient));
}

// The defect that zero_sum is for: all of a collapsed row's gradient is its sum.
TEST(CrossEntropy, WithZeroSumTakesACollapsedRowsGradientToThatOfFloat64UpToHalfTheResidue) {
  const auto residue = std::exp(-20.F);
  const auto gradient = of_gap(20, {{"zero_sum", true}}).second.flatten();
  EXPECT_FLOAT_EQ(gradient[0].item<float>(), -residue / 2);
  EXPECT_FLOAT_EQ(gradient[1].item<float>(), residue / 2);
}

}  // namespace
}  // namespace groklab
