#include "app/plan_timing.h"

#include "app/tensor_memory.h"
#include "base/clock.h"
#include "base/text.h"
#include "report/statistics.h"
#include "train/backends.h"
#include "train/trainer.h"

#include <fmt/format.h>
#include <groklab/parallel.h>

#include <algorithm>
#include <chrono>
#include <queue>
#include <vector>

namespace groklab {
namespace {

using Clock = std::chrono::steady_clock;

constexpr std::size_t kLeastSteps = 3, kMostSteps = 30;  // that are timed
constexpr std::size_t kMostEvaluations = 5;

// Seconds of `action`, `least` times, and on while `left` lasts up to `most` times; their median.
template <class Action>
double time_of(double left, std::size_t least, std::size_t most, Action action) {
  const auto begin = Clock::now();
  std::vector<double> seconds;
  while (seconds.size() < least || (seconds.size() < most && seconds_since(begin) < left)) {
    const auto start = Clock::now();
    action();
    seconds.push_back(seconds_since(start));
  }
  return median(std::move(seconds));
}

double multiply_adds_of_step(const PlannedGraph& graph, const Trainer& trainer) {
  double sum = 0, widest = 0;
  for (std::size_t r = 0; r < static_cast<std::size_t>(trainer.replicas()); ++r) {
    const auto rows = static_cast<double>(trainer.sampler(r).batch_size());
    widest = std::max(widest, rows);
    sum += graph.cost.step_of(rows);
  }
  return graph.shape.together ? static_cast<double>(trainer.replicas()) * graph.cost.step_of(widest)
                              : sum;
}

bool is_cpu(const PlannedGraph& graph) {
  return graph.backend == nullptr || graph.backend->device().is_cpu();
}

MeasuredSpeed measure(const LoadedSweep& loaded, const PlannedGraph& graph, double seconds) {
  const auto largest = std::max_element(
      graph.packs.begin(), graph.packs.end(),
      [](const auto& a, const auto& b) { return a.cells.size() < b.cells.size(); });
  std::vector<Experiment> replicas;
  for (const auto cell : largest->cells) replicas.push_back(loaded.sweep.cells[cell].experiment);
  const auto peak_before = is_cpu(graph) ? std::nullopt : graph.backend->peak_bytes();
  const TensorMemory memory;
  Trainer trainer(loaded.catalog, std::move(replicas), graph.backend);
  trainer.step();  // allocates, and makes the program of a device
  trainer.wait();
  MeasuredSpeed speed;
  speed.replicas = trainer.replicas();
  speed.step_seconds = time_of(seconds / 2, kLeastSteps, kMostSteps, [&] {
    trainer.step(/*observed=*/false);
    trainer.wait();
  });
  speed.step_multiply_adds = multiply_adds_of_step(graph, trainer);
  if (graph.shape.together) trainer.evaluate();  // what a device's libraries make once
  speed.evaluation_seconds = time_of(seconds / 4, 1, kMostEvaluations, [&] { trainer.evaluate(); });
  if (is_cpu(graph)) {
    speed.bytes = static_cast<double>(memory.peak() + memory.others());
  } else if (graph.backend->peak_bytes() > peak_before) {
    speed.bytes = static_cast<double>(graph.backend->peak_bytes().value());
  }
  return speed;
}

}  // namespace

void measure_speeds(const LoadedSweep& loaded, SweepForecast& plan, const Workers& workers,
                    const Resources& resources, double seconds) {
  const auto begin = Clock::now();
  set_thread_count(static_cast<int>(workers.threads));
  std::vector<PlannedGraph*> graphs;
  for (auto& graph : plan.graphs) graphs.push_back(&graph);
  std::stable_sort(graphs.begin(), graphs.end(), [](const auto* a, const auto* b) {
    return a->multiply_adds() > b->multiply_adds();
  });
  for (std::size_t i = 0; i < graphs.size(); ++i) {
    const auto left = seconds - seconds_since(begin);
    if (i > 0 && left <= 0) return;
    auto& graph = *graphs[i];
    const auto bytes = pack_bytes(graph, graph.largest_pack(), workers.threads);
    if (is_cpu(graph) && !is_safe_to_try(bytes, resources)) continue;
    try {
      graph.speed = measure(loaded, graph, left / static_cast<double>(graphs.size() - i));
    } catch (const std::exception& error) {
      throw Error(fmt::format("a pack of {} does not run on {}: {}; a smaller --pack takes less",
                              graph.largest_pack(), device_name(graph.backend.get()),
                              message_of(error)));
    }
  }
}

PackTimes::PackTimes(const SweepForecast& plan) : plan_(plan) {
  double seconds = 0, multiply_adds = 0;
  for (const auto& graph : plan.graphs) {
    if (!graph.speed) continue;
    seconds += graph.speed->step_seconds;
    multiply_adds += graph.speed->step_multiply_adds;
  }
  if (multiply_adds > 0) seconds_of_multiply_add_ = seconds / multiply_adds;
}

double PackTimes::seconds(const PlannedGraph& graph, const ForeseenPack& pack) const {
  const auto& speed = graph.speed;
  if (!speed) return graph.multiply_adds(pack) * seconds_of_multiply_add_;
  const auto steps = static_cast<double>(graph.steps);
  const auto evaluations = static_cast<double>(graph.evaluations) * speed->evaluation_seconds;
  // A smaller pack may be as slow on a device, which has its replicas computed at once.
  if (graph.shape.together) return steps * speed->step_seconds + evaluations;
  const auto share = static_cast<double>(pack.cells.size()) / static_cast<double>(speed->replicas);
  const auto work = static_cast<double>(pack.cells.size()) * steps * graph.cost.step_multiply_adds +
                    pack.computed_rows * graph.cost.row_multiply_adds;
  const auto steps_done =
      speed->step_multiply_adds > 0 ? work / speed->step_multiply_adds : steps * share;
  return steps_done * speed->step_seconds + share * evaluations;
}

double PackTimes::seconds(const PlannedGraph& graph) const {
  double sum = 0;
  for (const auto& pack : graph.packs) sum += seconds(graph, pack);
  return sum;
}

double PackTimes::seconds() const {
  double sum = 0;
  for (const auto& graph : plan_.graphs) sum += seconds(graph);
  return sum;
}

double PackTimes::seconds(std::int64_t jobs) const {
  std::priority_queue<double, std::vector<double>, std::greater<>> free_at;
  for (std::int64_t i = 0; i < jobs; ++i) free_at.push(0);
  double last = 0;
  for (const auto& graph : plan_.graphs) {
    for (const auto& pack : graph.packs) {
      const auto end = free_at.top() + seconds(graph, pack);
      free_at.pop();
      free_at.push(end);
      last = std::max(last, end);
    }
  }
  return last;
}

}  // namespace groklab
