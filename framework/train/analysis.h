#pragma once

#include "store/safetensors.h"
#include "train/components.h"

#include <cstdint>
#include <vector>

namespace groklab {

// Adds what analyses need of one replica (store/analysis.h) to its checkpoint. `weights`: its own,
// [1, …]. Throws PluginFailure if the model fails, or gives rows of another shape than [1, K, d].
void add_analysis(TensorFile& file, const Components& components, std::int64_t replica,
                  const Weights& weights);

// The part of it that follows from the spec and the operation alone: the table, and the labels of
// the training rows (kAnswersTensor, kTrainLabelsTensor).
std::vector<StoredTensor> data_tensors(const Components& components, std::int64_t replica);

}  // namespace groklab
