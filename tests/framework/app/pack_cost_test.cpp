#include "app/pack_cost.h"

#include "app/tensor_memory.h"
#include "support/experiments.h"
#include "support/threads.h"

#include <gmock/gmock.h>

#include <limits>

namespace groklab {
namespace {

constexpr std::int64_t kPlenty = std::numeric_limits<std::int64_t>::max();

PackCost cost_of(const Experiment& experiment, std::int64_t elements, std::int64_t rows,
                 bool together = false, std::int64_t memory = kPlenty) {
  const auto shape = shape_of(test::catalog(), experiment, elements, together);
  return count_cost(test::catalog(), experiment, shape, rows, memory);
}

TEST(PackCost, CountsTheMultiplyAddsOfAnMlp) {
  constexpr int kElements = 7, kWidth = 8, kHidden = 24;
  const auto cost = cost_of(
      test::experiment({"model={name: mlp, layers: 1, width: 8, hidden: 24}"}), kElements, 20);
  constexpr int kForward = 2 * kWidth * kHidden + kHidden * kElements;
  // Each product has two in the backward pass; both operands' embedding has one with the one-hot
  // tokens.
  constexpr int kRow = 3 * kForward + 2 * kElements * kWidth;
  EXPECT_EQ(cost.row_multiply_adds, kRow);
  EXPECT_EQ(cost.step_multiply_adds, 0);
  EXPECT_EQ(cost.step_of(11), 11 * kRow);
  EXPECT_EQ(cost.evaluation_multiply_adds, kElements * kElements * kForward);
}

TEST(PackCost, CountsTheMultiplyAddsOfATransformer) {
  constexpr int kElements = 7, kLength = 4, kWidth = 8;
  const auto cost = cost_of(
      test::experiment({"model={name: transformer, computation: plain, width: 8, heads: 2}"}),
      kElements, 21);
  // Queries, keys and values, what attention puts out, and the two matrices of the MLP; then the
  // scores of all positions and the mixtures of values.
  constexpr int kBlock =
      kLength * (3 + 1 + 4 + 4) * kWidth * kWidth + 2 * kLength * kLength * kWidth;
  constexpr int kForward = 2 * kBlock + kWidth * kElements;
  EXPECT_EQ(cost.row_multiply_adds, 3 * kForward + kLength * (kElements + 2) * kWidth);
  EXPECT_EQ(cost.evaluation_multiply_adds, kElements * kElements * kForward);
}

// Distinct rows are computed once whatever the batch is, and then Newton–Schulz iterations.
TEST(PackCost, KeepsWhatAStepComputesForAnyBatchApart) {
  for (const auto* each : {"model.computation=shared", "optimizer=muon"}) {
    const auto experiment = test::experiment({each});
    const auto wide = cost_of(experiment, 7, 24), narrow = cost_of(experiment, 7, 12);
    EXPECT_GT(wide.step_multiply_adds, 0) << each;
    EXPECT_EQ(wide.step_multiply_adds, narrow.step_multiply_adds) << each;
    EXPECT_EQ(wide.row_multiply_adds, narrow.row_multiply_adds) << each;
  }
}

// Bytes that a pack takes at most, from making it to its second evaluation.
double bytes_of_pack(const Experiment& experiment, int replicas) {
  std::vector<Experiment> copies(replicas, experiment);
  const TensorMemory memory;
  Trainer trainer(test::catalog(), copies);
  for (int i = 0; i < 3; ++i) trainer.step();
  trainer.evaluate();
  trainer.step();
  trainer.evaluate();
  return static_cast<double>(memory.peak() + memory.others());
}

TEST(PackCost, ForeseesTheMemoryOfALargerPack) {
  const test::Threads one(1);
  for (const std::vector<std::string>& overrides :
       {std::vector<std::string>{"model={name: mlp, width: 64, hidden: 512}"},
        {"model={name: mlp, width: 16, hidden: 256, layers: 4}", "optimizer=sgd"},
        {"model={name: transformer, width: 32}", "optimizer=muon"},
        {"model={name: transformer, computation: plain, width: 16}"},
        {"model={name: mlp, width: 8, hidden: 8}", "probes=[softmax_collapse]"}}) {
    auto all = overrides;
    all.insert(all.end(), {"operation.modulus=31", "training.batch_size=full"});
    const auto experiment = test::experiment(all);
    const auto cost = cost_of(experiment, 31, 31 * 31 / 2);
    const auto foreseen = cost.bytes(5, 1), measured = bytes_of_pack(experiment, 5);
    EXPECT_GT(foreseen, 0.85 * measured) << overrides.front();
    EXPECT_LT(foreseen, 1.15 * measured) << overrides.front();
    const auto shape = shape_of(test::catalog(), experiment, 31, false);
    EXPECT_LT(shape.least_bytes(5), measured) << overrides.front();
  }
}

// A billion rows would take terabytes.
TEST(PackCost, TriesNoMoreRowsThanSurelyFit) {
  const auto experiment = test::experiment({"model={name: mlp, layers: 1, hidden: 512}"});
  constexpr std::int64_t kRows = 1'000'000'000, kMemory = 64 << 20;
  const auto tried = cost_of(experiment, 7, 2000),
             foreseen = cost_of(experiment, 7, kRows, false, kMemory);
  EXPECT_NEAR(foreseen.bytes(1, 1) / kRows / (tried.bytes(1, 1) / 2000), 1, 0.3);
  EXPECT_EQ(foreseen.row_multiply_adds, tried.row_multiply_adds);
}

TEST(PackCost, KnowsWhatIsWrittenToTheDisk) {
  const auto experiment = test::experiment({"model={name: mlp, width: 64, hidden: 256}"});
  const auto cost = cost_of(experiment, 7, 20);
  Trainer trainer(test::catalog(), {experiment});
  trainer.step();
  const auto checkpoint = static_cast<double>(to_safetensors(trainer.save(0)).size());
  EXPECT_NEAR(cost.checkpoint_bytes / checkpoint, 1, 0.02);
  const auto row = static_cast<double>(to_json_line(trainer.evaluate().front()).size());
  EXPECT_GT(cost.metrics_bytes, row);
  EXPECT_LT(cost.metrics_bytes, 4 * row);
}

TEST(PackShape, IsThatOfTheModelAndOfWhatProbesRead) {
  const auto mlp =
      shape_of(test::catalog(),
               test::experiment({"model={name: mlp, layers: 1, width: 8, hidden: 16}"}), 7, false);
  EXPECT_EQ(mlp.parameters, 7 * 8 + (2 * 8 + 1) * 16 + 16 * 7);
  EXPECT_FALSE(mlp.keeps_logits);
  const auto logits = 7.0 * 7 * 7 * 8;
  const auto probed = shape_of(
      test::catalog(),
      test::experiment({"model=mlp", "precision=float64", "probes=[softmax_collapse]"}), 7, false);
  EXPECT_TRUE(probed.keeps_logits);
  EXPECT_EQ(probed.logits_bytes(), logits);
  auto unprobed = probed;
  unprobed.keeps_logits = false;
  EXPECT_EQ(probed.least_bytes(4) - unprobed.least_bytes(4), 4 * logits);
}

TEST(ComputedAtOnce, AreAsManyAsThereAreThreadsWhereThatKeepsThemBusy) {
  EXPECT_EQ(computed_at_once(16, 2), 2);
  EXPECT_EQ(computed_at_once(3, 2), 1);
  EXPECT_EQ(computed_at_once(9, 2), 2);
  EXPECT_EQ(computed_at_once(5, 1), 1);
}

}  // namespace
}  // namespace groklab
