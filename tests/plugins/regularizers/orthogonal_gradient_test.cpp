#include "support/plugin_calls.h"

#include <gmock/gmock.h>
#include <groklab/regularizer.h>

#include <cmath>

namespace groklab {
namespace {

std::shared_ptr<const ParameterLayout> two_tensors() {
  ParameterLayout layout;
  layout.add("matrix", {3, 4}, Initializer::normal(1));
  layout.add("vector", {5}, Initializer::normal(1));
  return std::make_shared<const ParameterLayout>(std::move(layout));
}

void apply(const Weights& weights, const Weights& gradients) {
  const std::vector<double> rates(weights.flat().size(0), 0.1);
  test::make_plugin<Regularizer>("orthogonal_gradient")
      ->on_gradients(weights, gradients, sample_step(1, rates));
}

// The rule for one tensor of one replica, number by number.
std::vector<double> expected(const Tensor& w, const Tensor& g) {
  const auto* weight = w.data_ptr<double>();
  const auto* gradient = g.data_ptr<double>();
  double wg = 0, ww = 0, gg = 0, rest = 0;
  for (std::int64_t i = 0; i < w.numel(); ++i) {
    wg += weight[i] * gradient[i];
    ww += weight[i] * weight[i];
    gg += gradient[i] * gradient[i];
  }
  std::vector<double> across;
  for (std::int64_t i = 0; i < w.numel(); ++i) {
    across.push_back(gradient[i] - wg / (ww + 1e-30) * weight[i]);
    rest += across.back() * across.back();
  }
  for (auto& number : across) number *= std::sqrt(gg) / (std::sqrt(rest) + 1e-30);
  return across;
}

TEST(OrthogonalGradient, IsTheRuleOfThePaperForEachTensorOfEachReplica) {
  const auto layout = two_tensors();
  const Weights weights(layout, sample_numbers({2, 64}));
  const Weights before(layout, sample_numbers({2, 64}, 1)),
      gradients(layout, before.flat().clone());
  apply(weights, gradients);
  for (const auto* name : {"matrix", "vector"}) {
    for (int replica = 0; replica < 2; ++replica) {
      const auto w = weights[name][replica].contiguous();
      const auto wanted = expected(w, before[name][replica].contiguous());
      const auto found = gradients[name][replica].flatten().contiguous();
      for (std::size_t i = 0; i < wanted.size(); ++i) {
        EXPECT_NEAR(found.data_ptr<double>()[i], wanted[i], 1e-14) << name << replica << " " << i;
      }
      EXPECT_NEAR((w.flatten() * found).sum().item<double>(), 0, 1e-14);
    }
  }
}

// 0 / (0 + 1e-30): weights of zero take nothing away, and a gradient of zero stays.
TEST(OrthogonalGradient, LeavesGradientsOfZeroWeightsAndZeroGradients) {
  const auto layout = two_tensors();
  for (const auto dtype : {torch::kFloat32, torch::kFloat64}) {
    const auto zero = torch::zeros({1, 64}, dtype);
    const auto some = sample_numbers({1, 64}).to(dtype);
    const Weights kept(layout, some.clone());
    apply({layout, zero}, kept);
    EXPECT_LT((kept.flat() - some).abs().max().item<double>(), 1e-6);
    const Weights still_zero(layout, zero.clone());
    apply({layout, some}, still_zero);
    EXPECT_TRUE(torch::equal(still_zero.flat(), zero));
  }
}

// A step across the weights cannot shrink them: Pythagoras, for each tensor.
TEST(OrthogonalGradient, LetsGradientDescentOnlyLengthenTheWeights) {
  Trainer trainer(test::catalog(),
                  {test::experiment({"precision=float64",
                                     "optimizer={name: sgd, learning_rate: 0.1, weight_decay: 0}",
                                     "regularizers=[orthogonal_gradient]"})});
  for (int i = 0; i < 20; ++i) {
    const Weights before(trainer.weights().shared_layout(), trainer.weights().flat().clone());
    trainer.step();
    const Weights along(before.shared_layout(), trainer.observation().directions);
    const auto rate = 0.1 * std::min(1.0, (i + 1) / 10.0);
    for (std::size_t t = 0; t < before.layout().entries().size(); ++t) {
      const auto squares = [&](const Weights& all) { return all.at(t).square().sum(); };
      const auto wanted = squares(before) + rate * rate * squares(along);
      EXPECT_NEAR((squares(trainer.weights()) / wanted).item<double>(), 1, 1e-12);
    }
  }
}

}  // namespace
}  // namespace groklab
