// Training on a backend: that a recorded step is the step, at every step.
#include "support/experiments.h"
#include "support/watched_backend.h"
#include "train/backends.h"

#include <gmock/gmock.h>

#include <memory>

namespace groklab {
namespace {

using testing::AnyOf;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Le;
using testing::SizeIs;
using testing::StartsWith;
using testing::ThrowsMessage;

// Two chunks and a bit: 64 updates each. The first cell's epoch has 3 batches, the last short.
constexpr int kSteps = 150;

// Cells that differ in all that may differ inside a pack: three of 24, 24 and 34 training rows.
std::vector<Experiment> mixed_cells(std::vector<std::string> common = {}) {
  const std::vector<std::vector<std::string>> differences{
      {},
      {"seed=1", "optimizer.learning_rate=3e-3", "operation=multiply", "training.batch_size=7"},
      {"seed=2", "data.train_fraction=0.7", "optimizer.weight_decay=0.1"}};
  std::vector<Experiment> cells;
  for (auto overrides : differences) {
    overrides.insert(overrides.end(), common.begin(), common.end());
    cells.push_back(test::experiment(overrides));
  }
  return cells;
}

std::unique_ptr<Trainer> on(std::shared_ptr<Backend> backend, std::vector<Experiment> cells) {
  return std::make_unique<Trainer>(test::catalog(), std::move(cells), std::move(backend));
}

std::shared_ptr<test::WatchedBackend> operator_by_operator() {
  auto backend = std::make_shared<test::WatchedBackend>();
  backend->records = false;
  return backend;
}

void run(Trainer& trainer, int steps = kSteps) {
  for (int i = 1; i <= steps; ++i) trainer.step(/*observed=*/i == steps);
}

double deviation(const Tensor& a, const Tensor& b) { return (a - b).abs().max().item<double>(); }

class ProgramOf : public testing::TestWithParam<const char*> {
 protected:
  std::vector<Experiment> cells(std::vector<std::string> common = {}) const {
    common.push_back(std::string("model.computation=") + GetParam());
    return mixed_cells(std::move(common));
  }
};
INSTANTIATE_TEST_SUITE_P(Computations, ProgramOf, testing::Values("plain", "trimmed", "shared"),
                         [](const auto& one) { return std::string(one.param); });

TEST_P(ProgramOf, ReplaysStepsBitForBit) {
  const auto replayed = on(std::make_shared<ReplayBackend>(), cells());
  const auto called = on(operator_by_operator(), cells());
  run(*replayed);
  run(*called);
  EXPECT_THAT(replayed->execution(), HasSubstr("recorded and replayed: equal bit for bit"));
  EXPECT_THAT(called->execution(), HasSubstr("operator by operator: told not to record"));
  EXPECT_TRUE(torch::equal(replayed->weights().flat(), called->weights().flat()));
  EXPECT_TRUE(torch::equal(replayed->observation().loss, called->observation().loss));
  EXPECT_TRUE(torch::equal(replayed->observation().accuracy, called->observation().accuracy));
  EXPECT_TRUE(torch::equal(replayed->observation().directions, called->observation().directions));
}

// A few steps of cells with these overrides, replayed and called one by one.
void expect_the_same_replayed(const std::vector<std::string>& overrides) {
  const auto replayed = on(std::make_shared<ReplayBackend>(), mixed_cells(overrides));
  const auto called = on(operator_by_operator(), mixed_cells(overrides));
  run(*replayed, 10);
  run(*called, 10);
  EXPECT_THAT(replayed->execution(), HasSubstr("recorded and replayed: equal bit for bit"));
  EXPECT_TRUE(torch::equal(replayed->weights().flat(), called->weights().flat()));
  EXPECT_TRUE(torch::equal(replayed->observation().loss, called->observation().loss));
}

TEST_P(ProgramOf, ReplaysStepsWithTheModelsOptionsBitForBit) {
  const std::string computation = std::string("model.computation=") + GetParam();
  expect_the_same_replayed({computation, "model.norm=pre", "model.positions=learned",
                            "model.activation=gelu", "model.biases=true"});
  expect_the_same_replayed({computation, "model.norm=none", "model.tied_embeddings=true"});
}

TEST(Program, ReplaysStepsOfOtherModelsBitForBit) {
  expect_the_same_replayed({"model={name: mlp, width: 8, hidden: 16, activation: gelu}"});
  expect_the_same_replayed({"model={name: quadratic, width: 24}"});
}

// In float64, as float32's rounding is amplified by Adam where gradients are near zero.
TEST_P(ProgramOf, TrainsAsEachReplicaByItselfDoes) {
  const std::vector<std::string> wide{"precision=float64", "probes=[weight_norm]",
                                      "regularizers=[{name: weight_decay, strength: 0.1}]"};
  const auto program = on(std::make_shared<ReplayBackend>(), cells(wide));
  const auto by_itself = on(nullptr, cells(wide));
  run(*program);
  run(*by_itself);
  EXPECT_LT(deviation(program->weights().flat(), by_itself->weights().flat()), 1e-9);
  const auto rows = program->evaluate(), expected = by_itself->evaluate();
  for (std::size_t r = 0; r < rows.size(); ++r) {
    ASSERT_EQ(rows[r].values.size(), expected[r].values.size());
    for (const auto& [name, value] : expected[r].values) {
      EXPECT_NEAR(rows[r].at(name), value, 1e-7) << name;
    }
  }
}

TEST_P(ProgramOf, CallsTheSameOperatorsAtEveryStep) {
  const auto backend = operator_by_operator();
  const auto trainer = on(backend, cells());
  trainer->step(true);
  trainer->step(true);
  const auto signatures = backend->signatures;
  EXPECT_THAT(signatures, SizeIs(testing::Gt(100U)));
  for (int i = 2; i < kSteps; ++i) {
    trainer->step(true);
    ASSERT_EQ(backend->signatures, signatures) << "step " << i;
  }
}

TEST_P(ProgramOf, CallsNothingThatCannotBeRepeatedOrIsAddedInAnyOrder) {
  const auto backend = operator_by_operator();
  const auto trainer = on(backend, cells());
  run(*trainer, 2);
  EXPECT_THAT(backend->forbidden, IsEmpty());
}

// What the second step of the paper's network calls, without observation.
std::shared_ptr<test::WatchedBackend> paper_step(const std::string& computation,
                                                 std::size_t replicas, int rows) {
  const auto cell = test::experiment(
      {"model.computation=" + computation, "training.batch_size=" + std::to_string(rows)},
      test::kPaperSpec);
  auto backend = operator_by_operator();
  const auto trainer = on(backend, std::vector<Experiment>(replicas, cell));
  trainer->step(false);
  trainer->step(false);
  return backend;
}

TEST(Program, StaysWithinItsBudgetOfKernelsWhateverTheReplicas) {
  EXPECT_THAT(paper_step("trimmed", 1, 64)->kernels, SizeIs(Le(150U)));
  EXPECT_THAT(paper_step("shared", 1, 64)->kernels, SizeIs(Le(220U)));
  for (const auto* computation : {"trimmed", "shared"}) {
    EXPECT_EQ(paper_step(computation, 1, 64)->kernels, paper_step(computation, 3, 64)->kernels);
  }
}

// At batch 512, which is what a GPU's memory has to move: most of a step's time there.
TEST(Program, StaysWithinItsBudgetOfTrafficInProportionToTheReplicas) {
  constexpr std::int64_t kMB = 1'000'000;
  for (const auto& [computation, products, others] :
       {std::tuple{"trimmed", 97 * kMB, 205 * kMB}, {"shared", 54 * kMB, 216 * kMB}}) {
    const auto one = paper_step(computation, 1, 512);
    EXPECT_LE(one->product_bytes, products) << computation;
    EXPECT_LE(one->other_bytes, others) << computation;
    const auto two = paper_step(computation, 2, 512);
    EXPECT_LE(two->product_bytes, 2 * one->product_bytes) << computation;
    EXPECT_LE(two->other_bytes, 2 * one->other_bytes) << computation;
  }
}

TEST(Program, LeavesItsStateWhereItIs) {
  const auto trainer = on(std::make_shared<ReplayBackend>(), mixed_cells());
  const auto places = [&] {
    std::vector<void*> all{trainer->weights().flat().data_ptr()};
    for (const auto& [prefix, owner, state] : states_of(trainer->components())) {
      for (const auto& [name, tensor] : state->tensors()) all.push_back(tensor.data_ptr());
    }
    return all;
  };
  trainer->step();
  const auto before = places();
  EXPECT_THAT(before, SizeIs(3));  // weights and two moments
  run(*trainer);
  EXPECT_EQ(places(), before);
}

TEST(Program, GoesOnFromASavedStateBitForBit) {
  const auto cells = mixed_cells();
  const auto straight = on(std::make_shared<ReplayBackend>(), cells);
  const auto first = on(std::make_shared<ReplayBackend>(), cells);
  const auto second = on(std::make_shared<ReplayBackend>(), cells);
  run(*straight, 20);
  run(*first, 13);
  std::vector<TensorFile> files;
  for (int r = 0; r < 3; ++r) files.push_back(from_safetensors(to_safetensors(first->save(r))));
  run(*second, 2);  // what it had recorded knows other memory
  second->restore(files);
  run(*second, 7);
  EXPECT_TRUE(torch::equal(straight->weights().flat(), second->weights().flat()));
}

TEST(Program, FallsBackIfAStepCannotBeRecorded) {
  const std::vector<std::string> noisy{"regularizers=[noisy_regularizer]", "precision=float64"};
  const auto trainer = on(std::make_shared<ReplayBackend>(), mixed_cells(noisy));
  const auto by_itself = on(nullptr, mixed_cells(noisy));
  run(*trainer, 10);
  run(*by_itself, 10);
  EXPECT_THAT(trainer->execution(),
              HasSubstr("operator by operator: regularizer noisy_regularizer: noise is drawn on "
                        "the host"));
  EXPECT_LT(deviation(trainer->weights().flat(), by_itself->weights().flat()), 1e-9);
}

TEST(Program, WithDropoutRunsOperatorByOperatorAndSaysWhy) {
  const std::vector<std::string> dropping{"model.dropout=0.3", "precision=float64"};
  const auto trainer = on(std::make_shared<ReplayBackend>(), mixed_cells(dropping));
  const auto by_itself = on(nullptr, mixed_cells(dropping));
  run(*trainer, 10);
  run(*by_itself, 10);
  EXPECT_THAT(trainer->execution(),
              StartsWith("trimmed, operator by operator: model transformer: noise is drawn on the "
                         "host"));
  EXPECT_LT(deviation(trainer->weights().flat(), by_itself->weights().flat()), 1e-9);
}

TEST(Program, FallsBackIfAReplayDoesNotRepeatTheStep) {
  const auto trainer = on(std::make_shared<ReplayBackend>(),
                          {test::experiment({"optimizer={name: counting_optimizer}"})});
  trainer->prepare();
  EXPECT_THAT(trainer->execution(), HasSubstr("operator by operator: three steps differ"));
}

TEST(Program, TakesTheFasterComputationAndKeepsItInCheckpoints) {
  const auto backend = std::make_shared<test::WatchedBackend>();
  backend->by_speed = true;
  const auto trainer = on(backend, mixed_cells());
  trainer->step();
  EXPECT_THAT(trainer->execution(),
              AnyOf(StartsWith("trimmed, recorded"), StartsWith("shared, recorded")));
  auto file = trainer->save(0);
  EXPECT_THAT(trainer->execution(), StartsWith(file.metadata.at("computation")));

  file.metadata["computation"] = "shared";  // whatever is faster by now
  const auto other = on(backend, {mixed_cells().front()});
  other->restore({file});
  other->prepare();
  EXPECT_THAT(other->execution(), StartsWith("shared, recorded"));
}

TEST(Program, RecordsAStepsTensorsForATrace) {
  const auto cells = mixed_cells({"precision=float64"});
  const auto program = on(std::make_shared<ReplayBackend>(), cells);
  const auto by_itself = on(nullptr, cells);
  for (int i = 0; i < 4; ++i) {
    const auto record = program->record_step(), expected = by_itself->record_step();
    EXPECT_TRUE(torch::equal(record.batch.x, expected.batch.x));
    EXPECT_TRUE(torch::equal(record.batch.row_weights, expected.batch.row_weights));
    EXPECT_LT(deviation(record.logits, expected.logits), 1e-10);
    EXPECT_LT(deviation(record.gradients, expected.gradients), 1e-10);
    EXPECT_LT(deviation(record.loss, expected.loss), 1e-10);
  }
}

TEST(ChooseBackend, OfCpuIsNone) {
  EXPECT_EQ(choose_backend(test::catalog(), test::experiment({"device=cpu"})), nullptr);
  EXPECT_EQ(device_name(nullptr), "cpu");
}

TEST(ChooseBackend, OfCpuReplayReplays) {
  const auto backend = choose_backend(test::catalog(), test::experiment({"device=cpu-replay"}));
  ASSERT_NE(backend, nullptr);
  EXPECT_THAT(device_name(backend.get()), HasSubstr("replaying"));
}

TEST(ChooseBackend, RefusesTf32WhereThereIsNone) {
  for (const auto* device : {"cpu", "cpu-replay"}) {
    EXPECT_THAT(
        [&] {
          choose_backend(test::catalog(),
                         test::experiment({"precision=tf32", std::string("device=") + device}));
        },
        ThrowsMessage<Error>(HasSubstr("precision: tf32 is there on device cuda only")));
  }
}

}  // namespace
}  // namespace groklab
