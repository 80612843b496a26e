#pragma once

#include "app/load_experiment.h"
#include "app/pack_cost.h"
#include "train/packs.h"

#include <groklab/backend.h>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace groklab {

// Cells that are trained together, by their numbers in the sweep.
struct ForeseenPack {
  std::vector<std::size_t> cells;
  double rows = 0;           // that all its steps train on
  double computed_rows = 0;  // that they compute, with those that only fill up
};

// How fast a pack of the graph runs here: median times of its steps and of an evaluation.
struct MeasuredSpeed {
  std::int64_t replicas = 0;
  double step_seconds = 0, evaluation_seconds = 0;
  double step_multiply_adds = 0;  // of the steps that were timed
  std::optional<double> bytes;    // of the pack, on its device
};

// All cells whose replicas can share a pack.
struct PlannedGraph {
  SharedSettings settings;
  std::vector<ForeseenPack> packs;
  std::size_t cells = 0;
  std::size_t widest = 0;  // a cell with the largest batch
  std::int64_t steps = 0, evaluations = 0;
  std::int64_t batch_rows = 0;       // of the largest batch
  std::shared_ptr<Backend> backend;  // nullptr: the CPU
  PackShape shape;
  PackCost cost;
  bool is_counted = false;  // otherwise the cost is another graph's, in proportion
  std::optional<MeasuredSpeed> speed;

  std::int64_t largest_pack() const;
  double multiply_adds(const ForeseenPack& pack) const;  // of all of its steps and evaluations
  double multiply_adds() const;
};

// What a sweep comes to.
struct SweepForecast {
  std::size_t cells = 0, limit = 0;  // of the sweep; of a pack
  std::vector<PlannedGraph> graphs;  // in the order of their first cells

  std::size_t packs() const;
  double rows() const;
  double computed_rows() const;
};

// The graphs of a sweep with their packs and shapes. Reads what cells say, and makes no weights nor
// tables. Throws Error with the place in the spec for a model, probe or operation that refuses its
// parameters and for a device that is not there.
SweepForecast plan_sweep(const LoadedSweep& loaded, std::size_t limit);

// Fills in the rows that are trained on, by the tables of the sweep's operations. Throws Error if
// the data of a cell cannot be split as it says.
void count_rows(const LoadedSweep& loaded, SweepForecast& plan);

}  // namespace groklab
