#include "train/tensor_bytes.h"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <groklab/error.h>

#include <array>
#include <cstring>
#include <utility>

namespace groklab {
namespace {

constexpr std::array kTypes{std::pair{"F32", torch::kFloat32}, std::pair{"F64", torch::kFloat64},
                            std::pair{"I64", torch::kInt64}, std::pair{"BOOL", torch::kBool}};

}  // namespace

StoredTensor to_stored(const std::string& name, const Tensor& tensor) {
  const auto plain = tensor.detach().cpu().contiguous();
  for (const auto& [text, type] : kTypes) {
    if (plain.scalar_type() != type) continue;
    const auto* bytes = static_cast<const char*>(plain.data_ptr());
    return {name, text, plain.sizes().vec(), {bytes, plain.nbytes()}};
  }
  throw std::logic_error(fmt::format("tensor '{}' has a dtype that files do not hold", name));
}

void add_weights(TensorFile& file, const std::string& prefix, const Weights& weights) {
  const auto& entries = weights.layout().entries();
  for (std::size_t i = 0; i < entries.size(); ++i) {
    file.tensors.push_back(to_stored(prefix + entries[i].name, weights.at(i)));
  }
}

void copy_weights(const TensorFile& file, const std::string& prefix, const Weights& weights) {
  const torch::NoGradGuard no_grad;
  const auto& entries = weights.layout().entries();
  for (std::size_t i = 0; i < entries.size(); ++i) {
    auto tensor = weights.at(i);
    tensor.copy_(from_stored(file.at(prefix + entries[i].name), tensor.sizes()));
  }
}

Tensor from_stored(const StoredTensor& stored, torch::IntArrayRef shape) {
  if (shape != torch::IntArrayRef(stored.shape)) {
    throw Error(fmt::format("tensor '{}' has the shape [{}], expected [{}]", stored.name,
                            fmt::join(stored.shape, ", "), fmt::join(shape.vec(), ", ")));
  }
  for (const auto& [text, type] : kTypes) {
    if (stored.dtype != text) continue;
    auto tensor = torch::empty(shape, type);
    std::memcpy(tensor.data_ptr(), stored.bytes.data(), stored.bytes.size());
    return tensor;
  }
  throw Error(fmt::format("tensor '{}' has an unknown dtype", stored.name));
}

}  // namespace groklab
