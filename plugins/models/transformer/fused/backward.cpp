#include "../kernels/elementwise.h"
#include "../kernels/gemm.h"
#include "../kernels/layer_norm.h"
#include "network.h"

#include <groklab/parallel.h>

#include <algorithm>
#include <span>
#include <vector>

namespace transformer {
namespace {

constexpr std::int64_t kTile = 128;  // rows and columns of a weight's gradient in an item

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

}  // namespace

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
    if (i == workspace.prefix.number())
      return backward_operator_tokens(workspace, gradients.embedding);
    backward_elements(workspace, i, gradients.embedding);
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

// Rows of the token table's gradient, from the sums of the blocks that read these rows.
template <class T>
void FusedNetwork<T>::backward_table(Workspace<T>& workspace,
                                     std::span<const BlockSums<T>> prefixes, std::int64_t first,
                                     std::int64_t count) const {
  const auto stream = workspace.d_table.stream.rows_from(first, count);
  const auto qkv = workspace.d_table.qkv.rows_from(first, count);
  const auto add_up = [&](auto table, Matrix<T> to) {
    const auto of_rows = [=](const BlockSums<T>& one) {
      return (one.d_table.*table).rows_from(first, count);
    };
    sum_blocks<T>(prefixes, batch_sums(workspace), of_rows, to);
  };
  add_up(&TokenTable<T>::stream, stream);
  add_up(&TokenTable<T>::qkv, qkv);
  multiply<T>(qkv, workspace.prepared.transposed.blocks[0].qkv, stream, Into::add);
}

// The embedding's gradient for the operands of prefix block i. Of the prefixes only they themselves
// read their rows at position 0, and none those at position 2.
template <class T>
void FusedNetwork<T>::backward_elements(Workspace<T>& workspace, std::int64_t i,
                                        Matrix<T> d_embedding) const {
  const auto block = workspace.prefix.at(i);
  const auto own = Sums<T>(workspace.prefix_sums).subspan(static_cast<std::size_t>(i), 1);
  backward_table(workspace, own, block.first, block.count);
  backward_table(workspace, {}, shape_.elements + block.first, block.count);
  const auto& d_stream = workspace.d_table.stream;
  copy<T>(d_stream.rows_from(block.first, block.count),
          d_embedding.rows_from(block.first, block.count));
  for (auto x = block.first; x < block.first + block.count; ++x) {
    add_row<T>(d_stream.row(shape_.elements + x), d_embedding.row(x), shape_.width);
  }
}

// … and for <∘> and <=>, which all blocks read.
template <class T>
void FusedNetwork<T>::backward_operator_tokens(Workspace<T>& workspace,
                                               Matrix<T> d_embedding) const {
  const auto elements = shape_.elements;
  backward_table(workspace, workspace.prefix_sums, 2 * elements, 2);
  copy<T>(workspace.d_table.stream.rows_from(2 * elements, 2), d_embedding.rows_from(elements, 2));
}

// Every weight's gradient is inputsᵀ · gradients of outputs, over all rows at once.
template <class T>
void FusedNetwork<T>::weight_gradients(const Workspace<T>& workspace,
                                       const Parameters<T>& gradients,
                                       Matrix<const T> d_logits) const {
  struct Product {
    Matrix<const T> inputs, d_outputs;
    Matrix<T> result;
  };
  std::vector<Product> products;
  const auto add = [&](Matrix<const T> inputs, Matrix<const T> d_outputs, Matrix<T> result) {
    for (std::int64_t row = 0; row < result.rows; row += kTile) {
      const auto rows = std::min(kTile, result.rows - row);
      for (std::int64_t column = 0; column < result.columns; column += kTile) {
        const auto columns = std::min(kTile, result.columns - column);
        products.push_back({inputs.columns_from(row, rows), d_outputs.columns_from(column, columns),
                            result.rows_from(row, rows).columns_from(column, columns)});
      }
    }
  };
  const auto add_layer = [&](const LayerRows<T>& rows, const typename Parameters<T>::Block& to) {
    add(rows.mix, rows.d_attention, to.output);
    add(rows.attended, rows.d_hidden, to.mlp_input);
    add(rows.hidden, rows.d_mlp, to.mlp_output);
  };
  const auto n = d_logits.rows;
  const auto rows = workspace.rows.narrow(0, 2 * (shape_.elements + n), 0, n);
  for (std::size_t l = 0; l < rows.layers.size(); ++l) {
    add_layer(rows.layers[l], gradients.blocks[l]);
    if (l > 0) add(rows.layers[l - 1].out, rows.layers[l].d_qkv, gradients.blocks[l].qkv);
  }
  const auto& last = gradients.blocks.back();
  add_layer(rows.last, last);
  add(rows.answers, rows.last.d_qkv, last.queries());
  for (std::int64_t h = 0; h < shape_.heads; ++h) {
    add(of_head(h, rows.d_asked), of_head(h, rows.last.qkv), of_head(h, last.keys()));
    add(of_head(h, rows.seen), of_head(h, rows.d_answer_mix), of_head(h, last.values()));
  }
  add(rows.last.out, d_logits, gradients.head);
  add(workspace.prepared.table.stream, workspace.d_table.qkv, gradients.blocks[0].qkv);

  // The long ones first, so that threads end together.
  std::stable_sort(products.begin(), products.end(), [](const Product& a, const Product& b) {
    return a.inputs.rows > b.inputs.rows;
  });
  const auto count = static_cast<std::int64_t>(products.size());
  groklab::parallel_for(count + 1, [&](std::int64_t i) {
    if (i == count) return norm_gradients(workspace, gradients);
    const auto& [inputs, d_outputs, result] = products[i];
    transposed_multiply<T>(inputs, d_outputs, result);
  });
}

template <class T>
void FusedNetwork<T>::norm_gradients(const Workspace<T>& workspace,
                                     const Parameters<T>& gradients) const {
  for (std::int64_t l = 0; l < shape_.layers; ++l) {
    const auto& block = gradients.blocks[l];
    T* const to[] = {block.attention_gain, block.attention_bias, block.mlp_gain, block.mlp_bias};
    for (std::int64_t which = 0; which < 4; ++which) {
      const auto of_norm = [=](const BlockSums<T>& one) {
        return one.d_norms.rows_from(4 * l + which, 1);
      };
      sum_blocks<T>(workspace.prefix_sums, batch_sums(workspace), of_norm,
                    {to[which], 1, shape_.width, shape_.width});
    }
  }
}

template class FusedNetwork<float>;
template class FusedNetwork<double>;

}  // namespace transformer
