#pragma once

#include "../kernels/elementwise.h"
#include "../kernels/matrix.h"
#include "../shape.h"
#include "blocks.h"

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <memory>
#include <span>
#include <vector>

namespace transformer {

// Memory for matrices, aligned to 64 bytes, given back when it goes.
template <class T>
class Storage {
 public:
  Matrix<T> take(std::int64_t rows, std::int64_t columns);

 private:
  struct Free {
    void operator()(T* memory) const { std::free(memory); }
  };
  std::vector<std::unique_ptr<T, Free>> pieces_;
};

// What a layer computes for m rows, and the gradients that the weights' gradients are made of.
template <class T>
struct LayerRows {
  Matrix<T> qkv;               // [m, 3 d]; of the last layer [m, d], the queries
  Matrix<T> shares;            // [m, 4 heads] of attention
  Matrix<T> mix;               // [m, d]
  Matrix<T> attention_normal;  // [m, d] x̂ of the first norm
  Matrix<T> attention_scale;   // [m, 1]
  Matrix<T> attended;          // [m, d] after the first norm
  Matrix<T> hidden;            // [m, 4 d] after ReLU
  Matrix<T> mlp_normal;        // [m, d]
  Matrix<T> mlp_scale;         // [m, 1]
  Matrix<T> out;               // [m, d]
  Matrix<T> d_qkv;             // as qkv
  Matrix<T> d_attention;       // [m, d] of the first norm's input
  Matrix<T> d_hidden;          // [m, 4 d] before ReLU
  Matrix<T> d_mlp;             // [m, d] of the second norm's input

  LayerRows narrow(std::int64_t first, std::int64_t count) const;
};

// What the network computes for m rows of the stream and n answers.
template <class T>
struct NetworkRows {
  std::vector<LayerRows<T>> layers;   // all but the last, m rows
  Matrix<T> answers;                  // [n, d] the last layer's input at position 3
  LayerRows<T> last;                  // n rows
  Matrix<T> asked, seen;              // [n, heads · d] its queries and mixes, of whole input rows
  Matrix<T> d_asked, d_seen;          // as these
  Matrix<T> d_stream, d_mix;          // [m, d] handed from layer to layer, last to first
  Matrix<T> d_answers, d_answer_mix;  // [n, d] the same in the last layer

  NetworkRows(Storage<T>& storage, const Shape& shape, std::int64_t rows, std::int64_t answers,
              bool with_gradients);
  NetworkRows narrow(std::int64_t first_row, std::int64_t row_count, std::int64_t first_answer,
                     std::int64_t answer_count) const;
};

// The first layer's input rows, one for each token at a position: x at 0 (rows 0 … K − 1), y at 2
// (rows K …), then <∘> at 1 and <=> at 3.
template <class T>
struct TokenTable {
  Matrix<T> stream, qkv;  // [2 K + 2, d], [2 K + 2, 3 d]

  TokenTable(Storage<T>& storage, const Shape& shape);
};

// The weights' transposes: product with them is product with Wᵀ.
template <class T>
struct TransposedWeights {
  struct Block {
    Matrix<T> qkv, output, mlp_input, mlp_output;  // [out, in]

    // The parts of qkv, [d, d] each.
    Matrix<T> queries() const { return qkv.rows_from(0, qkv.columns); }
    Matrix<T> keys() const { return qkv.rows_from(qkv.columns, qkv.columns); }
    Matrix<T> values() const { return qkv.rows_from(2 * qkv.columns, qkv.columns); }
  };
  std::vector<Block> blocks;
  Matrix<T> head;  // [K, d]

  TransposedWeights(Storage<T>& storage, const Shape& shape);
};

// What a step computes of the weights before it looks at pairs.
template <class T>
struct Prepared {
  TokenTable<T> table;
  TransposedWeights<T> transposed;

  Prepared(Storage<T>& storage, const Shape& shape)
      : table(storage, shape), transposed(storage, shape) {}
};

// What the rows of one block give to rows that blocks share. Each block has its own, and they are
// added up in the order of the blocks.
template <class T>
struct BlockSums {
  TokenTable<T> d_table;
  std::vector<Matrix<T>> d_prefix;  // of layer 1 … : qkv [2 K, 3 d]; at last the input [2 K, d]
  Matrix<T> d_norms;                // [4 layers, d]: gain and bias of both norms, layer by layer

  BlockSums(Storage<T>& storage, const Shape& shape, bool with_prefix);
  void clear();
  void clear(const Blocks::Block& operands);  // what a block of prefixes adds to
};

// All that one replica's training step keeps from phase to phase. Rows: the 2 K of the prefixes
// (positions 0 and 1 of each x), then the 2 n of the batch (positions 2 and 3).
template <class T>
class Workspace {
 private:
  Storage<T> storage_;

 public:
  Workspace(const Shape& shape, std::int64_t pairs);  // room for as many

  const std::int64_t capacity;  // pairs
  const Blocks prefix;
  Blocks batch;  // of this step
  Prepared<T> prepared;
  TokenTable<T> d_table;
  NetworkRows<T> rows;
  std::vector<BlockSums<T>> batch_sums, prefix_sums;
};

template <class T>
using Sums = std::span<const BlockSums<T>>;  // of one block after another

// to ← the sum of one matrix of each block's sums, those of prefixes first.
template <class T, class Select>
void sum_blocks(Sums<T> prefixes, Sums<T> batch, Select select, Matrix<T> to) {
  std::vector<Matrix<const T>> parts;
  for (const auto& sums : prefixes) parts.push_back(select(sums));
  for (const auto& sums : batch) parts.push_back(select(sums));
  sum_parts<T>(parts.data(), static_cast<std::int64_t>(parts.size()), to);
}

// The batch may be shorter than the workspace.
template <class T>
Sums<T> batch_sums(const Workspace<T>& workspace) {
  return Sums<T>(workspace.batch_sums).first(static_cast<std::size_t>(workspace.batch.number()));
}

inline constexpr std::int64_t kPairsInBlock = 128;

// A quarter of the operands, so that threads end together, but no more than the caches like.
inline Blocks operand_blocks(const Shape& shape) {
  return {shape.elements, std::min<std::int64_t>((shape.elements + 3) / 4, 64)};
}

}  // namespace transformer
