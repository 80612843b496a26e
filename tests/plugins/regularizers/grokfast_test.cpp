// Against numbers of make_grokfast.py.
#include "plugins/regularizers/grokfast_numbers.h"
#include "support/plugin_calls.h"

#include <gmock/gmock.h>
#include <groklab/regularizer.h>

namespace groklab {
namespace {

using Numbers = std::array<double, 4>;

Tensor gradient_at(int update) {
  const auto phase = torch::arange(64, test::kFloat64) * 1.3 + 0.37 * update;
  return (phase.sin() * std::exp(-update / 40.0)).unsqueeze(0);
}

// Filters the gradients of 250 updates and holds those that the table has against it.
void expect_filtered(Regularizer& regularizer, Numbers test::FilteredGradient::*expected) {
  const Weights weights(test::flat_layout(), torch::zeros({1, 64}, test::kFloat64));
  std::size_t next = 0;
  for (int update = 1; update <= 250; ++update) {
    const Weights gradients(test::flat_layout(), gradient_at(update));
    regularizer.on_gradients(weights, gradients, sample_step(update, {0.1}));
    const auto& row = test::kFilteredGradients.at(next);
    if (row.update != update) continue;
    ++next;
    for (int i = 0; i < 4; ++i) {
      EXPECT_NEAR(gradients.flat()[0][i].item<double>(), (row.*expected)[i], 1e-13)
          << "update " << update << ", number " << i;
    }
  }
  EXPECT_EQ(next, test::kFilteredGradients.size());
}

TEST(GrokfastEma, AddsTheExponentialAverageThatStartsAtTheFirstGradient) {
  const auto plugin = test::make_plugin<Regularizer>("grokfast_ema");
  expect_filtered(*plugin, &test::FilteredGradient::ema);
}

TEST(GrokfastMa, AddsTheMeanOfTheWindowOnceItIsFull) {
  const auto plugin = test::make_plugin<Regularizer>("grokfast_ma");
  expect_filtered(*plugin, &test::FilteredGradient::ma);
}

TEST(GrokfastMa, WithoutWarmupAddsTheMeanOfWhatThereIs) {
  const auto plugin = test::make_plugin<Regularizer>("grokfast_ma", {{"warmup", false}});
  expect_filtered(*plugin, &test::FilteredGradient::ma_without_warmup);
}

TEST(GrokfastMa, KeepsTheWindowsGradientsAndTheirSumInFloat64AsItsState) {
  const auto plugin = test::make_plugin<Regularizer>("grokfast_ma", {{"window", std::int64_t{3}}});
  const auto narrow = [](int update) { return gradient_at(update).to(torch::kFloat32); };
  for (int update = 1; update <= 5; ++update) {
    const Weights gradients(test::flat_layout(), narrow(update));
    plugin->on_gradients(gradients, gradients, sample_step(update, {0.1}));
  }
  auto& state = plugin->named_state().tensors();
  ASSERT_EQ(state.size(), 2U);
  const auto window = torch::stack({narrow(4), narrow(5), narrow(3)}, 1);  // [1, 3, 64], a ring
  EXPECT_TRUE(torch::equal(state.at("window"), window));
  EXPECT_EQ(state.at("sum").scalar_type(), torch::kFloat64);
  const auto sum = window.to(torch::kFloat64).sum(1);
  EXPECT_LT((state.at("sum") - sum).abs().max().item<double>(), 1e-15);
}

// What a running sum in float32 would lose: gradients of 1 that leave the window, and then of 1e-9.
TEST(GrokfastMa, ForgetsLargeGradientsEntirely) {
  const auto plugin = test::make_plugin<Regularizer>("grokfast_ma", {{"window", std::int64_t{10}}});
  for (int update = 1; update <= 40; ++update) {
    const auto scale = update <= 15 ? 1.0 : 1e-9;
    const auto raw = (gradient_at(update) * scale).to(torch::kFloat32);
    const Weights gradients(test::flat_layout(), raw.clone());
    plugin->on_gradients(gradients, gradients, sample_step(update, {0.1}));
    if (update < 40) continue;
    auto mean = torch::zeros({1, 64}, test::kFloat64);
    for (int s = 31; s <= 40; ++s) mean += (gradient_at(s) * 1e-9).to(torch::kFloat32) / 10.0;
    const auto expected = raw + 5 * mean;
    EXPECT_LT((gradients.flat() - expected).abs().max().item<double>(), 1e-15);
  }
}

}  // namespace
}  // namespace groklab
