#include "support/plugin_calls.h"

#include <gmock/gmock.h>
#include <groklab/regularizer.h>

namespace groklab {
namespace {

using Values = std::map<std::string, Value>;

// Two tensors of norms 5 (3, 4) and 12 at the start; the norm of both is 13.
std::shared_ptr<const ParameterLayout> layout() {
  ParameterLayout layout;
  layout.add("a", {2}, Initializer::normal(1));
  layout.add("b", {1}, Initializer::normal(1));
  layout.add("zero", {2}, Initializer::constant(0));
  return std::make_shared<const ParameterLayout>(std::move(layout));
}

Weights weights(std::vector<double> numbers) {
  numbers.resize(64);
  return {layout(), torch::tensor(numbers, test::kFloat64).unsqueeze(0)};
}

// The weights after a step that ended at `now`.
Tensor clamped(const Values& values, std::vector<double> now) {
  const auto plugin = test::make_plugin<Regularizer>("norm_clamp", values);
  plugin->begin(weights({3, 4, 12}));
  const auto after = weights(std::move(now));
  plugin->after_step(after, sample_step(1, {0.1}));
  return after.flat();
}

void expect_numbers(const Tensor& found, std::vector<double> wanted) {
  EXPECT_LT((found - weights(std::move(wanted)).flat()).abs().max().item<double>(), 1e-15);
}

const Value kAtMost = std::string("at_most"), kTensor = std::string("tensor");

TEST(NormClamp, HoldsTheNormAtInitialisation) {
  expect_numbers(clamped({}, {6, 8, 24}), {3, 4, 12});
  expect_numbers(clamped({}, {0, 0, -26}), {0, 0, -13});
  expect_numbers(clamped({}, {0.3, 0.4, 1.2}), {3, 4, 12});
}

TEST(NormClamp, HoldsAMultipleOfItOrANumber) {
  expect_numbers(clamped({{"norm", 0.5}}, {6, 8, 24}), {1.5, 2, 6});
  expect_numbers(clamped({{"norm", 2.6}, {"relative", false}}, {3, 4, 12}), {0.6, 0.8, 2.4});
}

TEST(NormClamp, OfAtMostOnlyShrinks) {
  expect_numbers(clamped({{"mode", kAtMost}}, {6, 8, 24}), {3, 4, 12});
  EXPECT_TRUE(
      torch::equal(clamped({{"mode", kAtMost}}, {0.3, 0.4, 1.2}), weights({0.3, 0.4, 1.2}).flat()));
}

TEST(NormClamp, OfTensorsHoldsEachByItself) {
  expect_numbers(clamped({{"scope", kTensor}}, {0, 10, 3, 7, 7}), {0, 5, 12, 0, 0});
  expect_numbers(clamped({{"scope", kTensor}, {"mode", kAtMost}}, {0, 10, 3, 7, 7}),
                 {0, 5, 3, 0, 0});
  expect_numbers(
      clamped({{"scope", kTensor}, {"relative", false}, {"norm", 10.0}}, {3, 4, -1, 0, 2}),
      {6, 8, -10, 0, 10});
}

TEST(NormClamp, LeavesWeightsOfZero) {
  expect_numbers(clamped({}, {0, 0, 0}), {0, 0, 0});
  expect_numbers(clamped({{"scope", kTensor}, {"relative", false}}, {2, 0, 0}), {1, 0, 0});
}

TEST(NormClamp, TakesTheInitialWeightsThatItWasGivenLast) {
  const auto plugin = test::make_plugin<Regularizer>("norm_clamp");
  plugin->begin(weights({3, 4, 12}));
  plugin->begin(weights({0, 0, 2}));
  const auto after = weights({6, 8, 24});
  plugin->after_step(after, sample_step(1, {0.1}));
  EXPECT_NEAR(after.flat().norm().item<double>(), 2, 1e-15);
}

TEST(NormClamp, HoldsTheNormThroughoutTraining) {
  Trainer trainer(test::catalog(),
                  {test::experiment({"precision=float64", "regularizers=[norm_clamp]"})});
  const auto norm = [&] { return trainer.weights().flat().norm().item<double>(); };
  const auto initial = norm();
  for (int i = 0; i < 20; ++i) {
    const auto before = trainer.weights().flat().clone();
    trainer.step();
    EXPECT_NEAR(norm() / initial, 1, 1e-14);
    EXPECT_FALSE(torch::equal(trainer.weights().flat(), before));
  }
}

}  // namespace
}  // namespace groklab
