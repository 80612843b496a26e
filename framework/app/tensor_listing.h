#pragma once

#include "store/safetensors.h"

#include <cstdint>
#include <string>
#include <vector>

namespace groklab {

// What the numbers of a tensor, or of several, are like. Infinities and NaN are counted and
// otherwise left out; without any finite number `min` and `max` are NaN.
struct TensorStatistics {
  std::int64_t count = 0;       // numbers
  std::int64_t zeros = 0;       // that are exactly 0
  std::int64_t not_finite = 0;  // that are infinite or NaN
  double norm = 0;              // the root of the sum of squares
  double min, max;

  double zero_share() const { return static_cast<double>(zeros) / static_cast<double>(count); }
};

TensorStatistics statistics_of(const StoredTensor& tensor);
TensorStatistics joined(const std::vector<TensorStatistics>& parts);

struct ListedTensor {
  std::string name, dtype;
  std::vector<std::int64_t> shape;
  TensorStatistics statistics;
};

// Tensors of one purpose, in the file's order.
struct TensorGroup {
  std::string name, title;  // "optimizer", "state of the optimizer"
  std::vector<ListedTensor> tensors;

  TensorStatistics total() const;
};

// By what the host puts before their names in a checkpoint: parameters, optimizer, regularizers,
// analysis; "other" has what is none of these. Groups without tensors are left out.
std::vector<TensorGroup> grouped_tensors(const TensorFile& file);

}  // namespace groklab
