#include "../kernels/attention.h"
#include "../kernels/elementwise.h"
#include "../kernels/gemm.h"
#include "../kernels/layer_norm.h"
#include "network.h"
#include "reserve.h"

#include <groklab/parallel.h>

#include <algorithm>
#include <utility>
#include <vector>

namespace transformer {
namespace {

constexpr std::int64_t kTableRows = 64;  // of the token table in an item

}  // namespace

template <class T>
void FusedNetwork<T>::forward(const Pairs& pairs, Workspace<T>& workspace, T* logits) const {
  workspace.batch.count = pairs.count;
  prepare(workspace.prepared);
  const auto& prefix = workspace.prefix;
  const auto of_prefix = prefix_rows(workspace);
  groklab::parallel_for(prefix.number(), [&](std::int64_t i) {
    const auto block = prefix.at(i);
    forward_prefix(workspace.prepared.table, block,
                   of_prefix.narrow(block.begin(), block.rows(), 0, 0));
  });
  groklab::parallel_for(workspace.batch.number(), [&](std::int64_t i) {
    const auto block = workspace.batch.at(i);
    const Matrix<T> result{logits + block.first * shape_.elements, block.count, shape_.elements,
                           shape_.elements};
    forward_batch(workspace.prepared, prefix, of_prefix, pairs.from(block.first, block.count),
                  block_of(workspace, block), result);
  });
}

template <class T>
void FusedNetwork<T>::evaluate(const Pairs& pairs, T* logits) const {
  Storage<T> storage;
  const Prepared<T> prepared(storage, shape_);
  const Blocks prefix = operand_blocks(shape_), batch{pairs.count, kPairsInBlock};
  const NetworkRows<T> of_prefix(storage, shape_, 2 * prefix.count, 0, false);
  prepare(prepared);
  groklab::parallel_for(prefix.number(), [&](std::int64_t i) {
    const auto block = prefix.at(i);
    forward_prefix(prepared.table, block, of_prefix.narrow(block.begin(), block.rows(), 0, 0));
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
    forward_batch(prepared, prefix, of_prefix, pairs.from(block.first, block.count),
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

template <class T>
void FusedNetwork<T>::prepare(const Prepared<T>& to) const {
  std::vector<std::pair<Matrix<const T>, Matrix<T>>> transposes;
  for (std::size_t l = 0; l < parameters_.blocks.size(); ++l) {
    const auto& from = parameters_.blocks[l];
    const auto& transposed = to.transposed.blocks[l];
    transposes.emplace_back(from.mlp_input, transposed.mlp_input);
    transposes.emplace_back(from.mlp_output, transposed.mlp_output);
    transposes.emplace_back(from.qkv, transposed.qkv);
    transposes.emplace_back(from.output, transposed.output);
  }
  transposes.emplace_back(parameters_.head, to.transposed.head);
  const auto rows = to.table.stream.rows, items = (rows + kTableRows - 1) / kTableRows;
  const auto count = static_cast<std::int64_t>(transposes.size());
  groklab::parallel_for(items + count, [&](std::int64_t i) {
    if (i >= items) return transpose<T>(transposes[i - items].first, transposes[i - items].second);
    fill_table(to.table, i * kTableRows, std::min(kTableRows, rows - i * kTableRows));
  });
}

// Some rows: stream, embedding + position, and qkv = stream · Wqkv.
template <class T>
void FusedNetwork<T>::fill_table(const TokenTable<T>& table, std::int64_t first,
                                 std::int64_t count) const {
  const auto d = shape_.width, elements = shape_.elements;
  for (auto row = first; row < first + count; ++row) {
    const auto token = row < elements ? row : row - elements;  // <∘> and <=> follow the elements
    const auto position = row < elements ? 0 : row < 2 * elements ? 2 : row == 2 * elements ? 1 : 3;
    const T* embedded = parameters_.embedding.row(token);
    const T* shift = positions_ + position * d;
    for (std::int64_t i = 0; i < d; ++i) table.stream.row(row)[i] = embedded[i] + shift[i];
  }
  multiply<T>(table.stream.rows_from(first, count), parameters_.blocks[0].qkv,
              table.qkv.rows_from(first, count));
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

// Positions 0 and 1 of the block's operands, through all layers but the last.
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
void FusedNetwork<T>::forward_batch(const Prepared<T>& prepared, const Blocks& prefix,
                                    const NetworkRows<T>& of_prefix, const Pairs& pairs,
                                    const NetworkRows<T>& rows, Matrix<T> logits) const {
  const auto& table = prepared.table;
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
  answer(prepared.transposed.blocks.back(), prefix, of_prefix.layers.back().out, pairs, rows);
  multiply<T>(rows.last.out, parameters_.head, logits);
}

// What follows attention: attended = LN(x + mix · Wo),
// out = LN(attended + relu(attended · W1) · W2). The first norm's input holds x at the start.
template <class T>
void FusedNetwork<T>::finish_layer(const Layer& layer, const LayerRows<T>& all) const {
  for_rows_at_once(all.mix.rows, [&](std::int64_t first, std::int64_t count) {
    finish_rows(layer, all.narrow(first, count));
  });
}

template <class T>
void FusedNetwork<T>::finish_rows(const Layer& layer, const LayerRows<T>& rows) const {
  multiply<T>(rows.mix, layer.output, rows.attention_normal, Into::add);
  layer_norm<T>(rows.attention_normal, layer.attention_gain, layer.attention_bias,
                rows.attention_scale, rows.attended);
  multiply<T>(rows.attended, layer.mlp_input, rows.hidden);
  relu(rows.hidden);
  copy<T>(rows.attended, rows.mlp_normal);
  multiply<T>(rows.hidden, layer.mlp_output, rows.mlp_normal, Into::add);
  layer_norm<T>(rows.mlp_normal, layer.mlp_gain, layer.mlp_bias, rows.mlp_scale, rows.out);
}

// Queries, keys and values of the layer after `l`. The last layer has no use for them.
template <class T>
void FusedNetwork<T>::project(std::size_t l, const NetworkRows<T>& rows) const {
  if (l + 1 == rows.layers.size()) return;
  multiply<T>(rows.layers[l].out, parameters_.blocks[l + 1].qkv, rows.layers[l + 1].qkv);
}

// The last layer, for position 3 alone. One query for four rows: it is cheaper to bring a head's
// query to the rows than all rows to keys and values. With rows x_j, q · (x_j Wk) = (q Wkᵀ) · x_j
// is the score, and the mix Σ_j share_j (x_j Wv) = (Σ_j share_j x_j) Wv.
template <class T>
void FusedNetwork<T>::answer(const TransposedBlock& transposed, const Blocks& prefix,
                             Matrix<T> prefix_rows, const Pairs& pairs,
                             const NetworkRows<T>& rows) const {
  const auto& block = parameters_.blocks.back();
  const auto& last = rows.last;
  const auto& input = rows.layers.back().out;
  copy<T>(input.rows_from(pairs.count, pairs.count), rows.answers);
  copy<T>(rows.answers, last.attention_normal);
  multiply<T>(rows.answers, block.queries(), last.qkv);
  for (std::int64_t h = 0; h < shape_.heads; ++h) {
    multiply<T>(of_head(h, last.qkv), rows_of_head(h, transposed.keys()), of_head(h, rows.asked));
  }
  for (std::int64_t i = 0; i < pairs.count; ++i) {
    const auto at = stream_rows(prefix, prefix_rows, input, pairs.x[i], i);
    attend<T>(heads_of_answer(), rows.asked.row(i), at.keys(0, Shape::kLength), last.shares.row(i),
              rows.seen.row(i));
  }
  for (std::int64_t h = 0; h < shape_.heads; ++h) {
    multiply<T>(of_head(h, rows.seen), of_head(h, block.values()), of_head(h, last.mix));
  }
  finish_layer(block, last);
}

template class FusedNetwork<float>;
template class FusedNetwork<double>;

}  // namespace transformer
