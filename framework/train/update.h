#pragma once

#include "train/objective.h"

#include <groklab/probe.h>

#include <array>

namespace groklab {

inline constexpr std::array kUpdateParts{&UpdateParts::before, &UpdateParts::from_optimizer,
                                         &UpdateParts::from_decay, &UpdateParts::from_regularizers};

// What one update of a pack came to.
struct Update {
  Tensor loss;                 // [R], with penalties
  std::vector<Tensor> logits;  // [count, rows, K] of each slice
  Tensor gradients;            // [R, P] with penalties, as on_loss_gradients left them
  Tensor directions;           // [R, P]: what regularisers made of them for the optimiser
  UpdateParts parts;           // if asked for
};

// One update of `weights`: gradients, regularisers, optimiser. Throws PluginFailure.
Update update_weights(const Components& components, const Weights& weights, const Batch& batch,
                      const std::vector<Slice>& slices, const Step& step, bool with_parts);

// Whether a probe reads what a step changed, part by part.
bool reads_update(const Components& components);

}  // namespace groklab
