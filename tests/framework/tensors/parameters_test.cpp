#include <groklab/optimizer.h>

#include <gmock/gmock.h>
#include <torch/csrc/autograd/autograd.h>

namespace groklab {
namespace {

std::shared_ptr<const ParameterLayout> layout() {
  ParameterLayout layout;
  layout.add("table", {2, 3}, Initializer::normal(1));
  layout.add("bias", {3}, Initializer::constant(0));
  return std::make_shared<const ParameterLayout>(std::move(layout));
}

TEST(ParameterLayout, LaysParametersOneAfterAnother) {
  const auto all = layout();
  EXPECT_EQ(all->entries()[1].offset, 6);
  EXPECT_EQ(all->count(), 9);
  EXPECT_EQ(all->buffer_size(), 64);
}

TEST(ParameterLayout, RefusesANameTwice) {
  ParameterLayout layout;
  layout.add("a", {1}, Initializer::constant(0));
  EXPECT_THROW(layout.add("a", {1}, Initializer::constant(0)), std::logic_error);
}

TEST(Weights, AreViewsOfTheBuffer) {
  const Weights weights(layout(), torch::arange(128, torch::kFloat64).view({2, 64}));
  EXPECT_EQ(weights["table"].sizes(), (std::vector<std::int64_t>{2, 2, 3}));
  EXPECT_EQ(weights["table"][1][1][0].item<double>(), 67);
  EXPECT_EQ(weights["bias"][1][2].item<double>(), 72);
  weights["bias"].fill_(-1);
  EXPECT_EQ(weights.flat()[0][8].item<double>(), -1);
  EXPECT_THROW(weights["gain"], std::logic_error);
}

TEST(Weights, LetGradientsThroughToTheBuffer) {
  const auto flat = torch::ones({2, 64}, torch::kFloat64).requires_grad_(true);
  const Weights weights(layout(), flat);
  const auto sum = (weights["bias"] * 3).sum();
  const auto gradient = torch::autograd::grad({sum}, {flat})[0];
  EXPECT_EQ(gradient.sum().item<double>(), 2 * 3 * 3);
  EXPECT_EQ(gradient[0][6].item<double>(), 3);
}

TEST(PerReplica, BroadcastsInTheDtypeOfTheTensor) {
  PerReplica rate({1, 2});
  const auto wide = rate.like(torch::zeros({2, 3, 4}, torch::kFloat64));
  EXPECT_EQ(wide.sizes(), (std::vector<std::int64_t>{2, 1, 1}));
  EXPECT_EQ(wide.scalar_type(), torch::kFloat64);
  EXPECT_EQ(rate.like(torch::zeros({2, 3})).scalar_type(), torch::kFloat32);
}

TEST(PerReplica, WhatItGaveStaysAsItWasWhenAskedForOtherShapes) {
  PerReplica rate({1, 2});
  const auto& first = rate.like(torch::zeros({2, 3}, torch::kFloat64));
  for (std::int64_t dimensions = 3; dimensions < 9; ++dimensions) {
    rate.like(torch::zeros(std::vector<std::int64_t>(dimensions, 2), torch::kFloat64));
  }
  EXPECT_EQ(first.sizes(), (std::vector<std::int64_t>{2, 1}));
  EXPECT_EQ(first[1].item<double>(), 2);
}

TEST(Noise, IsTheSameAloneOrInAPack) {
  const auto like = torch::zeros({2, 5}, torch::kFloat64);
  const auto pack = Noise({11, 12}, 3).normal("weights", like);
  const auto alone = Noise({12}, 3).normal("weights", like.narrow(0, 0, 1));
  EXPECT_TRUE(torch::equal(pack[1], alone[0]));
}

TEST(Noise, DiffersBetweenStepsSourcesAndSeeds) {
  const auto like = torch::zeros({1, 5}, torch::kFloat64);
  const auto base = Noise({1}, 1).normal("weights", like);
  EXPECT_FALSE(torch::equal(base, Noise({1}, 2).normal("weights", like)));
  EXPECT_FALSE(torch::equal(base, Noise({1}, 1).normal("gradients", like)));
  EXPECT_FALSE(torch::equal(base, Noise({2}, 1).normal("weights", like)));
}

// An optimiser that asks for each parameter by itself and counts its updates in a state.
class Counting final : public Optimizer {
 public:
  bool elementwise() const override { return false; }
  void update(Parameter& weight, const Tensor& learning_rate) override {
    EXPECT_EQ(learning_rate.dim(), weight.value.dim());
    state(weight, "count").add_(1);
    weight.value.sub_(weight.grad * learning_rate);
  }
};

TEST(Optimizer, GivesEachParameterItsPartOfOneState) {
  Counting optimizer;
  const Weights weights(layout(), torch::ones({2, 64}, torch::kFloat64));
  const Weights gradients(layout(), torch::ones({2, 64}, torch::kFloat64));
  const Step step{torch::ones({1}, torch::kFloat64), torch::tensor({0.5, 0.25}, torch::kFloat64),
                  Noise({0, 0}, 1)};
  optimizer.step(weights, gradients, step);
  // A restored checkpoint puts another tensor in the state's place.
  optimizer.named_state().tensors()["count"] = torch::full({2, 64}, 10, torch::kFloat64);
  optimizer.step(weights, gradients, step);
  const auto& count = optimizer.named_state().tensors().at("count");
  EXPECT_EQ(count[1][8].item<double>(), 11);
  EXPECT_EQ(count[1][9].item<double>(), 10);  // padding is no parameter
  EXPECT_EQ(weights["bias"][0][0].item<double>(), 0);
  EXPECT_EQ(weights["bias"][1][0].item<double>(), 0.5);
}

}  // namespace
}  // namespace groklab
