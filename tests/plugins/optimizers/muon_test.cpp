// What Muon promises of a step, whatever its coefficients.
#include "support/plugin_calls.h"

#include <gmock/gmock.h>

namespace groklab {
namespace {

constexpr double kRate = 0.1;

// Of full rank, which test::numbers is not.
Tensor gradient_of(std::int64_t inputs, std::int64_t outputs) {
  const auto index = torch::arange(2 * inputs * outputs, test::kFloat64);
  return (index.square() * 0.7).sin().view({2, inputs, outputs});
}

// What the first update takes from zero weights of that shape and role, [2, inputs, outputs].
Tensor first_step(std::vector<std::int64_t> shape, const Tensor& gradient, Role role) {
  ParameterLayout layout;
  layout.add("matrix", std::move(shape), Initializer::constant(0), role);
  const auto shared = std::make_shared<const ParameterLayout>(std::move(layout));
  const Weights weights(shared, torch::zeros({2, shared->buffer_size()}, test::kFloat64));
  const Weights gradients(shared, torch::zeros_like(weights.flat()));
  gradients.at(0).copy_(gradient);
  const auto muon = test::make_plugin<Optimizer>("muon");
  muon->step(weights, gradients, sample_step(1, {kRate, kRate}));
  return -weights.at(0);
}

// Jordan: singular values between about 0.7 and 1.15, along the gradient's own singular vectors.
TEST(Muon, TakesNearlyOrthogonalStepsAlongTheGradientsSingularVectors) {
  for (const auto& [inputs, outputs] : {std::pair{8, 8}, {8, 32}, {32, 8}}) {
    const auto gradient = gradient_of(inputs, outputs);
    const auto size = kRate * std::sqrt(std::max(1.0, static_cast<double>(outputs) / inputs));
    const auto step = first_step({inputs, outputs}, gradient, Role::hidden) / size;
    const auto [u, s, v] = torch::linalg_svd(gradient, /*full_matrices=*/false);
    const auto inside = u.transpose(1, 2).bmm(step).bmm(v.transpose(1, 2));
    const auto values = inside.diagonal(0, 1, 2);
    EXPECT_LT((inside - values.diag_embed()).abs().max().item<double>(), 1e-9);
    const auto large = s > 0.02 * s.norm(2, {1}, /*keepdim=*/true);
    EXPECT_GT(large.sum().item<std::int64_t>(), 12);  // of 16
    EXPECT_GT(values.masked_select(large).min().item<double>(), 0.68);
    EXPECT_LT(values.max().item<double>(), 1.16);
  }
}

TEST(Muon, LeavesEmbeddingAndHeadToAdamW) {
  const auto gradient = gradient_of(8, 8);
  for (const auto role : {Role::embedding, Role::head}) {
    const auto step = first_step({8, 8}, gradient, role);  // Adam's first: η sign(g)
    EXPECT_LT((step - 0.015 * kRate * gradient.sign()).abs().max().item<double>(), 1e-7);
  }
}

TEST(Muon, DoesNotDependOnTheSizeOfTheGradientAndStaysAtZeroWithoutOne) {
  const auto gradient = gradient_of(8, 32);
  const auto step = first_step({8, 32}, gradient, Role::hidden);
  const auto other = first_step({8, 32}, gradient * 1e6, Role::hidden);
  EXPECT_LT((step - other).abs().max().item<double>(), 1e-5 * kRate);
  const auto none = first_step({8, 32}, torch::zeros_like(gradient), Role::hidden);
  EXPECT_EQ(none.count_nonzero().item<std::int64_t>(), 0);
}

}  // namespace
}  // namespace groklab
