#include "support/plugin_calls.h"

#include <gmock/gmock.h>
#include <groklab/loss.h>
#include <torch/csrc/autograd/autograd.h>

namespace groklab {
namespace {

// PyTorch's own, of one replica's rows.
TEST(SquaredError, IsPyTorchsMeanOrSumOverTheOutputs) {
  const auto targets = torch::tensor({{0, 3, 1}, {2, 2, 0}}, torch::kInt64);
  const auto logits = (sample_numbers({2, 3, 4}) * 2).requires_grad_();
  const auto weights = torch::full({2, 3}, 1.0 / 3, test::kFloat64);
  for (const auto& [name, outputs] : {std::pair{"mean", 1.0}, {"sum", 4.0}}) {
    const auto loss = test::make_plugin<Loss>("mse", {{"over_outputs", std::string(name)}});
    const auto values = loss->forward(logits, targets, weights);
    const auto gradient = torch::autograd::grad({values.sum()}, {logits})[0];
    for (int r = 0; r < 2; ++r) {
      const auto one_hot = torch::one_hot(targets[r], 4).to(torch::kFloat64);
      const auto expected = torch::mse_loss(logits[r], one_hot) * outputs;
      EXPECT_NEAR(values[r].item<double>(), expected.item<double>(), 1e-14);
      const auto theirs = torch::autograd::grad({expected}, {logits})[0][r];
      EXPECT_LT((gradient[r] - theirs).abs().max().item<double>(), 1e-15);
    }
  }
}

TEST(SquaredError, OfOneRowIsTheNumberWorkedOutByHand) {
  const auto loss = test::make_plugin<Loss>("mse");
  const auto logits = torch::tensor({0.5, 2.0, -1.0, 0.0}, test::kFloat64).view({1, 1, 4});
  const auto value = loss->forward(logits, torch::ones({1, 1}, torch::kInt64),
                                   torch::ones({1, 1}, test::kFloat64));
  EXPECT_EQ(value.item<double>(), (0.25 + 1 + 1 + 0) / 4);
}

}  // namespace
}  // namespace groklab
