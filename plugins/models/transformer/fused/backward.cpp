#include "../kernels/elementwise.h"
#include "../kernels/gemm.h"
#include "../kernels/layer_norm.h"
#include "network.h"

#include <groklab/parallel.h>

#include <algorithm>

namespace transformer {

template <class T>
void FusedNetwork<T>::backward(const Pairs& pairs, Workspace<T>& workspace, const T* d_logits,
                               const Parameters<T>& gradients) const {
  const auto elements = shape_.elements;
  const Matrix<const T> d_result{d_logits, pairs.count, elements, elements};
  groklab::parallel_for(workspace.batch.number(), [&](std::int64_t i) {
    const auto block = workspace.batch.at(i);
    backward_batch(workspace, pairs.from(block.first, block.count), workspace.batch_sums[i],
                   block_of(workspace, block), d_result.rows_from(block.first, block.count));
  });
  groklab::parallel_for(workspace.prefix.number(), [&](std::int64_t i) {
    const auto block = workspace.prefix.at(i);
    backward_prefix(workspace, block, workspace.prefix_sums[i],
                    prefix_rows(workspace).narrow(block.begin(), block.rows(), 0, 0));
  });
  groklab::parallel_for(workspace.prefix.number() + 1, [&](std::int64_t i) {
    if (i < workspace.prefix.number()) {
      backward_elements(workspace, i, gradients.embedding);
    } else {
      backward_operator_tokens(workspace, gradients.embedding);
    }
  });
  weight_gradients(workspace, gradients, d_result);
}

// From d_logits of a block of pairs down to the rows that it shares with other blocks.
template <class T>
void FusedNetwork<T>::backward_batch(Workspace<T>& workspace, const Pairs& pairs,
                                     BlockSums<T>& sums, const NetworkRows<T>& rows,
                                     Matrix<const T> d_logits) const {
  const auto n = pairs.count;
  sums.clear();
  multiply<T>(d_logits, workspace.prepared.transposed.head, rows.d_answers);
  backward_layer(rows.layers.size(), workspace, rows.last, rows.d_answers, rows.d_answer_mix,
                 sums.d_norms);
  backward_answer(workspace, pairs, sums, rows);
  for (std::size_t l = rows.layers.size(); l-- > 0;) {
    const auto& layer = rows.layers[l];
    backward_layer(l, workspace, layer, rows.d_stream, rows.d_mix, sums.d_norms);
    if (l > 0) fill_zero(layer.d_qkv);
    for (std::int64_t i = 0; i < n; ++i) {
      const auto x = pairs.x[i], y = pairs.y[i];
      const auto at = l == 0 ? table_rows(workspace.prepared.table.qkv, x, y)
                             : stream_rows(workspace.prefix, prefix_rows(workspace).layers[l].qkv,
                                           layer.qkv, x, i);
      const auto to = l == 0
                          ? table_rows(sums.d_table.qkv, x, y)
                          : stream_rows(workspace.prefix, sums.d_prefix[l - 1], layer.d_qkv, x, i);
      const auto streams = l == 0 ? table_rows(sums.d_table.stream, x, y) : Sequence{};
      backward_attention(layer, rows.d_mix, 2, i, at, to, streams);
      backward_attention(layer, rows.d_mix, 3, n + i, at, to, streams);
    }
    if (l > 0) backward_projection(workspace.prepared.transposed.blocks[l], layer, rows.d_stream);
  }
}

// One query's attention, that of `row` at `position`: from queries, keys and values `at` to their
// gradients `to`. Where the layer's input is the token table, the residual goes to its `streams`.
template <class T>
void FusedNetwork<T>::backward_attention(const LayerRows<T>& layer, Matrix<T> d_mix, int position,
                                         std::int64_t row, const Sequence& at, const Sequence& to,
                                         const Sequence& streams) const {
  const auto d = shape_.width;
  attend_backward<T>(heads(), at.row[position], at.keys(d, position + 1), layer.shares.row(row),
                     d_mix.row(row), to.row[position], to.keys(d, position + 1));
  if (streams.row[position] == nullptr) return;
  add_row<T>(layer.d_attention.row(row), streams.row[position], d);
}

// Attention of the last layer, down to the streams of its input, where position 3 has the query and
// the residual besides.
template <class T>
void FusedNetwork<T>::backward_answer(const Workspace<T>& workspace, const Pairs& pairs,
                                      BlockSums<T>& sums, const NetworkRows<T>& rows) const {
  const auto n = pairs.count;
  const auto& last = rows.last;
  const auto& weights = parameters_.blocks.back();
  const auto& transposed = workspace.prepared.transposed.blocks.back();
  for (std::int64_t h = 0; h < shape_.heads; ++h) {
    multiply<T>(of_head(h, rows.d_answer_mix), rows_of_head(h, transposed.values()),
                of_head(h, rows.d_seen));
  }
  fill_zero(rows.d_asked);
  fill_zero(rows.d_stream);
  const auto prefix_out = prefix_rows(workspace).layers.back().out;
  for (std::int64_t i = 0; i < n; ++i) {
    const auto at =
        stream_rows(workspace.prefix, prefix_out, rows.layers.back().out, pairs.x[i], i);
    const auto to =
        stream_rows(workspace.prefix, sums.d_prefix.back(), rows.d_stream, pairs.x[i], i);
    attend_backward<T>(heads_of_answer(), rows.asked.row(i), at.keys(0, Shape::kLength),
                       last.shares.row(i), rows.d_seen.row(i), rows.d_asked.row(i),
                       to.keys(0, Shape::kLength));
  }
  for (std::int64_t h = 0; h < shape_.heads; ++h) {
    multiply<T>(of_head(h, rows.d_asked), of_head(h, weights.keys()), of_head(h, last.d_qkv));
  }
  const auto d_answers = rows.d_stream.rows_from(n, n);
  multiply<T>(last.d_qkv, transposed.queries(), d_answers, Into::add);
  for (std::int64_t i = 0; i < n; ++i) {
    add_row<T>(last.d_attention.row(i), d_answers.row(i), shape_.width);
  }
}

// The rows at positions 0 and 1 of a block of operands, after all that attended to them is known.
template <class T>
void FusedNetwork<T>::backward_prefix(Workspace<T>& workspace, const Block& block,
                                      BlockSums<T>& sums, const NetworkRows<T>& rows) const {
  const auto n = block.count;
  const auto gather = [&](std::size_t l, Matrix<T> to) {
    const auto of_block = [&](const BlockSums<T>& one) {
      return one.d_prefix[l - 1].rows_from(block.begin(), block.rows());
    };
    sum_blocks<T>({}, batch_sums(workspace), of_block, to);
  };
  sums.clear(block);
  gather(rows.layers.size(), rows.d_stream);
  for (std::size_t l = rows.layers.size(); l-- > 0;) {
    const auto& layer = rows.layers[l];
    backward_layer(l, workspace, layer, rows.d_stream, rows.d_mix, sums.d_norms);
    if (l > 0) gather(l, layer.d_qkv);
    for (std::int64_t i = 0; i < n; ++i) {
      const auto x = block.first + i;
      const auto at = l == 0 ? table_rows(workspace.prepared.table.qkv, x, 0)
                             : Sequence{{layer.qkv.row(i), layer.qkv.row(n + i)}};
      const auto to = l == 0 ? table_rows(sums.d_table.qkv, x, 0)
                             : Sequence{{layer.d_qkv.row(i), layer.d_qkv.row(n + i)}};
      const auto streams = l == 0 ? table_rows(sums.d_table.stream, x, 0) : Sequence{};
      backward_attention(layer, rows.d_mix, 0, i, at, to, streams);
      backward_attention(layer, rows.d_mix, 1, n + i, at, to, streams);
    }
    if (l > 0) backward_projection(workspace.prepared.transposed.blocks[l], layer, rows.d_stream);
  }
}

// From d_stream, the gradient of the layer's result, to d_mix, and d_attention for what goes past
// attention. d_stream is used up.
template <class T>
void FusedNetwork<T>::backward_layer(std::size_t l, const Workspace<T>& workspace,
                                     const LayerRows<T>& all, Matrix<T> d_stream, Matrix<T> d_mix,
                                     Matrix<T> d_norms) const {
  for_rows_at_once(all.mix.rows, [&](std::int64_t first, std::int64_t count) {
    backward_rows(parameters_.blocks[l], workspace.prepared.transposed.blocks[l],
                  all.narrow(first, count), d_stream.rows_from(first, count),
                  d_mix.rows_from(first, count),
                  d_norms.rows_from(4 * static_cast<std::int64_t>(l), 4));
  });
}

template <class T>
void FusedNetwork<T>::backward_rows(const Layer& layer, const TransposedBlock& transposed,
                                    const LayerRows<T>& rows, Matrix<T> d_stream, Matrix<T> d_mix,
                                    Matrix<T> d_norms) const {
  layer_norm_backward<T>(d_stream, rows.mlp_normal, rows.mlp_scale, layer.mlp_gain, rows.d_mlp,
                         d_norms.row(2), d_norms.row(3));
  multiply<T>(rows.d_mlp, transposed.mlp_output, rows.d_hidden);
  relu_backward<T>(rows.hidden, rows.d_hidden);
  copy<T>(rows.d_mlp, d_stream);
  multiply<T>(rows.d_hidden, transposed.mlp_input, d_stream, Into::add);
  layer_norm_backward<T>(d_stream, rows.attention_normal, rows.attention_scale,
                         layer.attention_gain, rows.d_attention, d_norms.row(0), d_norms.row(1));
  multiply<T>(rows.d_attention, transposed.output, d_mix);
}

// d_stream ← d_attention + d_qkv · Wqkvᵀ: the gradient of the result of the layer before.
template <class T>
void FusedNetwork<T>::backward_projection(const TransposedBlock& transposed,
                                          const LayerRows<T>& rows, Matrix<T> d_stream) const {
  copy<T>(rows.d_attention, d_stream);
  multiply<T>(rows.d_qkv, transposed.qkv, d_stream, Into::add);
}

template class FusedNetwork<float>;
template class FusedNetwork<double>;

}  // namespace transformer
