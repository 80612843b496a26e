#include "../kernels/attention.h"
#include "../kernels/elementwise.h"
#include "../kernels/gemm.h"
#include "../kernels/layer_norm.h"
#include "network.h"
#include "reserve.h"

#include <groklab/parallel.h>

#include <algorithm>

namespace transformer {
namespace {

constexpr std::int64_t kTableRows = 64;  // of the token table in an item

}  // namespace

template <class T>
void FusedNetwork<T>::forward(const Pairs& pairs, Workspace<T>& workspace, T* logits) const {
  workspace.batch.count = pairs.count;
  fill_table(workspace.table);
  const auto& prefix = workspace.prefix;
  const auto of_prefix = prefix_rows(workspace);
  groklab::parallel_for(prefix.number(), [&](std::int64_t i) {
    const auto block = prefix.at(i);
    forward_prefix(workspace.table, block, of_prefix.narrow(block.begin(), block.rows(), 0, 0));
  });
  groklab::parallel_for(workspace.batch.number(), [&](std::int64_t i) {
    const auto block = workspace.batch.at(i);
    const Matrix<T> result{logits + block.first * shape_.elements, block.count, shape_.elements,
                           shape_.elements};
    forward_batch(workspace.table, prefix, of_prefix, pairs.from(block.first, block.count),
                  block_of(workspace, block), result);
  });
}

template <class T>
void FusedNetwork<T>::evaluate(const Pairs& pairs, T* logits) const {
  Storage<T> storage;
  const TokenTable<T> table(storage, shape_);
  const Blocks prefix = operand_blocks(shape_), batch{pairs.count, kPairsInBlock};
  const NetworkRows<T> of_prefix(storage, shape_, 2 * prefix.count, 0, false);
  fill_table(table);
  groklab::parallel_for(prefix.number(), [&](std::int64_t i) {
    const auto block = prefix.at(i);
    forward_prefix(table, block, of_prefix.narrow(block.begin(), block.rows(), 0, 0));
  });

  struct Scratch {
    Storage<T> storage;
    NetworkRows<T> rows;
    explicit Scratch(const Shape& shape)
        : rows(storage, shape, 2 * kPairsInBlock, kPairsInBlock, false) {}
  };
  Reserve<Scratch> reserve;  // one for each thread
  groklab::parallel_for(batch.number(), [&](std::int64_t i) {
    const auto block = batch.at(i);
    auto scratch = reserve.take([](const Scratch&) { return true; },
                                [&] { return std::make_unique<Scratch>(shape_); });
    const Matrix<T> result{logits + block.first * shape_.elements, block.count, shape_.elements,
                           shape_.elements};
    forward_batch(table, prefix, of_prefix, pairs.from(block.first, block.count),
                  scratch->rows.narrow(0, block.rows(), 0, block.count), result);
    reserve.give_back(std::move(scratch));
  });
}

template <class T>
NetworkRows<T> FusedNetwork<T>::prefix_rows(const Workspace<T>& workspace) const {
  return workspace.rows.narrow(0, 2 * shape_.elements, 0, 0);
}

template <class T>
NetworkRows<T> FusedNetwork<T>::block_of(const Workspace<T>& workspace, const Block& pairs) const {
  return workspace.rows.narrow(2 * shape_.elements + pairs.begin(), pairs.rows(), pairs.first,
                               pairs.count);
}

// stream: embedding + position; qkv = stream · Wqkv.
template <class T>
void FusedNetwork<T>::fill_table(TokenTable<T> table) const {
  const auto d = shape_.width, elements = shape_.elements;
  const auto rows = 2 * elements + 2;
  groklab::parallel_for((rows + kTableRows - 1) / kTableRows, [&](std::int64_t item) {
    const auto first = item * kTableRows, count = std::min(kTableRows, rows - first);
    for (auto row = first; row < first + count; ++row) {
      const auto token = row < elements ? row : row - elements;  // <∘> and <=> follow the elements
      const auto position = row < elements        ? 0
                            : row < 2 * elements  ? 2
                            : row == 2 * elements ? 1
                                                  : 3;
      const T* embedded = parameters_.embedding.row(token);
      const T* shift = positions_ + position * d;
      for (std::int64_t i = 0; i < d; ++i) table.stream.row(row)[i] = embedded[i] + shift[i];
    }
    multiply<T>(table.stream.rows_from(first, count), parameters_.blocks[0].qkv,
                table.qkv.rows_from(first, count));
  });
}

template <class T>
auto FusedNetwork<T>::table_rows(Matrix<T> table, std::int64_t x, std::int64_t y) const
    -> Sequence {
  const auto elements = shape_.elements;
  return {{table.row(x), table.row(2 * elements), table.row(elements + y),
           table.row(2 * elements + 1)}};
}

template <class T>
auto FusedNetwork<T>::stream_rows(const Blocks& prefix, Matrix<T> of_prefix, Matrix<T> of_block,
                                  std::int64_t x, std::int64_t i) const -> Sequence {
  return {{of_prefix.row(prefix.first_row(x)), of_prefix.row(prefix.second_row(x)), of_block.row(i),
           of_block.row(of_block.rows / 2 + i)}};
}

// Positions 0 and 1 of the block's operands, through all layers but the last, of which they give
// keys and values.
template <class T>
void FusedNetwork<T>::forward_prefix(const TokenTable<T>& table, const Block& block,
                                     const NetworkRows<T>& rows) const {
  const auto d = shape_.width;
  for (std::size_t l = 0; l < rows.layers.size(); ++l) {
    const auto& layer = rows.layers[l];
    if (l > 0) copy<T>(rows.layers[l - 1].out, layer.attention_normal);
    for (std::int64_t i = 0; i < block.count; ++i) {
      const auto x = block.first + i, second = block.count + i;
      const Sequence at = l == 0 ? table_rows(table.qkv, x, 0)
                                 : Sequence{{layer.qkv.row(i), layer.qkv.row(second)}};
      attend<T>(heads(), at.row[0], at.keys(d, 1), layer.shares.row(i), layer.mix.row(i));
      attend<T>(heads(), at.row[1], at.keys(d, 2), layer.shares.row(second), layer.mix.row(second));
      if (l > 0) continue;
      const auto streams = table_rows(table.stream, x, 0);
      std::copy_n(streams.row[0], d, layer.attention_normal.row(i));
      std::copy_n(streams.row[1], d, layer.attention_normal.row(second));
    }
    finish_layer(parameters_.blocks[l], layer);
    project(l, rows);
  }
}

// Positions 2 and 3 of a block of pairs, through all layers, and the logits at position 3.
template <class T>
void FusedNetwork<T>::forward_batch(const TokenTable<T>& table, const Blocks& prefix,
                                    const NetworkRows<T>& of_prefix, const Pairs& pairs,
                                    const NetworkRows<T>& rows, Matrix<T> logits) const {
  const auto d = shape_.width;
  for (std::size_t l = 0; l < rows.layers.size(); ++l) {
    const auto& layer = rows.layers[l];
    if (l > 0) copy<T>(rows.layers[l - 1].out, layer.attention_normal);
    for (std::int64_t i = 0; i < pairs.count; ++i) {
      const auto x = pairs.x[i], y = pairs.y[i], second = pairs.count + i;
      const auto at = l == 0 ? table_rows(table.qkv, x, y)
                             : stream_rows(prefix, of_prefix.layers[l].qkv, layer.qkv, x, i);
      attend<T>(heads(), at.row[2], at.keys(d, 3), layer.shares.row(i), layer.mix.row(i));
      attend<T>(heads(), at.row[3], at.keys(d, 4), layer.shares.row(second), layer.mix.row(second));
      if (l > 0) continue;
      const auto streams = table_rows(table.stream, x, y);
      std::copy_n(streams.row[2], d, layer.attention_normal.row(i));
      std::copy_n(streams.row[3], d, layer.attention_normal.row(second));
    }
    finish_layer(parameters_.blocks[l], layer);
    project(l, rows);
  }
  answer(prefix, of_prefix.kv, pairs, rows);
  multiply<T>(rows.last.out, parameters_.head, logits);
}

// What follows attention: attended = LN(x + mix · Wo),
// out = LN(attended + relu(attended · W1) · W2). The first norm's input holds x at the start.
template <class T>
void FusedNetwork<T>::finish_layer(const Layer& layer, const LayerRows<T>& rows) const {
  multiply<T>(rows.mix, layer.output, rows.attention_normal, Into::add);
  layer_norm<T>(rows.attention_normal, layer.attention_gain, layer.attention_bias,
                rows.attention_scale, rows.attended);
  multiply<T>(rows.attended, layer.mlp_input, rows.hidden);
  relu(rows.hidden);
  copy<T>(rows.attended, rows.mlp_normal);
  multiply<T>(rows.hidden, layer.mlp_output, rows.mlp_normal, Into::add);
  layer_norm<T>(rows.mlp_normal, layer.mlp_gain, layer.mlp_bias, rows.mlp_scale, rows.out);
}

// Queries, keys and values of the layer after `l`; of the last layer keys and values alone.
template <class T>
void FusedNetwork<T>::project(std::size_t l, const NetworkRows<T>& rows) const {
  const auto weight = parameters_.blocks[l + 1].qkv;
  if (l + 1 < rows.layers.size()) {
    multiply<T>(rows.layers[l].out, weight, rows.layers[l + 1].qkv);
  } else {
    const auto d = shape_.width;
    multiply<T>(rows.layers[l].out, weight.columns_from(d, 2 * d), rows.kv);
  }
}

// The last layer, for position 3 alone.
template <class T>
void FusedNetwork<T>::answer(const Blocks& prefix, Matrix<T> prefix_kv, const Pairs& pairs,
                             const NetworkRows<T>& rows) const {
  const auto& block = parameters_.blocks.back();
  const auto& last = rows.last;
  copy<T>(rows.layers.back().out.rows_from(pairs.count, pairs.count), rows.answers);
  copy<T>(rows.answers, last.attention_normal);
  multiply<T>(rows.answers, block.qkv.columns_from(0, shape_.width), last.qkv);
  for (std::int64_t i = 0; i < pairs.count; ++i) {
    const auto at = stream_rows(prefix, prefix_kv, rows.kv, pairs.x[i], i);
    attend<T>(heads(), last.qkv.row(i), at.keys(0, Shape::kLength), last.shares.row(i),
              last.mix.row(i));
  }
  finish_layer(block, last);
}

template class FusedNetwork<float>;
template class FusedNetwork<double>;

}  // namespace transformer
