#include "train/packs.h"

#include "spec/at_place.h"
#include "train/plugin_call.h"
#include "train/table.h"

#include <algorithm>
#include <array>
#include <unordered_map>
#include <utility>

namespace groklab {
namespace {

// Settings that replicas have each their own of, whatever plugins there are.
bool is_own(const std::string& key) {
  constexpr std::array kPrefixes{"seed.", "data.", "operation.", "stop."};
  return key == "experiment" || key == "claim" || key == "training.batch_size" ||
         std::any_of(kPrefixes.begin(), kPrefixes.end(),
                     [&](const char* prefix) { return key.starts_with(prefix); });
}

std::string text_of(const Section& section) {
  auto text = section.plugin;
  for (const auto& setting : section.settings) {
    text += fmt::format("\n{}={}", setting.key, to_text(setting.value));
  }
  return text;
}

}  // namespace

std::int64_t PackGraphs::elements_of(const Section& operation) {
  const auto [known, is_new] = elements_.try_emplace(text_of(operation), 0);
  if (is_new) {
    known->second = at_place(operation.mark, "operation", [&] {
      const Used<Operation> made{operation.plugin,
                                 catalog_.create<Operation>(operation.plugin, operation.params())};
      return made.call([](const Operation& o) { return groklab::elements_of(o); });
    });
  }
  return known->second;
}

const std::set<std::string>& PackGraphs::per_replica(const char* kind, const Section& section) {
  const auto [known, is_new] = per_replica_.try_emplace({kind, section.plugin});
  if (is_new) {
    const auto schema = schema_of(catalog_.find(kind, section.plugin));
    for (const auto& field : schema.fields()) {
      if (field.per_replica) known->second.insert(field.name);
    }
  }
  return known->second;
}

SharedSettings PackGraphs::shared_settings(const Experiment& experiment) {
  std::set<std::string> per_replica_keys;
  const auto add = [&](const char* kind, const Section& section, const std::string& path) {
    for (const auto& name : per_replica(kind, section)) per_replica_keys.insert(path + "." + name);
  };
  add("model", experiment.model, "model");
  add("loss", experiment.loss, "loss");
  add("optimizer", experiment.optimizer, "optimizer");
  for (std::size_t i = 0; i < experiment.regularizers.size(); ++i) {
    add("regularizer", experiment.regularizers[i], fmt::format("regularizers.{}", i));
  }
  for (std::size_t i = 0; i < experiment.probes.size(); ++i) {
    add("probe", experiment.probes[i], fmt::format("probes.{}", i));
  }
  SharedSettings shared{{"elements", std::to_string(elements_of(experiment.operation))}};
  for (auto& setting : experiment.flatten()) {
    if (is_own(setting.key) || per_replica_keys.contains(setting.key)) continue;
    shared.emplace_back(std::move(setting.key), to_text(setting.value));
  }
  return shared;
}

std::string graph_text(const SharedSettings& settings) {
  std::string text;
  for (const auto& [key, value] : settings) text.append(key).append("=").append(value).append("\n");
  return text;
}

std::string graph_of(const Catalog& catalog, const Experiment& experiment) {
  return graph_text(PackGraphs(catalog).shared_settings(experiment));
}

std::vector<GraphDifference> differences(const std::vector<SharedSettings>& graphs) {
  struct Values {
    std::vector<std::string> in_order;
    std::set<std::string, std::less<>> seen;
    std::size_t graphs = 0;

    void add(const std::string& value) {
      if (seen.insert(value).second) in_order.push_back(value);
    }
  };
  std::vector<std::string> keys;
  std::unordered_map<std::string, Values> values;
  for (const auto& settings : graphs) {
    for (const auto& [key, value] : settings) {
      const auto [entry, is_new] = values.try_emplace(key);
      if (is_new) keys.push_back(key);
      entry->second.add(value);
      ++entry->second.graphs;
    }
  }
  std::vector<GraphDifference> all;
  for (const auto& key : keys) {
    auto& one = values.at(key);
    if (key.ends_with(".name") && one.graphs < graphs.size()) one.add("none");
    if (one.in_order.size() > 1) all.push_back({key, std::move(one.in_order)});
  }
  return all;
}

std::vector<std::vector<std::size_t>> plan_packs(const std::vector<Candidate>& cells,
                                                 std::size_t limit) {
  std::vector<std::vector<std::size_t>> packs;
  std::map<std::pair<std::string, std::int64_t>, std::size_t> open;  // → the pack to be filled up
  for (std::size_t i = 0; i < cells.size(); ++i) {
    const std::pair key{cells[i].graph, cells[i].step};
    const auto entry = open.find(key);
    if (entry != open.end() && packs[entry->second].size() < limit) {
      packs[entry->second].push_back(i);
    } else {
      open[key] = packs.size();
      packs.push_back({i});
    }
  }
  return packs;
}

}  // namespace groklab
