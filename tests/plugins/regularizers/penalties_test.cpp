// l1 and l2 by their formulas, and what they come to in training.
#include "support/plugin_calls.h"

#include <gmock/gmock.h>
#include <groklab/regularizer.h>
#include <torch/csrc/autograd/autograd.h>

namespace groklab {
namespace {

// The penalty of weights −3, 0, 2, and its gradient.
std::pair<double, std::vector<double>> penalty(const std::string& name, double strength) {
  const auto plugin = test::make_plugin<Regularizer>(name, {{"strength", strength}});
  auto flat = torch::zeros({1, 64}, test::kFloat64);
  flat[0][0] = -3;
  flat[0][2] = 2;
  flat.requires_grad_(true);
  const auto value = plugin->penalty({test::flat_layout(), flat}, sample_step(1, {0.1}));
  const auto gradient = torch::autograd::grad({value.sum()}, {flat})[0];
  std::vector<double> first;
  for (int i = 0; i < 3; ++i) first.push_back(gradient[0][i].item<double>());
  return {value.item<double>(), first};
}

TEST(L1, IsStrengthTimesTheSumOfMagnitudes) {
  const auto [value, gradient] = penalty("l1", 0.25);
  EXPECT_DOUBLE_EQ(value, 0.25 * 5);
  EXPECT_THAT(gradient, testing::ElementsAre(-0.25, 0, 0.25));
}

TEST(L2, IsHalfTheStrengthTimesTheSumOfSquares) {
  const auto [value, gradient] = penalty("l2", 0.25);
  EXPECT_DOUBLE_EQ(value, 0.125 * 13);
  EXPECT_THAT(gradient, testing::ElementsAre(-0.75, 0, 0.5));
}

Tensor trained(const std::vector<std::string>& overrides) {
  Trainer trainer(test::catalog(), {test::experiment(overrides)});
  for (int i = 0; i < 25; ++i) trainer.step();
  return trainer.weights().flat();
}

TEST(L2, WithGradientDescentIsItsWeightDecayBitForBit) {
  for (const auto* precision : {"precision=float32", "precision=float64"}) {
    const auto decay = trained({precision, "optimizer={name: sgd, weight_decay: 0.03}"});
    const auto penalty = trained({precision, "optimizer={name: sgd, weight_decay: 0}",
                                  "regularizers=[{name: l2, strength: 0.03}]"});
    const auto neither = trained({precision, "optimizer={name: sgd, weight_decay: 0}"});
    EXPECT_TRUE(torch::equal(decay, penalty)) << precision;
    EXPECT_FALSE(torch::equal(decay, neither)) << precision;
  }
}

// Adam divides a coupled penalty's gradient by its own size; decoupled decay it does not.
TEST(L2, WithAdamIsNotDecoupledDecay) {
  const auto decoupled = trained({"optimizer={name: adamw, weight_decay: 0.03}"});
  const auto coupled = trained(
      {"optimizer={name: adamw, weight_decay: 0}", "regularizers=[{name: l2, strength: 0.03}]"});
  EXPECT_GT((decoupled - coupled).abs().max().item<double>(), 1e-4);
}

TEST(L2, IsPartOfTheObservedLoss) {
  const auto cell = [](const char* regularizers) {
    return test::experiment({"precision=float64", regularizers});
  };
  Trainer plain(test::catalog(), {cell("regularizers=[]")});
  Trainer penalised(test::catalog(), {cell("regularizers=[{name: l2, strength: 0.5}]")});
  const auto squares = plain.weights().flat().square().sum().item<double>();
  plain.step();
  penalised.step();
  EXPECT_NEAR(penalised.observation().loss.item<double>(),
              plain.observation().loss.item<double>() + 0.25 * squares, 1e-10);
}

TEST(L1, DrivesWeightsThatTheLossDoesNotNeedToZero) {
  const auto small = [](const Tensor& weights) {
    return weights.abs().lt(2e-3).sum().item<std::int64_t>();
  };
  const auto plain = trained({"optimizer={name: sgd, learning_rate: 0.05, weight_decay: 0}"});
  const auto sparse = trained({"optimizer={name: sgd, learning_rate: 0.05, weight_decay: 0}",
                               "regularizers=[{name: l1, strength: 0.02}]"});
  EXPECT_GT(small(sparse), 5 * small(plain));
}

}  // namespace
}  // namespace groklab
