#pragma once

#include "shape.h"

#include <groklab/model.h>

#include <mutex>
#include <vector>

namespace transformer {

using groklab::ModelInput;
using groklab::Tensor;
using groklab::Weights;

struct Block;  // block.h

// Rows and what attention takes of them.
struct Rows {
  Tensor x, queries;   // [R, N, d]
  Tensor keys_values;  // [R, N, 2 d]
};

// The logits by LibTorch's operators, in three ways that agree to rounding. Each is differentiable
// in the weights, has shapes that follow from sizes alone and never waits for the device.
class Stock {
 public:
  Stock(const Shape& shape, const Options& options) : shape_(shape), options_(options) {}

  // Every row of every block: the reference for all others.
  Tensor plain(const Weights& weights, const ModelInput& input) const;

  // The answer is read at the last position, so the last block owes the other positions their keys
  // and values alone.
  Tensor trimmed(const Weights& weights, const ModelInput& input) const;

  // Trimmed, and every distinct row once. A row depends on the tokens up to its own, so there are
  // K rows <x> and K rows <x> <∘>, and only the two behind them are each pair's own. The queries,
  // keys and values of the first block depend on a token and its position: 2 K + 2 rows. Not for
  // steps with dropout, which makes equal rows differ.
  Tensor shared(const Weights& weights, const ModelInput& input) const;

 private:
  // Made on the first call for a dtype and device, and kept: they would be a dozen kernels a step.
  struct Constants {
    Tensor positions;          // [1, T, d], sinusoidal
    Tensor places;             // [1, 2 K + 2, d]: positions of the distinct rows of the first block
    Tensor mask;               // [T, T, 1]: 0 where a position (row) sees another, else −∞
    Tensor operation, equals;  // int64 [1, 1]: the tokens <∘> and <=>
  };
  Constants constants(const Tensor& like) const;

  Tensor embed(const Weights& weights, const ModelInput& input) const;
  Tensor answer(const Weights& weights, const ModelInput& input, const Block& last,
                const Rows& rows) const;
  Tensor head(const Weights& weights, const Tensor& x) const;

  // What dropout leaves of the MLP's output in block i at the positions from `first` on: 0 or
  // 1 / (1 − rate), [R, B · (T − first), d]; undefined where it leaves all. Each position draws for
  // itself, so that it is the same whether the others are computed or not.
  Tensor kept(const Weights& weights, const ModelInput& input, std::int64_t i,
              std::int64_t first = 0) const;

  const Shape shape_;
  const Options options_;
  mutable std::mutex mutex_;  // guards:
  mutable std::vector<Constants> constants_;
};

}  // namespace transformer
