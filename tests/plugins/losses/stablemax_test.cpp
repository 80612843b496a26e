#include "support/plugin_calls.h"

#include <gmock/gmock.h>
#include <groklab/loss.h>
#include <torch/csrc/autograd/autograd.h>

namespace groklab {
namespace {

double s(double x) { return x >= 0 ? x + 1 : 1 / (1 - x); }
double slope(double x) { return x >= 0 ? 1 : 1 / ((1 - x) * (1 - x)); }

// −log s(z_t) / Σ s(z), and its derivative s'(z_k) (1 / Σ s − [k = t] / s(z_t)), number by number.
TEST(StableMax, IsTheFormulaOfThePaperWithItsGradient) {
  const auto loss = test::make_plugin<Loss>("stablemax");
  const auto logits = (sample_numbers({1, 3, 5}) * 9).requires_grad_();
  logits.data()[0][1][2] = 0.0;  // where the branches meet
  logits.data()[0][2][0] = 1.0;  // where the branch not taken has a pole
  const auto targets = torch::tensor({{0, 2, 4}}, torch::kInt64);
  const auto weights = torch::tensor({{0.5, 0.3, 0.2}}, test::kFloat64);
  const auto value = loss->forward(logits, targets, weights);
  const auto gradient = torch::autograd::grad({value}, {logits})[0];
  const auto z = logits.accessor<double, 3>()[0];
  double expected = 0;
  for (int row = 0; row < 3; ++row) {
    const auto target = targets[0][row].item<std::int64_t>();
    const auto weight = weights[0][row].item<double>();
    double total = 0;
    for (int k = 0; k < 5; ++k) total += s(z[row][k]);
    expected -= weight * std::log(s(z[row][target]) / total);
    for (int k = 0; k < 5; ++k) {
      const auto other = slope(z[row][k]) * (1 / total - (k == target) / s(z[row][k]));
      EXPECT_NEAR(gradient[0][row][k].item<double>(), weight * other, 1e-14) << row << " " << k;
    }
  }
  EXPECT_NEAR(value.item<double>(), expected, 1e-14);
}

// At 24 ln 2 float32's cross-entropy is 0; here the loss falls only as 1 / z.
TEST(StableMax, DoesNotCollapseInFloat32) {
  const auto loss = test::make_plugin<Loss>("stablemax");
  const auto logits = torch::tensor({1e6F, 0.F}).view({1, 1, 2}).requires_grad_();
  const auto value = loss->forward(logits, torch::zeros({1, 1}, torch::kInt64),
                                   torch::ones({1, 1}, torch::kFloat32));
  EXPECT_EQ(value.scalar_type(), torch::kFloat32);
  EXPECT_FLOAT_EQ(value.item<float>(), 9.999985e-7F);  // log(1 + 1 / (1e6 + 1))
  const auto gradient = torch::autograd::grad({value}, {logits})[0].flatten();
  EXPECT_FLOAT_EQ(gradient[0].item<float>(), -9.99997e-13F);  // 1 / (z + 2) − 1 / (z + 1)
  EXPECT_FLOAT_EQ(gradient[1].item<float>(), 9.99998e-7F);    // 1 / (z + 2)
}

}  // namespace
}  // namespace groklab
