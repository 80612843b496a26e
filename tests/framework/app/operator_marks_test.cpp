#include "app/operator_marks.h"

#include "support/experiments.h"
#include "support/threads.h"

#include <gmock/gmock.h>
#include <groklab/nn.h>
#include <groklab/profile.h>

#include <torch/csrc/autograd/autograd.h>

namespace groklab {
namespace {

using testing::Each;
using testing::Ge;

template <class Action>
Profile profile_of(Action action) {
  const OperatorMarks marks;
  start_profile();
  action();
  return stop_profile();
}

Tensor leaf(std::initializer_list<std::int64_t> sizes) {
  return torch::rand(sizes).requires_grad_(true);
}

TEST(OperatorMarks, CountTheMultiplyAddsOfProductsForwardAndBackward) {
  const auto x = leaf({2, 3, 5}), weight = leaf({2, 5, 7}), bias = leaf({2, 7});
  const auto product = profile_of([&] { nn::linear(x, weight); });
  EXPECT_EQ(product.multiply_adds, 2 * 3 * 5 * 7);
  EXPECT_GT(product.seconds_of(Work::products), 0);
  EXPECT_EQ(profile_of([&] { nn::linear(x, weight, bias); }).multiply_adds, 2 * 3 * 5 * 7);
  EXPECT_EQ(profile_of([&] { nn::linear(x, weight, bias).sum().backward(); }).multiply_adds,
            3 * 2 * 3 * 5 * 7);
  EXPECT_EQ(profile_of([&] { torch::mm(x[0], weight[0]); }).multiply_adds, 3 * 5 * 7);
}

TEST(OperatorMarks, MarkTheBackwardPassAsTheForwardPassWas) {
  const auto x = leaf({1, 64, 64});
  Tensor loss;
  profile_of([&] {
    const TimedWork work(Work::loss);
    loss = x.log_softmax(2).sum();
  });
  const auto backward = profile_of([&] { loss.backward(); });
  EXPECT_GT(backward.seconds_of(Work::loss), 0);
  EXPECT_EQ(backward.seconds_of(Work::attention), 0);
}

TEST(OperatorMarks, WhatNoMarkSurroundsIsElementwise) {
  const auto x = torch::rand({64, 64});
  const auto profile = profile_of([&] { x.relu(); });
  EXPECT_GT(profile.seconds_of(Work::elementwise), 0);
  const auto marked = profile_of([&] {
    const TimedWork work(Work::optimizer);
    x.relu();
  });
  EXPECT_EQ(marked.seconds_of(Work::elementwise), 0);
}

TEST(OperatorMarks, EndWithTheirOwner) {
  const auto x = torch::rand({8, 8});
  profile_of([&] { x.mm(x); });
  start_profile();
  x.mm(x);
  EXPECT_EQ(stop_profile().multiply_adds, 0);
}

// Every computation of the transformer is divided, by hand or by operators, on any threads.
TEST(OperatorMarks, DivideTheStepOfATrainer) {
  const test::Threads threads(2);
  for (const auto* computation : {"plain", "trimmed", "shared", "fused"}) {
    Trainer trainer(
        test::catalog(),
        {test::experiment({std::string("model.computation=") + computation}),
         test::experiment({std::string("model.computation=") + computation, "seed=1"})});
    const auto step = profile_of([&] { trainer.step(); });
    for (const auto work : {Work::products, Work::attention, Work::norms, Work::elementwise,
                            Work::loss, Work::optimizer, Work::sampling}) {
      EXPECT_GT(step.seconds_of(work), 0) << computation << ": " << name_of(work);
    }
    EXPECT_GT(step.multiply_adds, 0) << computation;
    EXPECT_THAT(step.thread_seconds, Each(Ge(0))) << computation;
    EXPECT_EQ(step.seconds_of(Work::evaluation), 0) << computation;
    EXPECT_GT(profile_of([&] { trainer.evaluate(); }).seconds_of(Work::evaluation), 0);
  }
}

}  // namespace
}  // namespace groklab
