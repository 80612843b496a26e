#include "app/plan_costs.h"

#include "app/units.h"
#include "base/clock.h"
#include "base/resources.h"

#include <fmt/format.h>
#include <groklab/probe.h>

#include <algorithm>
#include <chrono>
#include <numeric>

namespace groklab {
namespace {

constexpr double kRecordBytes = 16 << 10;  // of a run's folder besides checkpoints and metrics
constexpr int kCheckpoints = 2;            // that a run keeps

double weight_of(const PlannedGraph& graph) {
  double rows = 0;
  for (const auto& pack : graph.packs) rows += pack.computed_rows;
  return rows * static_cast<double>(graph.shape.parameters);
}

const std::string& setting(const PlannedGraph& graph, const std::string& key) {
  const auto entry = std::find_if(graph.settings.begin(), graph.settings.end(),
                                  [&](const auto& one) { return one.first == key; });
  return entry->second;
}

// The cost of a graph by that of another: products and tensors of weights grow with their number,
// those of an evaluation with the pairs as well.
PackCost in_proportion(PackCost cost, const PackShape& from, const PackShape& to) {
  const auto weights = static_cast<double>(to.parameters) / static_cast<double>(from.parameters);
  const auto elements = static_cast<double>(to.elements) / static_cast<double>(from.elements);
  for (auto* part : {&cost.step_multiply_adds, &cost.row_multiply_adds, &cost.made.own,
                     &cost.step.own, &cost.step.shared, &cost.checkpoint_bytes}) {
    *part *= weights;
  }
  cost.evaluation_multiply_adds *= weights * elements * elements;
  for (auto* part : {&cost.evaluation.own, &cost.evaluation.shared}) {
    *part *= std::max(weights, elements * elements * elements);
  }
  return cost;
}

// The counted graph that is most like it: of its model, and the nearest in parameters. nullptr:
// none was counted.
const PlannedGraph* most_like(const PlannedGraph& graph, const SweepForecast& plan) {
  const PlannedGraph* best = nullptr;
  const auto distance = [&](const PlannedGraph& other) {
    return std::pair(setting(graph, "model.name") != setting(other, "model.name"),
                     std::abs(graph.shape.parameters - other.shape.parameters));
  };
  for (const auto& other : plan.graphs) {
    if (!other.is_counted) continue;
    if (best == nullptr || distance(other) < distance(*best)) best = &other;
  }
  return best;
}

// What could be smaller, if a pack of one does not fit.
std::string way_out(const LoadedSweep& loaded, const PlannedGraph& graph) {
  std::string text =
      "choose a smaller model (such as by model.width) or training.batch_size, or an operation "
      "with "
      "fewer elements";
  if (!graph.shape.keeps_logits) return text;
  const auto& experiment = loaded.sweep.cells[graph.packs.front().cells.front()].experiment;
  for (std::size_t i = 0; i < experiment.probes.size(); ++i) {
    const auto& section = experiment.probes[i];
    const auto probe = loaded.catalog.create<Probe>(section.plugin, section.params());
    if (!probe->reads_logits()) continue;
    return text + fmt::format(
                      ", or leave out probes.{} ({}), for which the logits of all pairs are "
                      "kept: {} a replica",
                      i, section.plugin, bytes_text(graph.shape.logits_bytes()));
  }
  return text;
}

[[noreturn]] void refuse(const LoadedSweep& loaded, const PlannedGraph& graph,
                         const Workers& workers, const Resources& resources) {
  const auto& cell = loaded.sweep.cells[graph.packs.front().cells.front()];
  const auto needed = [&](std::int64_t replicas, std::int64_t jobs) {
    const auto pack = pack_bytes(graph, replicas, workers.threads);
    return static_cast<double>(jobs) * (resources.own_memory + pack) - resources.own_memory;
  };
  const auto fits = [&](std::int64_t replicas, std::int64_t jobs) {
    return needed(replicas, jobs) <= resources.memory;
  };
  const auto replicas = graph.largest_pack();
  auto text = fmt::format(
      "{}{}: {} of {}{} would take {} {} of memory, and {} are available; ", cell.experiment.name(),
      cell.coordinates.empty() ? "" : fmt::format(" ({})", to_text(cell.coordinates)),
      workers.jobs == 1 ? "a pack" : fmt::format("{} packs at a time, each", workers.jobs),
      counted(static_cast<std::size_t>(replicas), "run"), workers.jobs == 1 ? "" : ",",
      graph.is_counted ? "about" : "at least", bytes_text(needed(replicas, workers.jobs)),
      bytes_text(resources.memory));
  for (auto jobs = workers.jobs; jobs > 0; --jobs) {
    for (auto smaller = replicas; smaller > 0; --smaller) {
      if (!fits(smaller, jobs)) continue;
      const auto pack = smaller < replicas ? fmt::format("--pack {}", smaller) : "";
      const auto job = jobs < workers.jobs ? fmt::format("--jobs {}", jobs) : "";
      throw DoesNotFit(fmt::format("{}{}{}{} {}", text, pack,
                                   pack.empty() || job.empty() ? "" : " with ", job,
                                   graph.is_counted ? "fits" : "may fit"));
    }
  }
  throw DoesNotFit(fmt::format("{}even a pack of 1 would take {}: {}", text,
                               bytes_text(needed(1, 1)), way_out(loaded, graph)));
}

}  // namespace

Resources resources_for(const std::filesystem::path& out) {
  return {static_cast<double>(available_memory()), static_cast<double>(own_memory()),
          static_cast<double>(free_disk_space(out)), out};
}

bool is_safe_to_try(double bytes, const Resources& resources) {
  return bytes <= 0.8 * resources.memory;
}

void count_costs(const LoadedSweep& loaded, SweepForecast& plan, const Resources& resources,
                 double seconds) {
  const auto start = std::chrono::steady_clock::now();
  std::vector<PlannedGraph*> graphs;
  for (auto& graph : plan.graphs) graphs.push_back(&graph);
  std::stable_sort(graphs.begin(), graphs.end(),
                   [](const auto* a, const auto* b) { return weight_of(*a) > weight_of(*b); });
  for (auto* graph : graphs) {
    if (graph != graphs.front() && seconds_since(start) > seconds) break;
    if (!is_safe_to_try(graph->shape.least_bytes(1), resources)) continue;
    const auto& cell = loaded.sweep.cells[graph->widest];
    graph->cost = count_cost(loaded.catalog, cell.experiment, graph->shape, graph->batch_rows,
                             static_cast<std::int64_t>(resources.memory));
    graph->is_counted = true;
  }
  for (auto* graph : graphs) {
    const auto* known = graph->is_counted ? nullptr : most_like(*graph, plan);
    if (known != nullptr) graph->cost = in_proportion(known->cost, known->shape, graph->shape);
  }
}

double pack_bytes(const PlannedGraph& graph, std::int64_t replicas, std::int64_t threads) {
  const auto& speed = graph.speed;
  if (speed && speed->bytes && speed->replicas == replicas) return *speed->bytes;
  const auto at_once = graph.shape.together ? 1 : computed_at_once(replicas, threads);
  return std::max(graph.shape.least_bytes(replicas), graph.cost.bytes(replicas, at_once));
}

double disk_bytes(const PlannedGraph& graph) {
  return static_cast<double>(graph.cells) *
         (kRecordBytes + kCheckpoints * graph.cost.checkpoint_bytes +
          static_cast<double>(graph.evaluations) * graph.cost.metrics_bytes);
}

double disk_bytes(const SweepForecast& plan) {
  double sum = 0;
  for (const auto& graph : plan.graphs) sum += disk_bytes(graph);
  return sum;
}

void require_memory(const LoadedSweep& loaded, const SweepForecast& plan, const Workers& workers,
                    const Resources& resources) {
  for (const auto& graph : plan.graphs) {
    if (graph.backend && !graph.backend->device().is_cpu()) continue;
    const auto pack = pack_bytes(graph, graph.largest_pack(), workers.threads);
    // This process is one of the workers, and has its own memory already.
    const auto jobs = std::min<std::int64_t>(workers.jobs, static_cast<std::int64_t>(plan.packs()));
    const auto needed =
        static_cast<double>(jobs) * (resources.own_memory + pack) - resources.own_memory;
    if (needed > resources.memory) refuse(loaded, graph, {jobs, workers.threads}, resources);
  }
}

void require_disk(const SweepForecast& plan, const Resources& resources) {
  const auto needed = disk_bytes(plan);
  if (needed <= resources.disk) return;
  throw Error(fmt::format(
      "{}: the runs of this sweep would take about {} ({} runs with {} checkpoints each, and "
      "metrics), and {} are free; make room there, choose another --out, or evaluate less often "
      "(evaluation.every)",
      resources.out.string(), bytes_text(needed), plan.cells, kCheckpoints,
      bytes_text(resources.disk)));
}

}  // namespace groklab
