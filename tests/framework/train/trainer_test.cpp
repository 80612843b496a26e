#include "train/trainer.h"

#include "support/experiments.h"

#include <gmock/gmock.h>

#include <ATen/Parallel.h>
#include <cmath>
#include <deque>

namespace groklab {
namespace {

using testing::HasSubstr;
using testing::ThrowsMessage;

Trainer make_trainer(std::vector<Experiment> replicas) {
  return Trainer(test::catalog(), std::move(replicas));
}

TEST(Trainer, ThePapersNetworkHas394240ParametersBesidesEmbeddingAndHead) {
  const auto trainer = make_trainer({test::experiment({}, test::kPaperSpec)});
  std::int64_t inner = 0;
  for (const auto& entry : trainer.components().layout->entries()) {
    if (entry.name.starts_with("blocks.")) inner += entry.count;
  }
  EXPECT_EQ(inner, 394'240);  // paper: "about 4e5 non-embedding parameters"
  EXPECT_EQ(trainer.components().layout->count(), 394'240 + 99 * 128 + 128 * 97);
}

// Unit-variance outputs of the last norm times U(±1/√d) rows give logits of variance 1/3, and
// E[log Σ exp] ≈ ln K + 1/6.
TEST(Trainer, StartsAtAboutTheLossOfGuessing) {
  auto trainer = make_trainer({test::experiment({}, test::kPaperSpec)});
  const auto loss = trainer.evaluate().front();
  EXPECT_NEAR(loss.at("train_loss"), std::log(97.0) + 1.0 / 6, 0.1);
  EXPECT_NEAR(loss.at("val_loss"), std::log(97.0) + 1.0 / 6, 0.1);
  EXPECT_LT(loss.at("train_accuracy"), 0.05);
}

TEST(Trainer, TrainingSetsAndEpochsAreThePapers) {
  struct Case {
    const char* operation;
    std::size_t train_rows;
    std::int64_t steps_per_epoch;
  };
  for (const auto& [operation, rows, steps] : {Case{"add", 4704, 10}, Case{"divide", 4656, 10}}) {
    const auto trainer =
        make_trainer({test::experiment({std::string("operation=") + operation,
                                        "operation.modulus=97", "training.batch_size=paper"})});
    EXPECT_EQ(trainer.splits().front().train.size(), rows) << operation;
    EXPECT_EQ(trainer.sampler(0).steps_per_epoch(), steps) << operation;
  }
}

// Three cells that differ in all that may differ inside a pack.
std::vector<Experiment> three_cells(const std::string& precision,
                                    const std::vector<std::string>& common) {
  const std::vector<std::vector<std::string>> differences{
      {},
      {"seed=1", "optimizer.learning_rate=3e-3", "operation=multiply"},
      {"seed=2", "data.train_fraction=0.7", "data.outliers=9", "optimizer.weight_decay=0.1"}};
  std::vector<Experiment> cells;
  for (auto overrides : differences) {
    overrides.insert(overrides.end(), {"precision=" + precision, "probes=[weight_norm]",
                                       "regularizers=[{name: weight_decay, strength: 0.1}]"});
    overrides.insert(overrides.end(), common.begin(), common.end());
    cells.push_back(test::experiment(overrides));
  }
  return cells;
}

void expect_pack_equals_solo(const std::string& precision,
                             const std::vector<std::string>& common = {}) {
  auto cells = three_cells(precision, common);
  auto pack = make_trainer(cells);
  std::deque<Trainer> solo;
  for (const auto& cell : cells) solo.emplace_back(test::catalog(), std::vector{cell});
  for (int step = 0; step < 12; ++step) {
    const auto together = pack.record_step();
    for (std::size_t r = 0; r < cells.size(); ++r) {
      const auto alone = solo[r].record_step();
      EXPECT_EQ(together.loss[r].item<double>(), alone.loss[0].item<double>()) << step << " " << r;
    }
  }
  const auto rows = pack.evaluate();
  for (std::size_t r = 0; r < cells.size(); ++r) {
    EXPECT_TRUE(torch::equal(pack.weights().flat()[r], solo[r].weights().flat()[0])) << r;
    EXPECT_EQ(to_json_line(rows[r]), to_json_line(solo[r].evaluate().front())) << r;
  }
}

// With more threads a product may be cut up between them in another way in a pack than alone, and
// the last bit differs.
TEST(Trainer, ThreeReplicasTogetherGiveEachOnesSoloResultBitForBitOnOneThread) {
  at::set_num_threads(1);
  expect_pack_equals_solo("float32");
  expect_pack_equals_solo("float64");
}

// Batches of 10, 10 and 4: what drops out of a row does not depend on those behind it.
TEST(Trainer, ThreeReplicasWithDropoutGiveEachOnesSoloResultBitForBit) {
  expect_pack_equals_solo("float32", {"model.dropout=0.3", "model.biases=true"});
}

void expect_to_go_on_bit_for_bit(const std::vector<std::string>& overrides) {
  const auto cell = test::experiment(overrides);
  auto straight = make_trainer({cell});
  for (int i = 0; i < 9; ++i) straight.step();

  auto first = make_trainer({cell});
  for (int i = 0; i < 4; ++i) first.step();
  auto second = make_trainer({cell});
  second.restore({from_safetensors(to_safetensors(first.save(0)))});
  EXPECT_EQ(second.steps_done(), 4);
  for (int i = 0; i < 5; ++i) second.step();
  EXPECT_TRUE(torch::equal(straight.weights().flat(), second.weights().flat()));
}

TEST(Trainer, GoesOnFromASavedStateBitForBit) {
  expect_to_go_on_bit_for_bit({"regularizers=[{name: weight_decay, toward: initialization}]"});
}

TEST(Trainer, GoesOnWithTheSameDropoutFromASavedState) {
  expect_to_go_on_bit_for_bit({"model.dropout=0.3"});
}

TEST(Trainer, DropoutFollowsItsSeedAndLeavesEvaluationsAlone) {
  auto none = make_trainer({test::experiment()});
  auto some = make_trainer({test::experiment({"model.dropout=0.3"})});
  auto other = make_trainer({test::experiment({"model.dropout=0.3", "seed.noise=1"})});
  EXPECT_EQ(to_json_line(none.evaluate().front()), to_json_line(some.evaluate().front()));
  const auto loss = some.record_step().loss.item<double>();
  EXPECT_NE(loss, none.record_step().loss.item<double>());
  EXPECT_NE(loss, other.record_step().loss.item<double>());
}

TEST(Trainer, SaysHowItComputesAStep) {
  EXPECT_EQ(make_trainer({test::experiment()}).execution(), "fused, each replica by itself");
  EXPECT_EQ(make_trainer({test::experiment({"model.norm=pre"})}).execution(),
            "shared (fused is not written for norm: pre), each replica by itself");
  EXPECT_EQ(make_trainer({test::experiment({"model={name: mlp}"})}).execution(),
            "each replica by itself");
}

TEST(Trainer, RefusesACheckpointOfAnotherModel) {
  const auto checkpoint = make_trainer({test::experiment({"model.width=8"})}).save(0);
  auto trainer = make_trainer({test::experiment()});
  EXPECT_THROW(trainer.restore({checkpoint}), Error);
}

TEST(Trainer, SeedsActOnTheirOwnPurposeOnly) {
  const auto base = make_trainer({test::experiment()});
  const auto init = make_trainer({test::experiment({"seed.init=1"})});
  EXPECT_FALSE(torch::equal(base.weights().flat(), init.weights().flat()));
  EXPECT_EQ(base.splits().front().train, init.splits().front().train);

  const auto split = make_trainer({test::experiment({"seed.split=1"})});
  EXPECT_TRUE(torch::equal(base.weights().flat(), split.weights().flat()));
  EXPECT_NE(base.splits().front().train, split.splits().front().train);

  auto first = make_trainer({test::experiment()});
  auto other = make_trainer({test::experiment({"seed.batches=1"})});
  EXPECT_EQ(first.splits().front().train, other.splits().front().train);
  EXPECT_FALSE(torch::equal(first.record_step().batch.x, other.record_step().batch.x));
}

TEST(Trainer, BothPrecisionsStartFromTheSameWeights) {
  const auto narrow = make_trainer({test::experiment()});
  const auto wide = make_trainer({test::experiment({"precision=float64"})});
  EXPECT_EQ(narrow.weights().flat().scalar_type(), torch::kFloat32);
  EXPECT_EQ(wide.weights().flat().scalar_type(), torch::kFloat64);
  EXPECT_TRUE(torch::equal(narrow.weights().flat(), wide.weights().flat().to(torch::kFloat32)));
}

TEST(Trainer, LearnsTheSmallTableByHeartWithEveryModel) {
  for (const auto* model :
       {"{}", "{norm: pre, activation: gelu, biases: true}", "{norm: none, positions: learned}",
        "{tied_embeddings: true, dropout: 0.2}", "{name: mlp}", "{name: quadratic, width: 64}"}) {
    auto trainer = make_trainer(
        {test::experiment({"optimizer.weight_decay=0", std::string("model=") + model})});
    for (int i = 0; i < 300; ++i) trainer.step(/*observed=*/false);
    EXPECT_EQ(trainer.evaluate().front().at("train_accuracy"), 1) << model;
  }
}

TEST(Trainer, RowsThatFillUpTheLastBatchChangeNothing) {
  auto trainer = make_trainer({test::experiment()});  // 24 rows: batches of 10, 10 and 4
  trainer.step();
  trainer.step();
  const auto before = trainer.weights().flat().clone();
  const auto last = trainer.record_step();
  EXPECT_EQ(last.batch.row_weights[0].count_nonzero().item<std::int64_t>(), 4);
  EXPECT_FLOAT_EQ(last.batch.row_weights[0].sum().item<float>(), 1);

  const auto valid = last.logits[0].narrow(0, 0, 4);
  const auto expected = torch::cross_entropy_loss(valid, last.batch.z[0].narrow(0, 0, 4));
  EXPECT_NEAR(last.loss.item<double>(), expected.item<double>(), 1e-6);
}

TEST(Trainer, AProblemWithTheDataNamesItsPlace) {
  EXPECT_THAT([] { make_trainer({test::experiment({"data.train_fraction=0.001"})}); },
              ThrowsMessage<Error>(HasSubstr("data.train_fraction")));
}

TEST(Trainer, LearnsRandomLabelsByHeartAndIsValidatedOnTheAnswers) {
  auto trainer = make_trainer({test::experiment({"data.outliers=8", "optimizer.weight_decay=0"})});
  const auto& table = trainer.components().tables.front();
  for (int i = 0; i < 400; ++i) trainer.step();
  const auto row = trainer.evaluate().front();
  EXPECT_EQ(row.at("train_accuracy"), 1);
  const auto& split = trainer.splits().front();
  for (const auto held_out : split.validation)
    EXPECT_EQ(table.z[held_out], table.answers[held_out]);
  EXPECT_EQ(outliers(table), 8);
}

TEST(Trainer, OutliersChangeTheLabelsAndNothingElse) {
  auto clean = make_trainer({test::experiment()});
  auto noisy = make_trainer({test::experiment({"data.outliers=24"})});
  EXPECT_EQ(clean.splits().front().train, noisy.splits().front().train);
  EXPECT_TRUE(torch::equal(clean.weights().flat(), noisy.weights().flat()));
  const auto without = clean.record_step().batch, with = noisy.record_step().batch;
  EXPECT_TRUE(torch::equal(without.x, with.x));
  EXPECT_TRUE(torch::equal(without.y, with.y));
  EXPECT_EQ(without.z.eq(with.z).sum().item<std::int64_t>(), 0);
}

TEST(Trainer, MoreOutliersThanTrainingRowsAreAProblemAtTheirPlace) {
  EXPECT_THAT([] { make_trainer({test::experiment({"data.outliers=25"})}); },
              ThrowsMessage<Error>(
                  "command line: data.outliers: 25 outliers are more than the 24 training rows"));
}

}  // namespace
}  // namespace groklab
