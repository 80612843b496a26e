#pragma once

#include "check/samples.h"
#include "store/safetensors.h"
#include "train/tensor_bytes.h"

#include <fmt/format.h>
#include <groklab/parameters.h>

namespace groklab {

// What a checkpoint would bring back of `from`, into `to`.
inline void restore_from_checkpoint(NamedState& from, NamedState& to, std::int64_t replicas) {
  TensorFile file;
  for (const auto& [name, tensor] : from.tensors()) {
    require(tensor.dim() > 0 && tensor.size(0) == replicas,
            fmt::format("state '{}' has no leading dimension of replicas", name));
    file.tensors.push_back(to_stored(name, tensor));
  }
  const auto read = from_safetensors(to_safetensors(file));
  to.tensors().clear();
  for (const auto& tensor : read.tensors) {
    to.tensors()[tensor.name] = from_stored(tensor, tensor.shape);
  }
}

}  // namespace groklab
