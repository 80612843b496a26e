// The ways of computing the transformer's logits: that they agree, and what each costs.
#include "operators/observer.h"
#include "support/plugin_calls.h"

#include <gmock/gmock.h>
#include <groklab/loss.h>
#include <torch/csrc/autograd/autograd.h>

namespace groklab {
namespace {

using testing::IsEmpty;
using testing::Le;
using testing::SizeIs;

// For one training step: forward, loss, backward and update.
constexpr std::size_t kTrimmedBudget = 150, kSharedBudget = 220;

struct Setting {
  std::int64_t layers, width, elements, replicas, batch;
  torch::Dtype dtype = torch::kFloat64;
  double phase = 0;  // of the weights
};

// Pairs with every kind of repetition: x alone, y alone, both.
Tensor operands(const Setting& setting, double phase) {
  const auto half = sample_numbers({setting.replicas, (setting.batch + 1) / 2}, phase).abs();
  const auto tokens = (half * static_cast<double>(setting.elements)).to(torch::kInt64);
  return torch::cat({tokens, tokens}, 1).narrow(1, 0, setting.batch).contiguous();
}

// A transformer with weights, one batch and what a step needs besides.
class Training {
 public:
  Training(const Setting& setting, const std::string& computation)
      : model_(test::make_plugin<Model>(
            "transformer",
            {{"layers", setting.layers}, {"width", setting.width}, {"computation", computation}})),
        loss_(test::make_plugin<Loss>("cross_entropy")),
        optimizer_(test::make_plugin<Optimizer>("adamw", {{"weight_decay", 1.0}})),
        x_(operands(setting, 1)),
        y_(operands(setting, 2)),
        row_weights_(
            sample_numbers({setting.replicas, setting.batch}, 3).relu().to(setting.dtype)) {
    const auto weights =
        test::numbered_weights(*model_, setting.elements, setting.replicas, setting.phase);
    layout_ = std::make_shared<const ParameterLayout>(weights.layout());
    flat_ = (weights.flat() * 0.3).to(setting.dtype);
    updated_ = flat_.clone();
  }

  struct Outcome {
    Tensor logits, gradient;
  };
  Outcome gradient() const {
    const auto leaf = flat_.detach().requires_grad_(true);
    const auto logits = model_->forward(Weights(layout_, leaf), {x_, y_});
    const auto loss = loss_->forward(logits, y_, row_weights_);
    return {logits.detach(), torch::autograd::grad({loss}, {leaf}, {torch::ones_like(loss)})[0]};
  }

  Tensor logits() const { return model_->forward(Weights(layout_, flat_), {x_, y_}); }

  // Of the sum of all logits: the model by itself.
  Tensor model_gradient() const {
    const auto leaf = flat_.detach().requires_grad_(true);
    const auto logits = model_->forward(Weights(layout_, leaf), {x_, y_});
    return torch::autograd::grad({logits}, {leaf}, {torch::ones_like(logits)})[0];
  }

  void step(const Step& step) {
    const Weights gradients(layout_, gradient().gradient);
    const torch::NoGradGuard no_grad;
    optimizer_->step(Weights(layout_, updated_), gradients, step);
  }

 private:
  std::unique_ptr<Model> model_;
  std::unique_ptr<Loss> loss_;
  std::unique_ptr<Optimizer> optimizer_;
  Tensor x_, y_, row_weights_, flat_;
  Tensor updated_;
  std::shared_ptr<const ParameterLayout> layout_;
};

// In the largest magnitude of `expected`.
double deviation(const Tensor& found, const Tensor& expected) {
  EXPECT_EQ(found.sizes(), expected.sizes());
  return ((found - expected).abs().max() / expected.abs().max()).item<double>();
}

void expect_agreement(const Setting& setting, double logits, double gradients) {
  const auto plain = Training(setting, "plain").gradient();
  for (const auto* computation : {"trimmed", "shared", "auto"}) {
    const auto other = Training(setting, computation).gradient();
    EXPECT_LT(deviation(other.logits, plain.logits), logits) << computation;
    EXPECT_LT(deviation(other.gradient, plain.gradient), gradients) << computation;
  }
}

class OfLayers : public testing::TestWithParam<std::int64_t> {};
INSTANTIATE_TEST_SUITE_P(Transformer, OfLayers, testing::Values(1, 2, 3));

TEST_P(OfLayers, EveryComputationGivesTheSameLogitsAndGradientsInFloat64) {
  for (const std::int64_t elements : {7, 11}) {
    expect_agreement({GetParam(), 16, elements, 3, 40}, 1e-12, 1e-10);
  }
}

TEST_P(OfLayers, EveryComputationGivesTheSameLogitsAndGradientsInFloat32) {
  for (const std::int64_t elements : {7, 11}) {
    expect_agreement({GetParam(), 16, elements, 3, 40, torch::kFloat32}, 1e-5, 1e-5);
  }
}

TEST_P(OfLayers, EveryComputationTakesBatchesOfOnePair) {
  expect_agreement({GetParam(), 16, 7, 2, 1}, 1e-12, 1e-10);
}

// 70 operands and 300 pairs are several blocks of rows of the computation by hand.
TEST_P(OfLayers, EveryComputationGivesTheSameLogitsAndGradientsOverManyBlocks) {
  expect_agreement({GetParam(), 16, 70, 2, 300}, 1e-12, 1e-10);
}

TEST_P(OfLayers, EvaluatingGivesTheLogitsOfTraining) {
  const Setting setting{GetParam(), 16, 70, 2, 300};
  const auto expected = Training(setting, "plain").gradient().logits;
  const torch::NoGradGuard no_grad;
  EXPECT_LT(deviation(Training(setting, "auto").logits(), expected), 1e-12);
}

// With some weights a hidden unit comes so near to 0 that rounding decides whether ReLU lets it
// through (in float64 its sign is beyond doubt); with these none does.
TEST(Transformer, EveryComputationGivesTheSameLogitsAndGradientsAtThePapersSize) {
  for (const double phase : {2, 5}) {
    expect_agreement({2, 128, 97, 1, 512, torch::kFloat32, phase}, 1e-5, 1e-5);
  }
}

// What a step calls, once the constants of the first are made.
std::unique_ptr<OperatorObserver> observed_step(const Setting& setting,
                                                const std::string& computation) {
  const OperatorsOnly as_recorded;
  Training training(setting, computation);
  std::vector<Step> steps;
  for (const int number : {1, 2}) {
    steps.push_back(sample_step(number, std::vector<double>(setting.replicas, 1e-3)));
  }
  training.step(steps[0]);
  auto observer = std::make_unique<OperatorObserver>();
  training.step(steps[1]);
  return observer;
}

TEST(KernelCount, OfTrimmedStaysWithinItsBudget) {
  EXPECT_THAT(observed_step({2, 128, 97, 1, 64, torch::kFloat32}, "trimmed")->kernels(),
              SizeIs(Le(kTrimmedBudget)));
}

TEST(KernelCount, OfSharedStaysWithinItsBudget) {
  EXPECT_THAT(observed_step({2, 128, 97, 1, 64, torch::kFloat32}, "shared")->kernels(),
              SizeIs(Le(kSharedBudget)));
}

TEST(KernelCount, IsTheSameForAnyNumberOfReplicas) {
  for (const auto* computation : {"plain", "trimmed", "shared"}) {
    const auto one = observed_step({2, 16, 7, 1, 20}, computation)->kernels();
    EXPECT_EQ(one, observed_step({2, 16, 7, 4, 20}, computation)->kernels()) << computation;
  }
}

TEST_P(OfLayers, NoComputationCallsWhatCannotBeCapturedOrRepeated) {
  for (const auto* computation : {"plain", "trimmed", "shared"}) {
    const Training training({GetParam(), 16, 7, 2, 20}, computation);
    training.model_gradient();
    const OperatorObserver observer;
    training.model_gradient();
    EXPECT_THAT(observer.forbidden(), IsEmpty()) << computation;
  }
}

}  // namespace
}  // namespace groklab
