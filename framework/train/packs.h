#pragma once

#include "host/catalog.h"
#include "spec/experiment.h"

#include <cstddef>
#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

namespace groklab {

// What the replicas of a pack must have in common, in the order of a spec: "elements", their
// number, and all settings but seeds, data, the operation, the batch size, the rule by which a run
// stops and parameters marked per-replica.
using SharedSettings = std::vector<std::pair<std::string, std::string>>;

// Tells what cells of a sweep need to have in common. Asks a plugin for its schema, and an
// operation for its size, once. The catalog must outlive it.
class PackGraphs {
 public:
  explicit PackGraphs(const Catalog& catalog) : catalog_(catalog) {}

  // Throws Error with the place in the spec if the operation refuses its parameters, or has more
  // elements than a table may.
  SharedSettings shared_settings(const Experiment& experiment);

 private:
  std::int64_t elements_of(const Section& operation);
  const std::set<std::string>& per_replica(const char* kind, const Section& section);

  const Catalog& catalog_;
  std::map<std::string, std::int64_t> elements_;  // by the operation's settings
  std::map<std::pair<std::string, std::string>, std::set<std::string>> per_replica_;  // by plugin
};

// Shared settings as text, a line each: cells can share a pack if theirs are equal.
std::string graph_text(const SharedSettings& settings);

// The same of one cell, for whoever asks for few.
std::string graph_of(const Catalog& catalog, const Experiment& experiment);

// A shared setting in which graphs differ, with its values in the order of the graphs.
struct GraphDifference {
  std::string key;
  std::vector<std::string> values;
};

// Why graphs are several. A key that only some have, because its plugin is theirs alone, counts if
// its value differs between those; a plugin of a list that only some have is "none" in the others.
std::vector<GraphDifference> differences(const std::vector<SharedSettings>& graphs);

// A cell to be trained.
struct Candidate {
  std::string graph;
  std::int64_t step;  // from which it goes on
};

// Packs of at most `limit` cells that share graph and step, as indices into `cells`, each in the
// order given.
std::vector<std::vector<std::size_t>> plan_packs(const std::vector<Candidate>& cells,
                                                 std::size_t limit);

}  // namespace groklab
