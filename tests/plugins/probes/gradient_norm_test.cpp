#include "support/snapshots.h"

#include <gmock/gmock.h>
#include <groklab/probe.h>

namespace groklab {
namespace {

constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();

Weights two_tensors() {
  ParameterLayout layout;
  layout.add("a", {1, 2}, Initializer::constant(0));
  layout.add("b", {1}, Initializer::constant(0));
  const auto size = layout.buffer_size();
  return {std::make_shared<const ParameterLayout>(std::move(layout)), torch::zeros({2, size})};
}

// The squares of the first replica's numbers are 0 in float32.
TEST(GradientNorm, CountsZerosAndSeesWhatFloat32CannotSquare) {
  test::OneSnapshot shown("mlp", two_tensors());
  shown.snapshot.gradients = torch::zeros_like(shown.weights.flat());
  shown.snapshot.gradients.narrow(1, 0, 3).copy_(
      torch::tensor({{3e-23, 4e-23, 0.0}, {1.0, 2.0, 2.0}}, test::kFloat64));
  const auto all = test::make_plugin<Probe>("gradient_norm")->measure(shown.snapshot);
  const std::vector<std::pair<std::string, std::pair<double, double>>> expected{
      {"", {5e-23, 3}}, {"zero_share", {1.0 / 3, 0}}, {"a", {5e-23, std::sqrt(5)}}, {"b", {0, 2}}};
  ASSERT_EQ(all.size(), expected.size());
  for (std::size_t i = 0; i < all.size(); ++i) {
    EXPECT_EQ(all[i].first, expected[i].first);
    const auto [first, second] = expected[i].second;
    EXPECT_NEAR(all[i].second[0].item<double>(), first, 1e-6 * first) << all[i].first;
    EXPECT_NEAR(all[i].second[1].item<double>(), second, 1e-6) << all[i].first;
  }
}

TEST(GradientNorm, IsUnknownBeforeTheFirstStepAndWhereAGradientIsNotANumber) {
  test::OneSnapshot shown("mlp", two_tensors());
  const auto probe = test::make_plugin<Probe>("gradient_norm");
  const auto before = probe->measure(shown.snapshot);
  EXPECT_EQ(before.size(), 4U);
  for (const auto& [name, values] : before) EXPECT_TRUE(values.isnan().all().item<bool>()) << name;

  shown.snapshot.gradients = torch::zeros_like(shown.weights.flat());
  shown.snapshot.gradients[1][0] = kNaN;
  for (const auto& [name, values] : probe->measure(shown.snapshot)) {
    EXPECT_FALSE(values[0].isnan().item<bool>()) << name;
    EXPECT_EQ(values[1].isnan().item<bool>(), name != "b") << name;
  }
}

}  // namespace
}  // namespace groklab
