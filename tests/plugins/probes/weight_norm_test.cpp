#include "support/snapshots.h"

#include <gmock/gmock.h>
#include <groklab/probe.h>

namespace groklab {
namespace {

TEST(WeightNorm, IsTheRootOfTheSumOfSquaresInAllAndByParameter) {
  ParameterLayout layout;
  layout.add("a", {1, 2}, Initializer::constant(0));
  layout.add("b", {1}, Initializer::constant(0));
  const auto numbers = torch::tensor({2.0, 3.0, 6.0, 0.0, 5.0, 12.0}, test::kFloat64).view({2, 3});
  const auto padding = torch::zeros({2, layout.buffer_size() - 3}, test::kFloat64);
  const Weights weights(std::make_shared<const ParameterLayout>(std::move(layout)),
                        torch::cat({numbers, padding}, 1));
  const auto probe = test::make_plugin<Probe>("weight_norm");
  const auto norms = probe->measure(test::OneSnapshot("mlp", weights).snapshot);
  ASSERT_EQ(norms.size(), 3U);
  EXPECT_EQ(norms[0].first, "");
  EXPECT_EQ(norms[0].second[0].item<double>(), 7);
  EXPECT_EQ(norms[0].second[1].item<double>(), 13);
  EXPECT_EQ(norms[1].first, "a");
  EXPECT_EQ(norms[1].second[1].item<double>(), 5);
  EXPECT_EQ(norms[2].first, "b");
  EXPECT_EQ(norms[2].second[0].item<double>(), 6);
}

}  // namespace
}  // namespace groklab
