#include "support/plugin_calls.h"

#include <gmock/gmock.h>
#include <groklab/loss.h>

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

}  // namespace
}  // namespace groklab
