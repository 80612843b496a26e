#pragma once

#include "host/catalog.h"
#include "spec/experiment.h"

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace groklab {

// Everything that the replicas of a pack must have in common, as text: the number of elements, and
// all settings but seeds, data, the operation, the batch size, the rule by which a run stops and
// parameters marked per-replica.
// Throws Error if the operation refuses its parameters.
std::string graph_of(const Catalog& catalog, const Experiment& experiment);

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
