#pragma once

#include "store/safetensors.h"

#include <groklab/parameters.h>

#include <string>

namespace groklab {

// Between tensors of LibTorch and those of files.
StoredTensor to_stored(const std::string& name, const Tensor& tensor);

// Adds each named tensor of `weights` to `file`, its name after `prefix`.
void add_weights(TensorFile& file, const std::string& prefix, const Weights& weights);

// The other way: copies into each tensor of `weights` the one of its name. Throws Error if one is
// missing or has another shape.
void copy_weights(const TensorFile& file, const std::string& prefix, const Weights& weights);

// On the CPU. Throws Error if the stored tensor has another shape.
Tensor from_stored(const StoredTensor& stored, torch::IntArrayRef shape);

}  // namespace groklab
