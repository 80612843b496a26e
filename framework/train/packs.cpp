#include "train/packs.h"

#include <groklab/operation.h>

#include <algorithm>
#include <array>
#include <map>
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

}  // namespace

std::string graph_of(const Catalog& catalog, const Experiment& experiment) {
  std::vector<std::string> per_replica;
  const auto add = [&](const char* kind, const Section& section, const std::string& path) {
    const auto schema = schema_of(catalog.find(kind, section.plugin));
    for (const auto& field : schema.fields()) {
      if (field.per_replica) per_replica.push_back(path + "." + field.name);
    }
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
  const auto& operation = experiment.operation;
  const auto elements = catalog.create<Operation>(operation.plugin, operation.params())->size();
  std::string text = fmt::format("elements={}\n", elements);
  for (const auto& setting : experiment.flatten()) {
    const bool own = is_own(setting.key) || std::find(per_replica.begin(), per_replica.end(),
                                                      setting.key) != per_replica.end();
    if (!own) text += fmt::format("{}={}\n", setting.key, to_text(setting.value));
  }
  return text;
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
