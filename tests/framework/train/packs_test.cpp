#include "train/packs.h"

#include "base/files.h"
#include "support/experiments.h"
#include "support/threads.h"
#include "train/session.h"

#include <gmock/gmock.h>

#include <cmath>
#include <deque>

namespace groklab {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::Not;

namespace fs = std::filesystem;

std::string graph(const std::vector<std::string>& overrides) {
  return graph_of(test::catalog(), test::experiment(overrides));
}

TEST(Graph, IsSharedByCellsThatDifferInWhatEachReplicaHasOfItsOwn) {
  const auto base = graph({});
  for (const auto* own :
       {"seed=3", "seed.init=1", "data.train_fraction=0.7", "data.outliers=5", "operation=multiply",
        "optimizer.learning_rate=0.5", "optimizer.weight_decay=0", "training.batch_size=full",
        "stop.when=generalized", "stop.patience=0"}) {
    EXPECT_EQ(graph({own}), base) << own;
  }
}

TEST(Graph, DiffersWhereOneComputationCannotServeBoth) {
  const auto base = graph({});
  for (const auto* shared : {"operation.modulus=11", "model.width=8", "model=mlp", "optimizer=sgd",
                             "precision=float64", "training.steps=7", "evaluation.every=3",
                             "probes=[weight_norm]", "regularizers=[weight_decay]"}) {
    EXPECT_NE(graph({shared}), base) << shared;
  }
}

TEST(PlanPacks, GathersCellsOfOneGraphAndStepUpToTheLimit) {
  const std::vector<Candidate> cells{{"a", 0}, {"b", 0}, {"a", 0}, {"a", 4},
                                     {"a", 0}, {"b", 0}, {"a", 0}};
  EXPECT_THAT(plan_packs(cells, 3),
              ElementsAre(ElementsAre(0, 2, 4), ElementsAre(1, 5), ElementsAre(3), ElementsAre(6)));
  EXPECT_EQ(plan_packs(cells, 1).size(), cells.size());
  EXPECT_THAT(plan_packs({}, 3), IsEmpty());
}

// 132 pairs a batch are two blocks of rows; 23 elements, so 300 steps are many epochs with a short
// batch at the end of each.
constexpr const char* kSpec = R"(
experiment: mixed
operation: {name: add, modulus: 23}
data: {train_fraction: 0.5}
model: {name: transformer, layers: 2, width: 16, heads: 4}
loss: cross_entropy
optimizer: {name: adamw, learning_rate: 1e-2, weight_decay: 1.0}
training: {steps: 300, batch_size: paper}
evaluation: {every: 100}
checkpoint: {every: 40}
)";

std::vector<Experiment> mixed_cells() {
  std::vector<Experiment> cells;
  for (int i = 0; i < 36; ++i) {
    const std::array operations{"add", "subtract", "multiply", "divide"};
    const auto text = [](const char* key, double value) {
      return fmt::format("{}={}", key, value);
    };
    cells.push_back(test::experiment(
        {fmt::format("operation={}", operations[i % 4]), fmt::format("seed={}", i / 4),
         text("data.train_fraction", 0.2 + 0.1 * (i % 7)),
         fmt::format("data.outliers={}", i % 3 * 20),
         text("optimizer.learning_rate", i == 17 ? 1e30 : 1e-3 * (1 + i % 5)),
         text("optimizer.weight_decay", 0.5 * (i % 3))},
        kSpec));
  }
  return cells;
}

// Trains cells as one pack, each into `folder`/<its number>; `stop_after` steps of this session.
std::vector<SessionResult> train(const std::vector<Experiment>& cells, const fs::path& folder,
                                 std::size_t first, std::size_t count, int stop_after = -1) {
  std::deque<RunFolder> folders;
  std::vector<PackRun> runs;
  for (auto i = first; i < first + count; ++i) {
    auto& run =
        folders.emplace_back(folder / std::to_string(i), identity_of(cells[i], test::catalog()));
    if (run.status() != RunStatus::diverged) runs.push_back({&cells[i], &run});
  }
  int steps = 0;
  return run_session(test::catalog(), runs,
                     {.progress = [&](const Progress&) { ++steps; },
                      .stop_requested = [&] { return steps == stop_after; }});
}

TEST(Pack, ThirtySixMixedCellsStoppedAndResumedGiveEachOnesSoloRunBitForBit) {
  const test::TemporaryFolder folder;
  const auto cells = mixed_cells();
  {
    const test::Threads threads(3);
    const auto stopped = train(cells, folder.path() / "pack", 0, cells.size(), 130);
    EXPECT_EQ(stopped[0].status, RunStatus::interrupted);
    EXPECT_EQ(stopped[17].status, RunStatus::diverged);
    for (const auto& result : train(cells, folder.path() / "pack", 0, cells.size())) {
      EXPECT_EQ(result.status, RunStatus::done) << result.failure;
    }
  }
  const test::Threads threads(1);
  for (std::size_t i = 0; i < cells.size(); ++i) {
    train(cells, folder.path() / "solo", i, 1);
    const auto number = std::to_string(i);
    for (const auto* file : {"metrics.jsonl", "checkpoint.safetensors"}) {
      const auto alone = folder.path() / "solo" / number / file;
      const auto together = folder.path() / "pack" / number / file;
      ASSERT_EQ(fs::exists(alone), fs::exists(together)) << together;
      if (!fs::exists(alone)) continue;
      EXPECT_EQ(read_file(alone), read_file(together)) << together;
    }
  }
}

TEST(Pack, OneRunInTwoThreadsOrThreeGivesTheBitsOfOneThread) {
  const test::TemporaryFolder folder;
  const auto cells = mixed_cells();
  for (const int count : {1, 2, 3}) {
    const test::Threads threads(count);
    train(cells, folder.path() / std::to_string(count), 0, 1, 60);
  }
  const auto bytes = [&](const char* count) {
    return read_file(folder.path() / count / "0/checkpoint.safetensors");
  };
  EXPECT_THAT(bytes("1"), Not(IsEmpty()));
  EXPECT_EQ(bytes("1"), bytes("2"));
  EXPECT_EQ(bytes("1"), bytes("3"));
}

}  // namespace
}  // namespace groklab
