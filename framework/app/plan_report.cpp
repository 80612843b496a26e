#include "app/plan_report.h"

#include "app/plan_timing.h"
#include "app/summary_table.h"
#include "app/units.h"
#include "base/text.h"
#include "train/backends.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <optional>

namespace groklab {
namespace {

using Json = nlohmann::ordered_json;
using Rows = std::vector<std::pair<std::string, std::string>>;

constexpr std::size_t kShownGraphs = 20, kShownKeys = 12, kShownValues = 6;

// What both reports are made from.
struct Facts {
  const SweepForecast& plan;
  const PlanContext& context;
  PackTimes times;
  std::vector<GraphDifference> split_by;

  Facts(const SweepForecast& of_plan, const PlanContext& in_context)
      : plan(of_plan), context(in_context), times(of_plan) {
    std::vector<SharedSettings> graphs;
    for (const auto& graph : plan.graphs) graphs.push_back(graph.settings);
    split_by = differences(graphs);
  }

  bool is_timed() const {
    return std::any_of(plan.graphs.begin(), plan.graphs.end(),
                       [](const auto& graph) { return graph.speed.has_value(); });
  }

  double bytes(const PlannedGraph& graph) const {
    return pack_bytes(graph, graph.largest_pack(), context.workers.threads);
  }

  // The graph whose packs take most.
  const PlannedGraph& largest() const {
    return *std::max_element(plan.graphs.begin(), plan.graphs.end(),
                             [&](const auto& a, const auto& b) { return bytes(a) < bytes(b); });
  }

  double multiply_adds() const {
    double sum = 0;
    for (const auto& graph : plan.graphs) sum += graph.multiply_adds();
    return sum;
  }

  double waste() const { return 1 - plan.rows() / plan.computed_rows(); }

  // Packs by the number of their runs, from many to few.
  std::map<std::size_t, std::size_t, std::greater<>> sizes(const PlannedGraph* of = nullptr) const {
    std::map<std::size_t, std::size_t, std::greater<>> sizes;
    for (const auto& graph : plan.graphs) {
      if (of != nullptr && &graph != of) continue;
      for (const auto& pack : graph.packs) ++sizes[pack.cells.size()];
    }
    return sizes;
  }
};

std::string sizes_text(const std::map<std::size_t, std::size_t, std::greater<>>& sizes) {
  std::vector<std::string> parts;
  for (const auto& [runs, packs] : sizes) parts.push_back(fmt::format("{} of {}", packs, runs));
  if (parts.size() > kShownValues) {
    parts.resize(kShownValues);
    parts.push_back("…");
  }
  return join(parts, ", ");
}

std::string values_text(const std::vector<std::string>& values) {
  const auto shown = std::min(values.size(), kShownValues);
  auto text = join({values.begin(), values.begin() + static_cast<std::ptrdiff_t>(shown)}, ", ");
  if (shown < values.size()) text += fmt::format(", … ({} values)", values.size());
  return text;
}

// Why there are more packs than one.
std::string split_text(const Facts& facts) {
  if (facts.plan.packs() == 1) return "";
  if (facts.split_by.empty()) {
    return fmt::format("packs are split by --pack {} alone: all runs could share one\n",
                       facts.plan.limit);
  }
  std::string text = fmt::format("packs are split by --pack {} and by what a pack has in common\n",
                                 facts.plan.limit);
  Rows rows;
  for (const auto& [key, values] : facts.split_by) {
    if (rows.size() == kShownKeys) {
      rows.emplace_back(fmt::format("… {} keys more", facts.split_by.size() - kShownKeys), "");
      break;
    }
    rows.emplace_back(key, values_text(values));
  }
  return text + two_columns(rows);
}

// What tells a graph from the others, at the end of its line: "  model.width=64 elements=97".
std::string label(const Facts& facts, const PlannedGraph& graph) {
  std::vector<std::string> parts;
  for (const auto& [key, values] : facts.split_by) {
    const auto entry = std::find_if(graph.settings.begin(), graph.settings.end(),
                                    [&](const auto& setting) { return setting.first == key; });
    if (entry == graph.settings.end()) continue;
    if (parts.size() == 4) {
      parts.push_back("…");
      break;
    }
    parts.push_back(fmt::format("{}={}", entry->first, entry->second));
  }
  return parts.empty() ? "" : "  " + join(parts, " ");
}

// A number that was taken from other graphs in proportion is marked.
std::string marked(bool is_known, const std::string& text) { return (is_known ? "" : "~") + text; }

// Multiply-adds; those of a graph that could not be tried are not known.
std::string work_text(double multiply_adds) {
  return multiply_adds > 0 ? count_text(multiply_adds) : "?";
}

Json known(double number) { return number > 0 ? Json(number) : Json(); }

std::string graph_line(const Facts& facts, const PlannedGraph& graph) {
  const auto& speed = graph.speed;
  return fmt::format(
      "  {:>6}  {:>6}  {:>11}  {:>9}  {:>6}  {:>13}  {:>8}  {:>9}  {:>13}{}\n", graph.cells,
      graph.packs.size(), graph.shape.parameters, graph.steps, graph.evaluations,
      marked(graph.is_counted, work_text(graph.multiply_adds())),
      speed ? fmt::format("{:.2f}", 1e3 * speed->step_seconds) : "",
      marked(graph.is_counted, bytes_text(facts.bytes(graph))),
      facts.is_timed() ? marked(speed.has_value(), duration_text(facts.times.seconds(graph))) : "",
      label(facts, graph));
}

// The graphs with most work, in their order, and how many others there are.
std::string graph_table(const Facts& facts) {
  auto text = fmt::format("  {:>6}  {:>6}  {:>11}  {:>9}  {:>6}  {:>13}  {:>8}  {:>9}  {:>13}{}\n",
                          "runs", "packs", "parameters", "steps", "evals", "multiply-adds",
                          "ms/step", "memory", "time", facts.split_by.empty() ? "" : "  graph");
  std::vector<const PlannedGraph*> shown;
  for (const auto& graph : facts.plan.graphs) shown.push_back(&graph);
  std::stable_sort(shown.begin(), shown.end(), [](const auto* a, const auto* b) {
    return a->multiply_adds() > b->multiply_adds();
  });
  shown.resize(std::min(shown.size(), kShownGraphs));
  std::sort(shown.begin(), shown.end());  // they lie in one array
  bool any_marked = false;
  for (const auto* graph : shown) {
    text += graph_line(facts, *graph);
    any_marked |= !graph->is_counted || (facts.is_timed() && !graph->speed);
  }
  if (const auto others = facts.plan.graphs.size() - shown.size(); others > 0) {
    text +=
        fmt::format("  … and {} with less work; --format json has all\n", counted(others, "graph"));
  }
  if (any_marked) text += "  ~: in proportion to graphs that were counted or timed\n";
  return text;
}

std::string time_text(const Facts& facts) {
  if (!facts.is_timed()) return "not measured";
  const auto& workers = facts.context.workers;
  const auto all = duration_text(facts.times.seconds());
  const auto threads = counted(static_cast<std::size_t>(workers.threads), "thread");
  if (workers.jobs == 1) return fmt::format("about {} with {}", all, threads);
  return fmt::format(
      "about {} with {} workers of {} each, and more where they slow one another down; {} one pack "
      "after another",
      duration_text(facts.times.seconds(workers.jobs)), workers.jobs, threads, all);
}

std::string memory_text(const Facts& facts) {
  const auto& graph = facts.largest();
  const auto pack = fmt::format("about {} for a pack of {}", bytes_text(facts.bytes(graph)),
                                graph.largest_pack());
  if (graph.backend && !graph.backend->device().is_cpu()) {
    return pack + " on the device, which does not say how much it has";
  }
  const auto& [jobs, threads] = facts.context.workers;
  const auto& resources = facts.context.resources;
  return fmt::format(
      "{}, and {} for the program{}; {} available", pack, bytes_text(resources.own_memory),
      jobs > 1 ? fmt::format(", in each of {} workers", jobs) : "", bytes_text(resources.memory));
}

std::string waste_text(const Facts& facts) {
  const auto packs =
      fmt::format("packs of {} runs at most: {}", facts.plan.limit, sizes_text(facts.sizes()));
  if (facts.waste() > 0) {
    return fmt::format("{:.1f} % of the rows that are computed only fill batches up; {}",
                       100 * facts.waste(), packs);
  }
  const bool together = facts.plan.graphs.front().shape.together;
  return (together ? "no row only fills a batch up; "
                   : "none: on the CPU a run computes its own rows alone; ") +
         packs;
}

Json json_of(const Facts& facts, const PlannedGraph& graph) {
  Json settings, packs = Json::object(), speed;
  for (const auto& [key, value] : graph.settings) settings[key] = value;
  for (const auto& [runs, count] : facts.sizes(&graph)) packs[std::to_string(runs)] = count;
  double rows = 0, computed = 0;
  for (const auto& pack : graph.packs) {
    rows += pack.rows;
    computed += pack.computed_rows;
  }
  if (graph.speed) {
    speed = {{"replicas", graph.speed->replicas},
             {"step_seconds", graph.speed->step_seconds},
             {"evaluation_seconds", graph.speed->evaluation_seconds}};
  }
  return {{"cells", graph.cells},
          {"packs_by_runs", packs},
          {"device", device_name(graph.backend.get())},
          {"elements", graph.shape.elements},
          {"parameters", graph.shape.parameters},
          {"batch_size", graph.batch_rows},
          {"steps", graph.steps},
          {"evaluations", graph.evaluations},
          {"rows", rows},
          {"computed_rows", computed},
          {"counted", graph.is_counted},
          {"step_multiply_adds", graph.cost.step_of(static_cast<double>(graph.batch_rows))},
          {"evaluation_multiply_adds", graph.cost.evaluation_multiply_adds},
          {"multiply_adds", known(graph.multiply_adds())},
          {"pack_bytes", facts.bytes(graph)},
          {"checkpoint_bytes", graph.cost.checkpoint_bytes},
          {"disk_bytes", disk_bytes(graph)},
          {"measured", speed},
          {"seconds", facts.is_timed() ? Json(facts.times.seconds(graph)) : Json()},
          {"settings", settings}};
}

}  // namespace

std::string plan_text(const SweepForecast& plan, const PlanContext& context) {
  const Facts facts(plan, context);
  const auto& graph = plan.graphs.front();
  auto text = fmt::format("{}: {}, {}, {}, on {}\n", context.experiment, counted(plan.cells, "run"),
                          counted(plan.packs(), "pack"), counted(plan.graphs.size(), "graph"),
                          device_name(graph.backend.get()));
  text += two_columns(
      {{"operations",
        fmt::format("{} multiply-adds of products", count_text(facts.multiply_adds()))},
       {"time", time_text(facts)},
       {"memory", memory_text(facts)},
       {"disk", fmt::format("about {} in {}, with two checkpoints a run; {} free",
                            bytes_text(disk_bytes(plan)), context.resources.out.string(),
                            bytes_text(context.resources.disk))},
       {"waste", waste_text(facts)}});
  return text + split_text(facts) + graph_table(facts);
}

Json plan_json(const SweepForecast& plan, const PlanContext& context) {
  const Facts facts(plan, context);
  Json split = Json::object(), graphs = Json::array(), packs = Json::object();
  for (const auto& [key, values] : facts.split_by) split[key] = values;
  for (const auto& graph : plan.graphs) graphs.push_back(json_of(facts, graph));
  for (const auto& [runs, count] : facts.sizes()) packs[std::to_string(runs)] = count;
  const auto& [jobs, threads] = context.workers;
  const bool timed = facts.is_timed();
  return {{"experiment", context.experiment},
          {"cells", plan.cells},
          {"packs", plan.packs()},
          {"pack_limit", plan.limit},
          {"packs_by_runs", packs},
          {"split_by", split},
          {"jobs", jobs},
          {"threads", threads},
          {"multiply_adds", known(facts.multiply_adds())},
          {"seconds", timed ? Json(facts.times.seconds()) : Json()},
          {"seconds_with_jobs", timed ? Json(facts.times.seconds(jobs)) : Json()},
          {"pack_bytes", facts.bytes(facts.largest())},
          {"program_bytes", context.resources.own_memory},
          {"available_bytes", context.resources.memory},
          {"disk_bytes", disk_bytes(plan)},
          {"free_disk_bytes", context.resources.disk},
          {"wasted_rows", facts.waste()},
          {"graphs", graphs}};
}

}  // namespace groklab
