#pragma once

#include "../kernels/attention.h"
#include "parameters.h"
#include "workspace.h"

#include <cstdint>

namespace transformer {

// Pairs of operands, `count` of each.
struct Pairs {
  const std::int64_t *x, *y;
  std::int64_t count;

  Pairs from(std::int64_t first, std::int64_t number) const {
    return {x + first, y + first, number};
  }
};

// The transformer of one replica by hand, forward and backward, for two layers and more. Every
// distinct row is computed once: of the first layer's inputs there are 2 K + 2, of the rows at
// positions 0 and 1 there are K each in every layer (they know x alone), and of the last layer only
// position 3 is asked for. All threads work on it, each on whole blocks of rows.
template <class T>
class FusedNetwork {
 public:
  // parameters: one replica's, in a flat buffer; positions [4, d].
  FusedNetwork(const Shape& shape, Parameters<const T> parameters, const T* positions)
      : shape_(shape), parameters_(std::move(parameters)), positions_(positions) {}

  // logits [n, K]. The workspace keeps what `backward` needs.
  void forward(const Pairs& pairs, Workspace<T>& workspace, T* logits) const;

  // The same logits for any number of pairs, with no backward pass to follow.
  void evaluate(const Pairs& pairs, T* logits) const;

  // After `forward` of the same pairs: writes every gradient. d_logits [n, K].
  void backward(const Pairs& pairs, Workspace<T>& workspace, const T* d_logits,
                const Parameters<T>& gradients) const;

 private:
  using Block = Blocks::Block;
  using Layer = typename Parameters<const T>::Block;
  using TransposedBlock = typename TransposedWeights<T>::Block;

  // The rows of a sequence <x> <∘> <y> <=> in matrices of queries, keys and values.
  struct Sequence {
    T* row[Shape::kLength];

    // What its first `count` positions offer to attention, `columns` into their rows.
    Keys<T> keys(std::int64_t columns, int count) const {
      Keys<T> keys{{}, count};
      for (int j = 0; j < count; ++j) keys.row[j] = row[j] + columns;
      return keys;
    }
  };

  NetworkRows<T> prefix_rows(const Workspace<T>& workspace) const;
  NetworkRows<T> block_of(const Workspace<T>& workspace, const Block& pairs) const;

  void prepare(const Prepared<T>& to) const;
  void fill_table(const TokenTable<T>& table, std::int64_t first, std::int64_t count) const;
  void forward_prefix(const TokenTable<T>& table, const Block& block,
                      const NetworkRows<T>& rows) const;
  void forward_batch(const Prepared<T>& prepared, const Blocks& prefix,
                     const NetworkRows<T>& of_prefix, const Pairs& pairs,
                     const NetworkRows<T>& rows, Matrix<T> logits) const;
  void finish_layer(const Layer& layer, const LayerRows<T>& all) const;
  void finish_rows(const Layer& layer, const LayerRows<T>& rows) const;
  void project(std::size_t l, const NetworkRows<T>& rows) const;
  void answer(const TransposedBlock& transposed, const Blocks& prefix, Matrix<T> prefix_rows,
              const Pairs& pairs, const NetworkRows<T>& rows) const;

  Sequence table_rows(Matrix<T> table, std::int64_t x, std::int64_t y) const;
  Sequence stream_rows(const Blocks& prefix, Matrix<T> of_prefix, Matrix<T> of_block,
                       std::int64_t x, std::int64_t i) const;

  void backward_batch(Workspace<T>& workspace, const Pairs& pairs, BlockSums<T>& sums,
                      const NetworkRows<T>& rows, Matrix<const T> d_logits) const;
  void backward_answer(const Workspace<T>& workspace, const Pairs& pairs, BlockSums<T>& sums,
                       const NetworkRows<T>& rows) const;
  void backward_prefix(Workspace<T>& workspace, const Block& block, BlockSums<T>& sums,
                       const NetworkRows<T>& rows) const;
  void backward_layer(std::size_t l, const Workspace<T>& workspace, const LayerRows<T>& all,
                      Matrix<T> d_stream, Matrix<T> d_mix, Matrix<T> d_norms) const;
  void backward_rows(const Layer& layer, const TransposedBlock& transposed,
                     const LayerRows<T>& rows, Matrix<T> d_stream, Matrix<T> d_mix,
                     Matrix<T> d_norms) const;
  void backward_attention(const LayerRows<T>& layer, Matrix<T> d_mix, int position,
                          std::int64_t row, const Sequence& at, const Sequence& to,
                          const Sequence& streams) const;
  void backward_projection(const TransposedBlock& transposed, const LayerRows<T>& rows,
                           Matrix<T> d_stream) const;
  void backward_table(Workspace<T>& workspace, Sums<T> prefixes, std::int64_t first,
                      std::int64_t count) const;
  void backward_elements(Workspace<T>& workspace, std::int64_t i, Matrix<T> d_embedding) const;
  void backward_operator_tokens(Workspace<T>& workspace, Matrix<T> d_embedding) const;
  void weight_gradients(const Workspace<T>& workspace, const Parameters<T>& gradients,
                        Matrix<const T> d_logits) const;
  void norm_gradients(const Workspace<T>& workspace, const Parameters<T>& gradients) const;

  // Attention to queries, keys and values, and in the last layer to whole rows of its input.
  Heads heads() const { return Heads::of_keys_and_values(shape_.heads, shape_.head_width()); }
  Heads heads_of_answer() const { return Heads::of_whole_rows(shape_.heads, shape_.width); }

  // The columns of one head.
  template <class U>
  Matrix<U> of_head(std::int64_t head, Matrix<U> matrix) const {
    const auto width = matrix.columns / shape_.heads;
    return matrix.columns_from(head * width, width);
  }
  // … and in a transposed matrix its rows.
  Matrix<T> rows_of_head(std::int64_t head, Matrix<T> matrix) const {
    return matrix.rows_from(head * shape_.head_width(), shape_.head_width());
  }

  Shape shape_;
  Parameters<const T> parameters_;
  const T* positions_;
};

}  // namespace transformer
