#include "workspace.h"

#include "../kernels/elementwise.h"

#include <new>

namespace transformer {

template <class T>
Matrix<T> Storage<T>::take(std::int64_t rows, std::int64_t columns) {
  const auto bytes = static_cast<std::size_t>(rows * columns) * sizeof(T);
  pieces_.emplace_back(static_cast<T*>(std::aligned_alloc(64, (bytes + 127) / 64 * 64)));
  if (!pieces_.back()) throw std::bad_alloc();
  return {pieces_.back().get(), rows, columns, columns};
}

namespace {

template <class T>
LayerRows<T> make_layer(Storage<T>& storage, const Shape& shape, std::int64_t rows,
                        std::int64_t qkv_columns, bool with_gradients) {
  const auto d = shape.width;
  LayerRows<T> layer;
  layer.qkv = storage.take(rows, qkv_columns);
  layer.shares = storage.take(rows, Shape::kLength * shape.heads);
  layer.hidden = storage.take(rows, 4 * d);
  for (auto* matrix :
       {&layer.mix, &layer.attention_normal, &layer.attended, &layer.mlp_normal, &layer.out}) {
    *matrix = storage.take(rows, d);
  }
  layer.attention_scale = storage.take(rows, 1);
  layer.mlp_scale = storage.take(rows, 1);
  if (!with_gradients) return layer;
  layer.d_qkv = storage.take(rows, qkv_columns);
  layer.d_attention = storage.take(rows, d);
  layer.d_hidden = storage.take(rows, 4 * d);
  layer.d_mlp = storage.take(rows, d);
  return layer;
}

}  // namespace

template <class T>
LayerRows<T> LayerRows<T>::narrow(std::int64_t first, std::int64_t count) const {
  LayerRows part = *this;
  for (auto* matrix :
       {&part.qkv, &part.shares, &part.mix, &part.attention_normal, &part.attention_scale,
        &part.attended, &part.hidden, &part.mlp_normal, &part.mlp_scale, &part.out, &part.d_qkv,
        &part.d_attention, &part.d_hidden, &part.d_mlp}) {
    *matrix = matrix->rows_from(first, count);
  }
  return part;
}

template <class T>
NetworkRows<T>::NetworkRows(Storage<T>& storage, const Shape& shape, std::int64_t row_count,
                            std::int64_t answer_count, bool with_gradients) {
  const auto d = shape.width;
  for (std::int64_t layer = 0; layer + 1 < shape.layers; ++layer) {
    layers.push_back(make_layer(storage, shape, row_count, 3 * d, with_gradients));
  }
  answers = storage.take(answer_count, d);
  asked = storage.take(answer_count, shape.heads * d);
  seen = storage.take(answer_count, shape.heads * d);
  last = make_layer(storage, shape, answer_count, d, with_gradients);
  if (!with_gradients) return;
  d_stream = storage.take(row_count, d);
  d_mix = storage.take(row_count, d);
  d_answers = storage.take(answer_count, d);
  d_asked = storage.take(answer_count, shape.heads * d);
  d_seen = storage.take(answer_count, shape.heads * d);
  d_answer_mix = storage.take(answer_count, d);
}

template <class T>
NetworkRows<T> NetworkRows<T>::narrow(std::int64_t first_row, std::int64_t row_count,
                                      std::int64_t first_answer, std::int64_t answer_count) const {
  NetworkRows part = *this;
  for (auto& layer : part.layers) layer = layer.narrow(first_row, row_count);
  for (auto* matrix : {&part.d_stream, &part.d_mix}) {
    *matrix = matrix->rows_from(first_row, row_count);
  }
  for (auto* matrix : {&part.answers, &part.asked, &part.seen, &part.d_answers, &part.d_answer_mix,
                       &part.d_asked, &part.d_seen}) {
    *matrix = matrix->rows_from(first_answer, answer_count);
  }
  part.last = last.narrow(first_answer, answer_count);
  return part;
}

template <class T>
TokenTable<T>::TokenTable(Storage<T>& storage, const Shape& shape)
    : stream(storage.take(2 * shape.elements + 2, shape.width)),
      qkv(storage.take(2 * shape.elements + 2, 3 * shape.width)) {}

template <class T>
TransposedWeights<T>::TransposedWeights(Storage<T>& storage, const Shape& shape)
    : head(storage.take(shape.elements, shape.width)) {
  const auto d = shape.width;
  for (std::int64_t layer = 0; layer < shape.layers; ++layer) {
    blocks.push_back({storage.take(3 * d, d), storage.take(d, d), storage.take(4 * d, d),
                      storage.take(d, 4 * d)});
  }
}

template <class T>
BlockSums<T>::BlockSums(Storage<T>& storage, const Shape& shape, bool with_prefix)
    : d_table(storage, shape), d_norms(storage.take(4 * shape.layers, shape.width)) {
  for (std::int64_t layer = 1; with_prefix && layer < shape.layers; ++layer) {
    const bool is_last = layer + 1 == shape.layers;
    d_prefix.push_back(storage.take(2 * shape.elements, (is_last ? 1 : 3) * shape.width));
  }
}

template <class T>
void BlockSums<T>::clear() {
  fill_zero(d_table.stream);
  fill_zero(d_table.qkv);
  fill_zero(d_norms);
  for (auto& matrix : d_prefix) fill_zero(matrix);
}

template <class T>
void BlockSums<T>::clear(const Blocks::Block& operands) {
  for (const auto& matrix : {d_table.stream, d_table.qkv}) {
    fill_zero(matrix.rows_from(operands.first, operands.count));
    fill_zero(matrix.rows_from(matrix.rows - 2, 2));  // <∘> and <=>
  }
  fill_zero(d_norms);
}

template <class T>
Workspace<T>::Workspace(const Shape& shape, std::int64_t pairs)
    : capacity(pairs),
      prefix(operand_blocks(shape)),
      batch{pairs, kPairsInBlock},
      prepared(storage_, shape),
      d_table(storage_, shape),
      rows(storage_, shape, 2 * (shape.elements + pairs), pairs, /*with_gradients=*/true) {
  for (std::int64_t i = 0; i < batch.number(); ++i) batch_sums.emplace_back(storage_, shape, true);
  for (std::int64_t i = 0; i < prefix.number(); ++i) {
    prefix_sums.emplace_back(storage_, shape, false);
  }
}

template class Storage<float>;
template class Storage<double>;
template struct NetworkRows<float>;
template struct NetworkRows<double>;
template struct LayerRows<float>;
template struct LayerRows<double>;
template struct TokenTable<float>;
template struct TokenTable<double>;
template struct TransposedWeights<float>;
template struct TransposedWeights<double>;
template struct BlockSums<float>;
template struct BlockSums<double>;
template class Workspace<float>;
template class Workspace<double>;

}  // namespace transformer
