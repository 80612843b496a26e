#pragma once

#include "../kernels/matrix.h"

#include <groklab/parameters.h>

#include <cstdint>
#include <vector>

namespace transformer {

// The parameters of one replica (or their gradients) in its flat buffer, in the order in which the
// model declares them. Weights are [in, out].
template <class T>
struct Parameters {
  struct Block {
    Matrix<T> qkv, output, mlp_input, mlp_output;
    T *attention_gain, *attention_bias, *mlp_gain, *mlp_bias;  // [d]

    // The parts of qkv, [d, d] each.
    Matrix<T> queries() const { return qkv.columns_from(0, qkv.rows); }
    Matrix<T> keys() const { return qkv.columns_from(qkv.rows, qkv.rows); }
    Matrix<T> values() const { return qkv.columns_from(2 * qkv.rows, qkv.rows); }
  };

  Matrix<T> embedding;  // [K + 2, d]
  std::vector<Block> blocks;
  Matrix<T> head;  // [d, K]

  Parameters(const groklab::ParameterLayout& layout, T* flat) {
    const auto& entries = layout.entries();
    auto entry = entries.begin();
    const auto vector = [&] { return flat + (entry++)->offset; };
    const auto matrix = [&] {
      const auto& shape = entry->shape;
      return Matrix<T>{vector(), shape[0], shape[1], shape[1]};
    };
    embedding = matrix();
    while (entries.end() - entry > 1) {
      Block block;
      block.qkv = matrix();
      block.output = matrix();
      block.attention_gain = vector();
      block.attention_bias = vector();
      block.mlp_input = matrix();
      block.mlp_output = matrix();
      block.mlp_gain = vector();
      block.mlp_bias = vector();
      blocks.push_back(block);
    }
    head = matrix();
  }
};

}  // namespace transformer
