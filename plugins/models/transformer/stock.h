#pragma once

#include "shape.h"

#include <groklab/model.h>

#include <mutex>
#include <vector>

namespace transformer {

using groklab::ModelInput;
using groklab::Tensor;
using groklab::Weights;

// The logits by LibTorch's operators, in three ways that agree to rounding. Each is differentiable
// in the weights, has shapes that follow from sizes alone and never waits for the device.
class Stock {
 public:
  explicit Stock(const Shape& shape) : shape_(shape) {}

  // Every row of every block: the reference for all others.
  Tensor plain(const Weights& weights, const ModelInput& input) const;

  // The answer is read at the last position, so the last block owes the other positions their keys
  // and values alone.
  Tensor trimmed(const Weights& weights, const ModelInput& input) const;

  // Trimmed, and every distinct row once. A row depends on the tokens up to its own, so there are
  // K rows <x> and K rows <x> <∘>, and only the two behind them are each pair's own. The queries,
  // keys and values of the first block depend on a token and its position: 2 K + 2 rows.
  Tensor shared(const Weights& weights, const ModelInput& input) const;

 private:
  // Made on the first call for a dtype and device, and kept: they would be a dozen kernels a step.
  struct Constants {
    Tensor positions;          // [T, d]
    Tensor places;             // [2 K + 2, d]: positions of the distinct rows of the first block
    Tensor mask;               // [T, T, 1]: 0 where a position (row) sees another, else −∞
    Tensor operation, equals;  // int64 [1, 1]: the tokens <∘> and <=>
  };
  Constants constants(const Tensor& like) const;

  Tensor embed(const Weights& weights, const ModelInput& input) const;

  const Shape shape_;
  mutable std::mutex mutex_;  // guards:
  mutable std::vector<Constants> constants_;
};

}  // namespace transformer
