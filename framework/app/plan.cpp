#include "app/plan.h"

#include "spec/at_place.h"
#include "spec/scalars.h"
#include "train/backends.h"
#include "train/batches.h"
#include "train/evaluation_points.h"
#include "train/plugin_call.h"

#include <algorithm>
#include <map>
#include <numeric>
#include <unordered_map>

namespace groklab {
namespace {

// Rows of the tables of operations, each made once and dropped.
class TableRows {
 public:
  explicit TableRows(const Catalog& catalog) : catalog_(catalog) {}

  std::int64_t of(const Section& section) {
    auto key = section.plugin;
    for (const auto& setting : section.settings) key.append("\n").append(to_text(setting.value));
    const auto [known, is_new] = rows_.try_emplace(key, 0);
    if (is_new) {
      known->second = at_place(section.mark, "operation", [&] {
        const Used<Operation> operation{
            section.plugin, catalog_.create<Operation>(section.plugin, section.params())};
        return operation.call([](Operation& o) { return make_table(o); }).rows();
      });
    }
    return known->second;
  }

 private:
  const Catalog& catalog_;
  std::map<std::string, std::int64_t> rows_;
};

struct CellRows {
  std::int64_t batch;
  double trained;
};

CellRows rows_of(const Experiment& experiment, TableRows& tables, std::int64_t steps) {
  const auto of_table = tables.of(experiment.operation);
  const auto& fraction = experiment.data.at("train_fraction");
  return at_place(fraction.mark, "data.train_fraction", [&]() -> CellRows {
    const auto rows = training_rows(of_table, std::get<double>(fraction.value));
    const auto batch = batch_size(experiment.training.at("batch_size").value, rows);
    return {batch, static_cast<double>(rows_of_steps(rows, batch, steps))};
  });
}

void describe(const LoadedSweep& loaded, PlannedGraph& graph) {
  const auto& first = loaded.sweep.cells[graph.packs.front().cells.front()].experiment;
  graph.steps = first.training.integer("steps");
  graph.evaluations = EvaluationPoints(first).count();
  graph.backend = choose_backend(loaded.catalog, first);
  const auto elements = parse_integer(graph.settings.front().second).value();
  graph.shape = shape_of(loaded.catalog, first, elements, graph.backend != nullptr);
}

}  // namespace

std::int64_t PlannedGraph::largest_pack() const {
  std::size_t largest = 0;
  for (const auto& pack : packs) largest = std::max(largest, pack.cells.size());
  return static_cast<std::int64_t>(largest);
}

double PlannedGraph::multiply_adds(const ForeseenPack& pack) const {
  const auto replicas = static_cast<double>(pack.cells.size());
  return replicas * static_cast<double>(steps) * cost.step_multiply_adds +
         pack.computed_rows * cost.row_multiply_adds +
         replicas * static_cast<double>(evaluations) * cost.evaluation_multiply_adds;
}

double PlannedGraph::multiply_adds() const {
  double sum = 0;
  for (const auto& pack : packs) sum += multiply_adds(pack);
  return sum;
}

std::size_t SweepForecast::packs() const {
  std::size_t count = 0;
  for (const auto& graph : graphs) count += graph.packs.size();
  return count;
}

double SweepForecast::rows() const {
  double sum = 0;
  for (const auto& graph : graphs) {
    for (const auto& pack : graph.packs) sum += pack.rows;
  }
  return sum;
}

double SweepForecast::computed_rows() const {
  double sum = 0;
  for (const auto& graph : graphs) {
    for (const auto& pack : graph.packs) sum += pack.computed_rows;
  }
  return sum;
}

SweepForecast plan_sweep(const LoadedSweep& loaded, std::size_t limit) {
  const auto& cells = loaded.sweep.cells;
  SweepForecast plan{cells.size(), limit, {}};
  PackGraphs pack_graphs(loaded.catalog);
  std::vector<Candidate> candidates;
  std::unordered_map<std::string, std::size_t> numbers;  // of graphs
  for (const auto& cell : cells) {
    auto settings = pack_graphs.shared_settings(cell.experiment);
    const auto& graph = candidates.emplace_back(Candidate{graph_text(settings), 0}).graph;
    if (!numbers.try_emplace(graph, plan.graphs.size()).second) continue;
    plan.graphs.emplace_back().settings = std::move(settings);
  }
  for (auto& indices : plan_packs(candidates, limit)) {
    auto& graph = plan.graphs[numbers.at(candidates[indices.front()].graph)];
    graph.cells += indices.size();
    graph.packs.push_back({std::move(indices)});
  }
  for (auto& graph : plan.graphs) describe(loaded, graph);
  return plan;
}

void count_rows(const LoadedSweep& loaded, SweepForecast& plan) {
  TableRows tables(loaded.catalog);
  for (auto& graph : plan.graphs) {
    for (auto& pack : graph.packs) {
      std::int64_t widest = 0;
      for (const auto cell : pack.cells) {
        const auto rows = rows_of(loaded.sweep.cells[cell].experiment, tables, graph.steps);
        pack.rows += rows.trained;
        widest = std::max(widest, rows.batch);
        if (rows.batch > graph.batch_rows) {
          graph.batch_rows = rows.batch;
          graph.widest = cell;
        }
      }
      const auto columns = static_cast<double>(pack.cells.size()) *
                           static_cast<double>(graph.steps) * static_cast<double>(widest);
      pack.computed_rows = graph.shape.together ? columns : pack.rows;
    }
  }
}

}  // namespace groklab
