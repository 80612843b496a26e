#pragma once

#include "host/catalog.h"
#include "spec/experiment.h"

#include <cstdint>

namespace groklab {

// What decides the size of a pack's tensors: the same for all packs of a graph.
struct PackShape {
  std::int64_t elements = 0;    // K
  std::int64_t parameters = 0;  // of a replica
  std::int64_t number_bytes = 4;
  bool keeps_logits = false;  // a probe reads those of all pairs
  bool together = false;      // on a backend: all replicas are computed at once

  double logits_bytes() const;  // of all pairs, of a replica

  // Bytes that a pack needs whatever its network is like: what it keeps of all pairs, weights and
  // gradients, and the logits of an evaluation.
  double least_bytes(std::int64_t replicas) const;
};

// Creates the model to count its parameters, and the probes to ask them; no weights. Throws Error
// with the place in the spec.
PackShape shape_of(const Catalog& catalog, const Experiment& experiment, std::int64_t elements,
                   bool together);

// Multiply-adds of products and bytes of memory that packs of one graph take.
struct PackCost {
  // Of a replica: its step with a batch of some rows, and an evaluation.
  double step_multiply_adds = 0, row_multiply_adds = 0, evaluation_multiply_adds = 0;

  // Of memory: what each replica of a pack adds, and what there is once for each that is computed
  // at a time.
  struct Bytes {
    double own = 0, shared = 0;
  };
  Bytes made, step, evaluation;  // while a pack is made; in a step; in an evaluation

  double checkpoint_bytes = 0;  // of a replica, on the disk
  double metrics_bytes = 0;     // of an evaluation: metrics.jsonl, TensorBoard's events, log

  double step_of(double rows) const { return step_multiply_adds + rows * row_multiply_adds; }

  // Of a pack while `at_once` of its replicas are computed at a time.
  double bytes(std::int64_t replicas, std::int64_t at_once) const;
};

// How many of a pack's replicas the CPU computes at a time: train/objective.h, for_each_replica.
std::int64_t computed_at_once(std::int64_t replicas, std::int64_t threads);

// Counts them in a few steps of one replica and of two on the CPU, with batches of `rows` rows, or
// of fewer if those might take more than `memory` bytes. Throws Error as a Trainer does.
PackCost count_cost(const Catalog& catalog, const Experiment& experiment, const PackShape& shape,
                    std::int64_t rows, std::int64_t memory);

}  // namespace groklab
