// The quadratic network at the weights that solve x + y (mod p), Gromov 2023, arXiv:2301.02679: for
// frequencies k = 1 … (p − 1) / 2 and phases j = 0 … J − 1, with a = 2π j / J, b = 2π m j / J,
//   left[x] = cos(2π k x / p + a)     right[y] = cos(2π k y / p + b)
//   head[q] = cos(2π k q / p + a + b)
#include "support/plugin_calls.h"

#include <gmock/gmock.h>

#include <cmath>
#include <numbers>

namespace groklab {
namespace {

constexpr std::int64_t kModulus = 97;
constexpr std::int64_t kFrequencies = (kModulus - 1) / 2;

// cos(2π k n / p + phase), each unit's with its frequency and its phase: [units, p].
Tensor waves(const Tensor& frequencies, const Tensor& phases) {
  const auto turns = frequencies.outer(torch::arange(kModulus, test::kFloat64)) / kModulus;
  return torch::cos(2 * std::numbers::pi * turns + phases.unsqueeze(1));
}

// For all pairs, x by x: logits [p², p].
Tensor analytic_logits(std::int64_t phases, std::int64_t multiple) {
  const auto model = test::make_plugin<Model>("quadratic", {{"width", kFrequencies * phases}});
  const auto layout = std::make_shared<const ParameterLayout>(model->build({kModulus}));
  const Weights weights(layout, torch::zeros({1, layout->buffer_size()}, test::kFloat64));
  const auto k = torch::arange(1, kFrequencies + 1, test::kFloat64).repeat_interleave(phases);
  const auto a = torch::arange(phases, test::kFloat64).repeat({kFrequencies}) *
                 (2 * std::numbers::pi / static_cast<double>(phases));
  weights["left"][0].copy_(waves(k, a).t());
  weights["right"][0].copy_(waves(k, a * multiple).t());
  weights["head"][0].copy_(waves(k, a * (multiple + 1)));
  const auto n = torch::arange(kModulus, torch::kInt64);
  const auto x = n.repeat_interleave(kModulus), y = n.repeat({kModulus});
  return model->forward(weights, {x.unsqueeze(0), y.unsqueeze(0)})[0];
}

struct Answers {
  Tensor right;   // [p²]: the logit of x + y
  Tensor others;  // [p², p]: all logits, with −∞ there
  double accuracy;

  explicit Answers(const Tensor& logits) {
    const auto n = torch::arange(kModulus, torch::kInt64);
    const auto sums = (n.unsqueeze(1) + n).remainder(kModulus).view({-1, 1});
    right = logits.gather(1, sums).squeeze(1);
    others = logits.scatter(1, sums, -INFINITY);
    accuracy = logits.argmax(1).eq(sums.squeeze(1)).to(torch::kFloat64).mean().item<double>();
  }

  Tensor margins() const { return right - others.amax(1); }
};

TEST(Quadratic, WithSixPhasesSolvesAdditionWithAMarginOf6pOver4) {
  const auto logits = analytic_logits(/*phases=*/6, /*multiple=*/4);
  const Answers answers(logits);
  EXPECT_EQ(answers.accuracy, 1);
  const double peak = 6.0 * (kModulus - 1) / 4;
  EXPECT_LT((answers.right - peak).abs().max().item<double>(), 1e-11);
  const auto wrong = answers.others.masked_select(answers.others.isfinite());
  EXPECT_EQ(wrong.numel(), kModulus * kModulus * (kModulus - 1));
  EXPECT_LT((wrong + 6.0 / 4).abs().max().item<double>(), 1e-11);
  EXPECT_LT((answers.margins() - 145.5).abs().max().item<double>(), 1e-11);
}

// Five phases leave terms that should cancel: at best half of the margin that they would give.
TEST(Quadratic, WithFivePhasesLosesHalfOfTheMargin) {
  const Answers best(analytic_logits(/*phases=*/5, /*multiple=*/2));
  EXPECT_EQ(best.accuracy, 1);
  EXPECT_NEAR(best.margins().min().item<double>(), 5.0 * kModulus / 4 / 2, 1e-11);
  EXPECT_GT(best.margins().max().item<double>(), 5.0 * kModulus / 4 + 1);
  EXPECT_LT(Answers(analytic_logits(/*phases=*/5, /*multiple=*/4)).accuracy, 0.02);
}

TEST(Quadratic, StartsWithLogitsOfUnitVariance) {
  const Trainer trainer(
      test::catalog(),
      {test::experiment({"model={name: quadratic}", "precision=float64", "operation.modulus=31"})});
  const auto n = torch::arange(31, torch::kInt64);
  const auto logits = trainer.components().model.plugin->forward(
      trainer.weights(), {n.repeat_interleave(31).unsqueeze(0), n.repeat({31}).unsqueeze(0)});
  EXPECT_NEAR(logits.var().item<double>(), 1, 0.15);
}

}  // namespace
}  // namespace groklab
