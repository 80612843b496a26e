#include "app/plan_timing.h"

#include "app/plan_report.h"
#include "support/experiments.h"
#include "support/threads.h"
#include "train/batches.h"

#include <gmock/gmock.h>

namespace groklab {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;
using testing::SizeIs;

// Two graphs: seven elements and eleven.
constexpr const char* kSweep = R"(
experiment: planned
device: cpu
operation: {name: add, modulus: 7}
model: {name: mlp, width: 8, hidden: 16}
loss: cross_entropy
optimizer: adamw
training: {steps: 31, batch_size: 10}
evaluation: {every: 10}
sweep:
  grid: {operation.modulus: [7, 11], data.train_fraction: [0.4, 0.6], training.batch_size: [10, 16]}
  seeds: 2
)";

LoadedSweep sweep(const std::vector<std::string>& overrides = {}) {
  const test::TemporaryFolder folder;
  return load_sweep(folder.write("spec.yaml", kSweep), overrides, {test::plugin_dir()});
}

SweepForecast planned(const LoadedSweep& loaded, std::size_t limit) {
  auto plan = plan_sweep(loaded, limit);
  count_rows(loaded, plan);
  return plan;
}

// As many as there could be in a test; 1 MiB of memory is for the program.
Resources resources(double memory = 1e12, double disk = 1e12) {
  return {memory, 1 << 20, disk, "runs"};
}

template <class Action>
std::string error_of(Action action) {
  try {
    action();
  } catch (const Error& error) {
    return error.what();
  }
  return "";
}

std::vector<std::size_t> sizes(const PlannedGraph& graph) {
  std::vector<std::size_t> all;
  for (const auto& pack : graph.packs) all.push_back(pack.cells.size());
  return all;
}

TEST(SweepForecast, GathersCellsIntoThePacksOfTheirGraphs) {
  const auto loaded = sweep();
  const auto plan = planned(loaded, 3);
  EXPECT_EQ(plan.cells, 16U);
  EXPECT_EQ(plan.packs(), 6U);
  ASSERT_THAT(plan.graphs, SizeIs(2));
  for (const auto& graph : plan.graphs) {
    EXPECT_EQ(graph.cells, 8U);
    EXPECT_THAT(sizes(graph), ElementsAre(3, 3, 2));
    EXPECT_EQ(graph.steps, 31);
    EXPECT_EQ(graph.evaluations, 5);
    EXPECT_EQ(graph.batch_rows, 16);
    const auto& widest = loaded.sweep.cells[graph.widest].experiment.training;
    EXPECT_EQ(widest.integer("batch_size"), 16);
  }
  EXPECT_EQ(plan.graphs[1].shape.elements, 11);
}

// The rows of each batch of every cell, one by one.
double rows_by_sampling(const LoadedSweep& loaded) {
  std::int64_t rows = 0;
  for (const auto& cell : loaded.sweep.cells) {
    const Trainer trainer(loaded.catalog, {cell.experiment});
    for (std::int64_t step = 0; step < 31; ++step) rows += trainer.sampler(0).valid_rows(step);
  }
  return static_cast<double>(rows);
}

TEST(SweepForecast, CountsTheRowsThatOnlyFillUpOnABackendAndNoneOnTheCpu) {
  const auto on_cpu = sweep();
  const auto rows = rows_by_sampling(on_cpu);
  auto plan = planned(on_cpu, 3);
  EXPECT_EQ(plan.rows(), rows);
  EXPECT_EQ(plan.computed_rows(), rows);

  plan = planned(sweep({"device=cpu-replay"}), 16);
  EXPECT_EQ(plan.rows(), rows);
  EXPECT_EQ(plan.computed_rows(), 16 * 16 * 31);
  plan = planned(sweep({"device=cpu-replay"}), 1);  // short last batches alone
  EXPECT_EQ(plan.computed_rows(), (10 + 16) * 8 * 31);
}

TEST(SweepForecast, NamesThePlaceOfWhatCannotBe) {
  const auto plan = [](const std::vector<std::string>& overrides) {
    return error_of([&] { planned(sweep(overrides), 16); });
  };
  EXPECT_THAT(plan({"data.train_fraction=0.999"}),
              HasSubstr("command line: data.train_fraction: train_fraction 0.999 of 49 rows"));
  EXPECT_THAT(plan({"operation=divide", "operation.modulus=8"}),
              HasSubstr("operation: operation divide: modulus 8 is not prime"));
  EXPECT_THAT(plan({"model={name: transformer, width: 10, heads: 4}"}),
              HasSubstr("model: model transformer: width 10 is not a multiple of heads 4"));
}

TEST(PlanCosts, AreCountedWhileThereIsTimeAndOtherwiseInProportion) {
  const auto loaded = sweep();
  auto all = planned(loaded, 16), hasty = all;
  count_costs(loaded, all, resources(), 1e9);
  count_costs(loaded, hasty, resources(), 0);
  EXPECT_TRUE(all.graphs[0].is_counted);
  EXPECT_TRUE(all.graphs[1].is_counted);
  EXPECT_FALSE(hasty.graphs[0].is_counted);
  EXPECT_TRUE(hasty.graphs[1].is_counted);  // has more work
  EXPECT_EQ(hasty.graphs[1].multiply_adds(), all.graphs[1].multiply_adds());
  EXPECT_NEAR(hasty.graphs[0].multiply_adds() / all.graphs[0].multiply_adds(), 1, 0.2);
}

TEST(PlanCosts, OperationsOfACellAreThoseOfItsRowsAndEvaluations) {
  const auto loaded = sweep({"operation.modulus=7"});
  auto plan = planned(loaded, 3);
  count_costs(loaded, plan, resources(), 1e9);
  constexpr int kForward = 2 * 8 * 16 + 16 * 7, kRow = 3 * kForward + 2 * 7 * 8;
  EXPECT_EQ(plan.graphs[0].multiply_adds(),
            rows_by_sampling(loaded) * kRow + 8 * 5 * 49.0 * kForward);
}

TEST(PlanMemory, WhatDoesNotFitIsRefusedWithTheLargestPackThatDoes) {
  const auto loaded = sweep({"operation.modulus=7"});
  auto plan = planned(loaded, 8);
  count_costs(loaded, plan, resources(), 1e9);
  const auto bytes = [&](int runs) { return pack_bytes(plan.graphs[0], runs, 1); };
  EXPECT_LT(bytes(5), bytes(6));
  const auto refusal = [&](double memory, std::int64_t jobs) {
    return error_of([&] { require_memory(loaded, plan, {jobs, 1}, resources(memory)); });
  };
  EXPECT_EQ(refusal(bytes(8), 1), "");
  const auto one = refusal(bytes(5), 1);
  EXPECT_THAT(one, HasSubstr("planned (data.train_fraction=0.4 training.batch_size=10 seed=0): "));
  EXPECT_THAT(one, HasSubstr("a pack of 8 runs would take about"));
  EXPECT_THAT(one, testing::EndsWith("--pack 5 fits"));
  EXPECT_THAT(refusal(bytes(1) - 1, 1), HasSubstr("even a pack of 1 would take"));

  // There is one pack, so one worker. Of packs of four there are two.
  EXPECT_EQ(refusal(bytes(8), 2), "");
  plan = planned(loaded, 4);
  count_costs(loaded, plan, resources(), 1e9);
  EXPECT_EQ(refusal(2 * bytes(4) + (1 << 20), 2), "");
  EXPECT_THAT(refusal(2 * bytes(3) + (1 << 20), 2), HasSubstr("2 packs at a time, each of 4 runs"));
  EXPECT_THAT(refusal(2 * bytes(3) + (1 << 20), 2), testing::EndsWith("; --pack 3 fits"));
  EXPECT_THAT(refusal(bytes(4), 2), HasSubstr("fits"));
}

TEST(PlanMemory, IsRefusedByShapesAloneBeforeAnythingIsTried) {
  const auto loaded = sweep({"operation.modulus=4001", "probes=[softmax_collapse]"});
  const auto plan = plan_sweep(loaded, 16);
  const auto error = error_of([&] {
    require_memory(loaded, plan, {1, 1}, resources(64.0 * (1 << 30)));
  });
  EXPECT_THAT(error, HasSubstr("a pack of 8 runs would take at least"));
  EXPECT_THAT(error, HasSubstr("leave out probes.0 (softmax_collapse)"));
  EXPECT_THAT(error, Not(HasSubstr("fits")));
}

TEST(PlanMemory, AGraphThatFillsItIsNotTried) {
  const auto loaded = sweep({"operation.modulus=7"});
  auto plan = planned(loaded, 8);
  const auto least = plan.graphs[0].shape.least_bytes(1);
  count_costs(loaded, plan, resources(1.1 * least), 1e9);
  EXPECT_FALSE(plan.graphs[0].is_counted);
  EXPECT_EQ(plan.graphs[0].multiply_adds(), 0);
}

TEST(PlanDisk, WhatDoesNotFitIsRefusedWithTheWayOut) {
  const auto loaded = sweep();
  auto plan = planned(loaded, 16);
  count_costs(loaded, plan, resources(), 1e9);
  const auto needed = disk_bytes(plan);
  EXPECT_GT(needed, 16 * 2 * plan.graphs[0].cost.checkpoint_bytes);
  EXPECT_EQ(error_of([&] { require_disk(plan, resources(1e12, needed)); }), "");
  const auto error = error_of([&] { require_disk(plan, resources(1e12, needed - 1)); });
  EXPECT_THAT(error, HasSubstr("choose another --out"));
}

// Times as if they had been measured.
SweepForecast timed() {
  const auto loaded = sweep({"training.steps=1000"});
  auto plan = planned(loaded, 3);  // of each graph 3, 3 and 2 runs
  for (auto& graph : plan.graphs) {
    graph.cost.row_multiply_adds = static_cast<double>(graph.shape.elements);
    graph.cost.evaluation_multiply_adds = 0;
  }
  plan.graphs[1].speed = MeasuredSpeed{3, 0.5, 2, 3 * 10 * 11.0, {}};
  return plan;
}

TEST(PackTimes, AreThoseOfTheRowsAndOfTheEvaluations) {
  const auto plan = timed();
  const PackTimes times(plan);
  const auto& graph = plan.graphs[1];
  for (const auto& pack : graph.packs) {
    const auto evaluations = 101 * 2.0 * static_cast<double>(pack.cells.size()) / 3;
    EXPECT_NEAR(times.seconds(graph, pack), pack.rows / 30 * 0.5 + evaluations, 1e-6);
  }
}

TEST(PackTimes, OfGraphsThatWereNotTimedFollowFromTheirOperations) {
  const auto plan = timed();
  const PackTimes times(plan);
  const auto& graph = plan.graphs[0];
  EXPECT_NEAR(times.seconds(graph), graph.multiply_adds() * 0.5 / 330, 1e-6);
}

TEST(PackTimes, OfSeveralWorkersAreThoseOfTheLastToBeFree) {
  const auto plan = timed();
  const PackTimes times(plan);
  EXPECT_NEAR(times.seconds(1), times.seconds(), 1e-6);
  EXPECT_LT(times.seconds(2), 0.7 * times.seconds());
  EXPECT_GE(times.seconds(2), 0.5 * times.seconds());
  double longest = 0;
  for (const auto& graph : plan.graphs) {
    for (const auto& pack : graph.packs) longest = std::max(longest, times.seconds(graph, pack));
  }
  EXPECT_EQ(times.seconds(100), longest);
}

TEST(MeasuredSpeeds, AreThoseOfTheLargestPackOfEachGraph) {
  const test::Threads threads(1);
  const auto loaded = sweep();
  auto plan = planned(loaded, 5);
  count_costs(loaded, plan, resources(), 1e9);
  measure_speeds(loaded, plan, {1, 1}, resources(), 0.2);
  for (const auto& graph : plan.graphs) {
    ASSERT_TRUE(graph.speed);
    EXPECT_EQ(graph.speed->replicas, 5);
    EXPECT_GT(graph.speed->step_seconds, 0);
    EXPECT_GT(graph.speed->evaluation_seconds, 0);
    EXPECT_GT(graph.speed->bytes.value(), graph.shape.least_bytes(5));
  }
}

TEST(PlanReport, SummarisesManyGraphs) {
  std::string widths = "model.width=1";
  for (int width = 2; width <= 60; ++width) widths += fmt::format(",{}", width);
  const auto loaded =
      sweep({widths, "operation.modulus=7", "training.batch_size=10", "data.train_fraction=0.5"});
  auto plan = planned(loaded, 16);
  count_costs(loaded, plan, resources(), 0);
  const PlanContext context{"planned", {1, 1}, resources()};
  const auto text = plan_text(plan, context);
  EXPECT_THAT(text, HasSubstr("planned: 120 runs, 60 packs, 60 graphs, on cpu\n"));
  EXPECT_THAT(text, HasSubstr("model.width  1, 2, 3, 4, 5, 6, … (60 values)\n"));
  EXPECT_THAT(text, HasSubstr("model.width=60\n"));
  EXPECT_THAT(text, HasSubstr("… and 40 graphs with less work"));
  EXPECT_LT(std::count(text.begin(), text.end(), '\n'), 40);
  const auto json = plan_json(plan, context);
  EXPECT_EQ(json.at("graphs").size(), 60U);
  EXPECT_EQ(json.at("split_by").at("model.width").size(), 60U);
  EXPECT_TRUE(json.at("seconds").is_null());
}

}  // namespace
}  // namespace groklab
