#include "support/plugin_calls.h"

#include <gmock/gmock.h>
#include <groklab/regularizer.h>

namespace groklab {
namespace {

TEST(WeightDecay, TowardsTheOriginIsAdamWsOwnDecay) {
  const auto decay = test::make_plugin<Regularizer>("weight_decay", {{"strength", 0.7}});
  const auto adam = test::make_plugin<Optimizer>("adamw");
  const auto adamw = test::make_plugin<Optimizer>("adamw", {{"weight_decay", 0.7}});
  const Weights a(test::flat_layout(), sample_numbers({1, 64})),
      b(test::flat_layout(), sample_numbers({1, 64}));
  decay->begin(a);
  for (int number = 1; number <= 10; ++number) {
    const auto step = sample_step(number, {0.05});
    const Weights gradient(test::flat_layout(), sample_numbers({1, 64}, number));
    decay->on_gradients(a, gradient, step);
    adam->step(a, gradient, step);
    adamw->step(b, gradient, step);
  }
  EXPECT_LT((a.flat() - b.flat()).abs().max().item<double>(), 1e-15);
}

TEST(WeightDecay, TowardsTheInitialisationShrinksTheWayThere) {
  const auto decay = test::make_plugin<Regularizer>(
      "weight_decay", {{"strength", 2.0}, {"toward", std::string("initialization")}});
  const auto start = sample_numbers({1, 64});
  decay->begin(Weights(test::flat_layout(), start.clone()));
  const Weights weights(test::flat_layout(), start + 1);
  decay->on_gradients(weights, weights, sample_step(1, {0.1}));
  EXPECT_LT((weights.flat() - start - 0.8).abs().max().item<double>(), 1e-15);
}

// Decay that goes through the momentum would act for many steps.
TEST(WeightDecay, StaysOutOfTheMomentumOfGradientDescent) {
  const double rate = 0.1, strength = 0.7, momentum = 0.9;
  Trainer trainer(test::catalog(),
                  {test::experiment(
                      {"precision=float64", "schedule.warmup_steps=0",
                       "optimizer={name: sgd, learning_rate: 0.1, momentum: 0.9, weight_decay: 0}",
                       "regularizers=[{name: weight_decay, strength: 0.7}]"})});
  auto running = torch::zeros_like(trainer.weights().flat());
  for (int update = 1; update <= 10; ++update) {
    const auto before = trainer.weights().flat().clone();
    trainer.step();
    running = momentum * running + trainer.observation().directions;
    const auto expected = before * (1 - rate * strength) - rate * running;
    EXPECT_LT((trainer.weights().flat() - expected).abs().max().item<double>(), 1e-15) << update;
  }
}

}  // namespace
}  // namespace groklab
