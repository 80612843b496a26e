#include "support/plugin_calls.h"

#include <gmock/gmock.h>
#include <groklab/loss.h>
#include <torch/csrc/autograd/autograd.h>

#include <tuple>

namespace groklab {
namespace {

TEST(CrossEntropy, IsMinusTheLogarithmOfTheSoftmax) {
  const auto loss = test::make_plugin<Loss>("cross_entropy");
  const auto logits = test::numbers({2, 3, 4}) * 5;
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

// 150 rows are several items of the form by hand; a row of weight 0 only fills up.
TEST(CrossEntropy, ByHandAndByOperatorsHasTheSameValuesAndGradients) {
  const auto loss = test::make_plugin<Loss>("cross_entropy");
  const auto targets = (test::numbers({2, 75}, 1).abs() * 97).to(torch::kInt64);
  for (const auto& [dtype, tolerance] :
       {std::tuple{torch::kFloat64, 1e-14}, std::tuple{torch::kFloat32, 1e-6}}) {
    const auto weights = test::numbers({2, 75}, 2).relu().to(dtype);
    const auto logits = (test::numbers({2, 75, 97}) * 20).to(dtype).requires_grad_();
    const auto value_and_gradient = [&] {
      const auto value = loss->forward(logits, targets, weights);
      const auto given = torch::tensor({1.0, -0.5}, value.options().requires_grad(false));
      return std::pair{value.detach(), torch::autograd::grad({value}, {logits}, {given})[0]};
    };
    const auto [by_hand, gradient_by_hand] = value_and_gradient();
    const OperatorsOnly watched;
    const auto [by_operators, gradient_by_operators] = value_and_gradient();
    EXPECT_TRUE(torch::allclose(by_hand, by_operators, tolerance, tolerance)) << dtype;
    EXPECT_TRUE(torch::allclose(gradient_by_hand, gradient_by_operators, tolerance, tolerance))
        << dtype;
  }
}

}  // namespace
}  // namespace groklab
