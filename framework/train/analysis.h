#pragma once

#include "store/safetensors.h"
#include "train/components.h"

#include <cstdint>

namespace groklab {

// Adds what analyses need of one replica (store/analysis.h) to its checkpoint. `weights`: its own,
// [1, …]. Throws PluginFailure if the model fails, or gives rows of another shape than [1, K, d].
void add_analysis(TensorFile& file, const Components& components, std::int64_t replica,
                  const Weights& weights);

}  // namespace groklab
