#pragma once

#include "train/components.h"

#include <groklab/step.h>

#include <cstdint>
#include <functional>
#include <vector>

namespace groklab {

// The rows of one step.
struct Batch {
  Tensor x, y, z;      // int64 [R, B]
  Tensor row_weights;  // [R, B]: 1 / (valid rows), or 0 for a row that only fills up
};

// Replicas that are computed together, and how many of the batch's columns they need.
struct Slice {
  std::int64_t first, count, rows;
};

// What a step computes before it updates anything.
struct Gradients {
  Tensor loss;                 // [R], with penalties
  Tensor flat;                 // [R, P]
  std::vector<Tensor> logits;  // [count, rows, K] of each slice, detached
};

// The loss of every replica and its gradient in `flat` [R, P]. Slices cover the replicas in order
// and have graphs of their own; several threads work on them, or all threads on each, which the
// numbers do not show. Throws PluginFailure.
Gradients compute_gradients(const Components& components, const Tensor& flat, const Batch& batch,
                            const std::vector<Slice>& slices, const Step& step);

// Runs `item` for each of `items` replicas (or slices): spread over the threads where that keeps
// all of them busy, otherwise one after another, so that the threads work inside of each.
void for_each_replica(std::int64_t items, const std::function<void(std::int64_t)>& item);

// The share of each replica's rows that logits of the slices answer rightly: [R].
Tensor batch_accuracy(const std::vector<Tensor>& logits, const Batch& batch,
                      const std::vector<Slice>& slices);

}  // namespace groklab
