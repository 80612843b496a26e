#pragma once

#include "train/objective.h"

namespace groklab {

// What one update of a pack came to.
struct Update {
  Tensor loss;                 // [R], with penalties
  std::vector<Tensor> logits;  // [count, rows, K] of each slice
  Tensor gradients;            // [R, P] of the loss
  Tensor directions;           // [R, P]: what regularisers made of them for the optimiser
};

// One update of `weights`: gradients, regularisers, optimiser. Throws PluginFailure.
Update update_weights(const Components& components, const Weights& weights, const Batch& batch,
                      const std::vector<Slice>& slices, const Step& step);

// The share of each replica's rows that logits of the slices answer rightly: [R].
Tensor batch_accuracy(const std::vector<Tensor>& logits, const Batch& batch,
                      const std::vector<Slice>& slices);

}  // namespace groklab
