#pragma once

#include "store/safetensors.h"

#include <groklab/tensor.h>

#include <string>

namespace groklab {

// Between tensors of LibTorch and those of files.
StoredTensor to_stored(const std::string& name, const Tensor& tensor);

// On the CPU. Throws Error if the stored tensor has another shape.
Tensor from_stored(const StoredTensor& stored, torch::IntArrayRef shape);

}  // namespace groklab
