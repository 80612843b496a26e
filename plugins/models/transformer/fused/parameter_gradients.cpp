// The end of the backward pass: from the gradients of rows to those of parameters.
#include "../kernels/elementwise.h"
#include "../kernels/gemm.h"
#include "network.h"

#include <groklab/parallel.h>

#include <algorithm>
#include <vector>

namespace transformer {
namespace {

constexpr std::int64_t kTile = 128;  // rows and columns of a weight's gradient in an item

}  // namespace

// Rows of the token table's gradient, from the sums of the blocks that read these rows.
template <class T>
void FusedNetwork<T>::backward_table(Workspace<T>& workspace, Sums<T> prefixes, std::int64_t first,
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
