#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace groklab {

// A tensor as its bytes, little-endian and row-major.
struct StoredTensor {
  std::string name;
  std::string dtype;  // "F32", as in store/number_types.h
  std::vector<std::int64_t> shape;
  std::string bytes;
};

// The content of a .safetensors file (format: huggingface/safetensors, README, "Format").
struct TensorFile {
  std::vector<StoredTensor> tensors;
  std::map<std::string, std::string> metadata;

  const StoredTensor& at(std::string_view name) const;  // Error: no such tensor
};

// Adds the metadata key "sha256": the hash of all bytes of the file, with zeros in the place of its
// own 64 digits.
std::string to_safetensors(const TensorFile& file);

// Throws Error, without the file's name, if the bytes are not exactly such a file: truncated, holes
// or overlaps, a size that does not fit the shape, or another hash than it says. A file of another
// program may have none.
TensorFile from_safetensors(std::string_view bytes);

}  // namespace groklab
