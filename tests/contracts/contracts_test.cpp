// What every plugin must keep, run over every plugin that the project has.
#include "support/plugin_calls.h"
#include "support/watched_backend.h"
#include "train/trainer.h"

#include <gmock/gmock.h>
#include <groklab/loss.h>
#include <groklab/operation.h>
#include <groklab/probe.h>
#include <groklab/regularizer.h>
#include <torch/csrc/autograd/autograd.h>

namespace groklab {
namespace {

using testing::IsEmpty;
using testing::Not;
using testing::TestWithParam;

constexpr std::int64_t kReplicas = 3, kRows = 6, kElements = 5;

std::vector<std::string> names_of(const char* kind) {
  return Catalog({test::plugin_dir()}).names(kind);
}

std::string test_name(const testing::TestParamInfo<std::string>& info) { return info.param; }

template <class Kind>
class PluginContract : public TestWithParam<std::string> {
 protected:
  std::unique_ptr<Kind> plugin() const { return test::make_plugin<Kind>(GetParam()); }
};

#define GROKLAB_CONTRACT(Suite, Kind)           \
  class Suite : public PluginContract<Kind> {}; \
  INSTANTIATE_TEST_SUITE_P(All, Suite, testing::ValuesIn(names_of(Kind::kKind)), test_name)

GROKLAB_CONTRACT(EveryOperation, Operation);
GROKLAB_CONTRACT(EveryModel, Model);
GROKLAB_CONTRACT(EveryLoss, Loss);
GROKLAB_CONTRACT(EveryOptimizer, Optimizer);
GROKLAB_CONTRACT(EveryRegularizer, Regularizer);
GROKLAB_CONTRACT(EveryProbe, Probe);

// One replica's slice with other numbers in it.
Tensor disturbed(const Tensor& tensor, std::int64_t replica) {
  auto other = tensor.clone();
  other[replica].mul_(-3);
  return other;
}

void expect_only_replica_changed(const Tensor& a, const Tensor& b, std::int64_t replica) {
  for (std::int64_t r = 0; r < kReplicas; ++r) {
    EXPECT_EQ(torch::equal(a[r], b[r]), r != replica) << "replica " << r;
  }
}

TEST_P(EveryOperation, AnswersEveryPairWithAnElementAndAlwaysTheSame) {
  const auto operation = plugin();
  const auto size = operation->size();
  ASSERT_GE(size, 2);
  std::int64_t answered = 0;
  for (std::int64_t x = 0; x < size; ++x) {
    for (std::int64_t y = 0; y < size; ++y) {
      const auto z = operation->apply(x, y);
      answered += z != Operation::kUndefined;
      ASSERT_TRUE(z == Operation::kUndefined || (z >= 0 && z < size)) << x << " ∘ " << y;
      ASSERT_EQ(z, operation->apply(x, y));
    }
  }
  EXPECT_GT(answered, size);
  EXPECT_THAT(operation->formula(), Not(IsEmpty()));
  EXPECT_THAT(operation->element_name(size - 1), Not(IsEmpty()));
}

ModelInput some_pairs() {
  const auto x = torch::arange(kReplicas * kRows, torch::kInt64).view({kReplicas, kRows});
  return {x.remainder(kElements), (x * 2 + 1).remainder(kElements), nullptr};
}

TEST_P(EveryModel, GivesLogitsForEachReplicaFromItsOwnWeights) {
  for (const auto dtype : {torch::kFloat32, torch::kFloat64}) {
    const auto model = plugin();
    const auto base = test::numbered_weights(*model, kElements, kReplicas);
    const auto layout = std::make_shared<const ParameterLayout>(base.layout());
    const auto flat = base.flat().to(dtype);
    const auto logits = model->forward(Weights(layout, flat), some_pairs());
    EXPECT_EQ(logits.sizes(), (std::vector<std::int64_t>{kReplicas, kRows, kElements}));
    EXPECT_EQ(logits.scalar_type(), dtype);
    expect_only_replica_changed(
        logits, model->forward(Weights(layout, disturbed(flat, 1)), some_pairs()), 1);
  }
}

TEST_P(EveryModel, HasAGradientInEveryParameterAndInItsOwnReplicaOnly) {
  const auto model = plugin();
  const auto base = test::numbered_weights(*model, kElements, kReplicas);
  const auto layout = std::make_shared<const ParameterLayout>(base.layout());
  const auto flat = base.flat().clone().requires_grad_(true);
  const auto logits = model->forward(Weights(layout, flat), some_pairs());
  const auto gradient =
      torch::autograd::grad({(logits[1] * test::numbers({kRows, kElements})).sum()}, {flat})[0];
  const Weights gradients(layout, gradient);
  EXPECT_TRUE(gradient.isfinite().all().item<bool>());
  EXPECT_EQ(gradient[0].count_nonzero().item<std::int64_t>(), 0);
  EXPECT_EQ(gradient[2].count_nonzero().item<std::int64_t>(), 0);
  for (std::size_t i = 0; i < layout->entries().size(); ++i) {
    EXPECT_GT(gradients.at(i)[1].abs().max().item<double>(), 0) << layout->entries()[i].name;
  }
}

TEST_P(EveryModel, HasARowForEachElementAtInputAndOutput) {
  const auto model = plugin();
  const auto weights = test::numbered_weights(*model, kElements, kReplicas);
  for (const auto& rows : {model->embedding(weights), model->output_rows(weights)}) {
    ASSERT_EQ(rows.dim(), 3);
    EXPECT_EQ(rows.size(0), kReplicas);
    EXPECT_EQ(rows.size(1), kElements);
  }
}

TEST_P(EveryLoss, IsOneNumberAReplicaAndBlindToRowsOfWeightZero) {
  const auto loss = plugin();
  const auto logits = test::numbers({kReplicas, kRows, kElements});
  const auto targets = some_pairs().x;
  auto weights = torch::full({kReplicas, kRows}, 1.0 / (kRows - 1), test::kFloat64);
  weights.select(1, kRows - 1).zero_();
  const auto values = loss->forward(logits, targets, weights);
  ASSERT_EQ(values.sizes(), std::vector<std::int64_t>{kReplicas});

  auto other = logits.clone();
  other.select(1, kRows - 1).add_(test::numbers({kElements}, 1));
  EXPECT_TRUE(torch::equal(values, loss->forward(other, targets, weights)));
  expect_only_replica_changed(values, loss->forward(disturbed(logits, 1), targets, weights), 1);
}

TEST_P(EveryLoss, DoesNotLookAtRowsOfWeightZero) {
  const auto loss = plugin();
  auto weights = torch::full({kReplicas, kRows}, 1.0 / (kRows - 1), test::kFloat64);
  weights.select(1, 2).zero_();
  const auto value_and_gradient = [&](double filling) {
    auto logits = test::numbers({kReplicas, kRows, kElements});
    logits.select(1, 2).fill_(filling);
    logits.requires_grad_(true);
    const auto values = loss->forward(logits, some_pairs().x, weights);
    return std::pair{values.detach(), torch::autograd::grad({values.sum()}, {logits})[0]};
  };
  const auto expect_blind = [&] {
    const auto [values, gradient] = value_and_gradient(1);
    for (const double filling : {NAN, INFINITY, -INFINITY}) {
      const auto [same_values, same_gradient] = value_and_gradient(filling);
      EXPECT_TRUE(torch::equal(values, same_values)) << filling;
      EXPECT_TRUE(torch::equal(gradient, same_gradient)) << filling;
    }
    EXPECT_EQ(gradient.select(1, 2).count_nonzero().item<std::int64_t>(), 0);
  };
  expect_blind();
  const OperatorsOnly watched;
  expect_blind();
}

// Along a direction, against a difference of gradients; as probes ask for it.
TEST_P(EveryLoss, HasASecondDerivativeByOperators) {
  const auto loss = plugin();
  const auto weights = torch::full({kReplicas, kRows}, 1.0 / kRows, test::kFloat64);
  const auto direction = test::numbers({kReplicas, kRows, kElements}, 1);
  const OperatorsOnly with_second_derivatives;
  const auto gradient_at = [&](const Tensor& logits) {
    const auto values = loss->forward(logits, some_pairs().x, weights);
    return torch::autograd::grad({values.sum()}, {logits}, {}, true, /*create_graph=*/true)[0];
  };
  const auto logits = test::numbers({kReplicas, kRows, kElements}, 0.5).requires_grad_(true);
  const auto along = torch::autograd::grad({(gradient_at(logits) * direction).sum()}, {logits})[0];
  constexpr double kStep = 1e-5;
  const auto moved = [&](double by) {
    return gradient_at((logits + direction * by).detach().requires_grad_(true)).detach();
  };
  const auto expected = (moved(kStep) - moved(-kStep)) / (2 * kStep);
  EXPECT_LT((along - expected).abs().max().item<double>(), 1e-8);
  EXPECT_GT(expected.abs().max().item<double>(), 1e-3);
}

// A few steps of a trainer with the overrides are the same operators each time, all repeatable.
void expect_recordable(const std::string& override) {
  const auto cell = test::experiment({override});
  Trainer replayed(test::catalog(), {cell, cell}, std::make_shared<ReplayBackend>());
  const auto watched = std::make_shared<test::WatchedBackend>();
  watched->records = false;
  Trainer called(test::catalog(), {cell, cell}, watched);
  for (int i = 0; i < 5; ++i) {
    replayed.step(/*observed=*/i == 4);
    called.step(/*observed=*/i == 4);
    EXPECT_THAT(watched->forbidden, IsEmpty());
  }
  EXPECT_THAT(replayed.execution(), testing::HasSubstr("recorded and replayed: equal bit for bit"));
  EXPECT_TRUE(torch::equal(replayed.weights().flat(), called.weights().flat()));
}

TEST_P(EveryLoss, CanBeRecorded) { expect_recordable("loss=" + GetParam()); }
TEST_P(EveryOptimizer, CanBeRecorded) { expect_recordable("optimizer=" + GetParam()); }

TEST_P(EveryLoss, FallsWhenItsGradientIsFollowed) {
  const auto loss = plugin();
  const auto logits = test::numbers({kReplicas, kRows, kElements}).requires_grad_(true);
  const auto weights = torch::full({kReplicas, kRows}, 1.0 / kRows, test::kFloat64);
  const auto values = loss->forward(logits, some_pairs().x, weights);
  const auto gradient = torch::autograd::grad({values.sum()}, {logits})[0];
  const auto after = loss->forward(logits - 0.01 * gradient, some_pairs().x, weights);
  EXPECT_TRUE((after < values).all().item<bool>());
}

Tensor after_steps(Optimizer& optimizer, const Tensor& gradient) {
  const Weights weights(test::flat_layout(), test::numbers({kReplicas, 64}));
  for (int number = 1; number <= 3; ++number) {
    optimizer.step(weights, Weights(test::flat_layout(), gradient * number),
                   test::step_number(number, {0.1, 0.01, 0.001}));
  }
  return weights.flat();
}

TEST_P(EveryOptimizer, KeepsReplicasApart) {
  const auto gradient = test::numbers({kReplicas, 64}, 1);
  const auto a = plugin(), b = plugin();
  auto other = gradient.clone();
  other[1].add_(test::numbers({64}, 2));
  expect_only_replica_changed(after_steps(*a, gradient), after_steps(*b, other), 1);
}

// A probe that divides an update into its parts takes the decay to be what this says it is.
TEST_P(EveryOptimizer, ShrinksWeightsWithoutAGradientByTheShareThatItSays) {
  const auto schema = schema_of(test::catalog().find("optimizer", GetParam()));
  std::map<std::string, Value> values;
  if (schema.find("weight_decay") != nullptr) values["weight_decay"] = 0.5;
  const auto optimizer = test::make_plugin<Optimizer>(GetParam(), values);
  const auto start = test::numbers({kReplicas, 64});
  const Weights weights(test::flat_layout(), start.clone());
  const Weights gradients(test::flat_layout(), torch::zeros_like(start));
  const auto step = test::step_number(1, {0.1, 0.01, 0.001});
  const auto share = optimizer->shrinkage(step.learning_rate.unsqueeze(1));
  optimizer->step(weights, gradients, step);
  if (!share.defined()) return;
  EXPECT_GT(share.min().item<double>(), 0);
  EXPECT_LT((weights.flat() - start * (1 - share)).abs().max().item<double>(), 1e-15);
}

TEST_P(EveryOptimizer, GoesOnFromItsNamedState) {
  const auto gradient = test::numbers({kReplicas, 64}, 1);
  const auto straight = plugin(), resumed = plugin();
  after_steps(*straight, gradient);
  for (const auto& [name, tensor] : straight->named_state().tensors()) {
    EXPECT_EQ(tensor.sizes(), (std::vector<std::int64_t>{kReplicas, 64})) << name;
    resumed->named_state().tensors()[name] = tensor.clone();
  }
  EXPECT_TRUE(torch::equal(after_steps(*straight, gradient), after_steps(*resumed, gradient)));
}

// Everything that a regulariser does to weights, gradient and loss in two steps.
std::vector<Tensor> acts(Regularizer& regularizer, const Tensor& start) {
  const Weights weights(test::flat_layout(), start.clone());
  const Weights gradients(test::flat_layout(), test::numbers({kReplicas, 64}, 1));
  regularizer.begin(Weights(test::flat_layout(), test::numbers({kReplicas, 64}, 2)));
  std::vector<Tensor> results;
  for (int number = 1; number <= 2; ++number) {
    const auto step = test::step_number(number, {0.1, 0.1, 0.1});
    results.push_back(regularizer.before_forward(weights.flat(), step).clone());
    const auto penalty = regularizer.penalty(weights, step);
    if (penalty.defined()) results.push_back(penalty);
    regularizer.on_gradients(weights, gradients, step);
    regularizer.after_step(weights, step);
    results.push_back(gradients.flat().clone());
    results.push_back(weights.flat().clone());
  }
  return results;
}

TEST_P(EveryRegularizer, KeepsReplicasApart) {
  const auto start = test::numbers({kReplicas, 64});
  const auto a = acts(*plugin(), start), b = acts(*plugin(), disturbed(start, 1));
  ASSERT_EQ(a.size(), b.size());
  for (std::size_t i = 0; i < a.size(); ++i) {
    EXPECT_TRUE(torch::equal(a[i][0], b[i][0])) << i;
    EXPECT_TRUE(torch::equal(a[i][2], b[i][2])) << i;
  }
}

TEST_P(EveryProbe, MeasuresOneNumberAReplicaFromWhatATrainerShows) {
  const auto cell = test::experiment({"probes=[" + GetParam() + "]", "training.steps=1"});
  Trainer trainer(test::catalog(), {cell, cell});
  for (const int evaluation : {0, 1}) {
    const auto rows = trainer.evaluate();
    ASSERT_EQ(rows.size(), 2U);
    EXPECT_GT(rows[0].values.size(), 4U) << "nothing besides losses and accuracies";
    EXPECT_EQ(to_json_line(rows[0]), to_json_line(rows[1])) << evaluation;
    trainer.step();
  }
}

}  // namespace
}  // namespace groklab
