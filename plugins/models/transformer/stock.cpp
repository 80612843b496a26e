#include "stock.h"

#include <groklab/nn.h>
#include <groklab/profile.h>

#include <cmath>
#include <utility>

// Letters besides those of groklab/tensor.h:
//   Q  positions that ask        h  heads        c  numbers a head: d / h

namespace transformer {
namespace {

namespace nn = groklab::nn;

struct Block {
  Block(const Weights& weights, std::int64_t i)
      : qkv(weights[in_block(i, kQkv)]),
        output(weights[in_block(i, kAttentionOutput)]),
        attention_gain(weights[in_block(i, kAttentionGain)]),
        attention_bias(weights[in_block(i, kAttentionBias)]),
        mlp_input(weights[in_block(i, kMlpInput)]),
        mlp_output(weights[in_block(i, kMlpOutput)]),
        mlp_gain(weights[in_block(i, kMlpGain)]),
        mlp_bias(weights[in_block(i, kMlpBias)]) {}

  // All that follows the attention, row by row: x and mixed [R, N, d] → [R, N, d]. Post-norm:
  // LN(x + attention(x)), then LN(x + mlp(x)).
  Tensor finish(const Tensor& x, const Tensor& mixed) const {
    const auto attended =
        nn::layer_norm(x + nn::linear(mixed, output), attention_gain, attention_bias);
    const auto hidden = nn::linear(attended, mlp_input).relu();
    return nn::layer_norm(attended + nn::linear(hidden, mlp_output), mlp_gain, mlp_bias);
  }

  const Tensor &qkv, &output, &attention_gain, &attention_bias;
  const Tensor &mlp_input, &mlp_output, &mlp_gain, &mlp_bias;
};

// Rows and what attention takes of them.
struct Rows {
  Tensor x, queries;   // [R, N, d]
  Tensor keys_values;  // [R, N, 2 d]
};

// In two, of sizes `first` and the rest. Backward is one concatenation; a slice would pad.
std::pair<Tensor, Tensor> cut(const Tensor& tensor, std::int64_t dimension, std::int64_t first) {
  const auto rest = tensor.size(dimension) - first;
  auto parts = tensor.split_with_sizes({first, rest}, dimension);
  return {std::move(parts[0]), std::move(parts[1])};
}

Tensor by_position(const Tensor& stream) {  // [R, B · T, …] → [R, B, T, …]
  return stream.unflatten(1, {-1, Shape::kLength});
}

// A whole block: x [R, B · T, d] → [R, B · T, d].
Tensor every_row(const Block& block, const Tensor& x, const Shape& shape) {
  const auto qkv = by_position(nn::linear(x, block.qkv));
  return block.finish(x, nn::causal_attention(qkv, shape.heads).flatten(1, 2));
}

// Attention of few positions, by elementwise products: matrices of 1 × 4 numbers leave a device
// idle, and would have to be laid out first. queries [R, N, Q, d], keys_values [R, N, T, 2 d],
// mask [Q, T, 1] → [R, N, Q, d].
Tensor attend(const Tensor& queries, const Tensor& keys_values, const Tensor& mask,
              const Shape& shape) {
  const groklab::TimedWork work(groklab::Work::attention);
  const auto heads = shape.heads, head_width = shape.head_width();
  const auto q = queries.unflatten(3, {heads, head_width}).unsqueeze(3);  // [R, N, Q, 1, h, c]
  const auto kv = keys_values.unflatten(3, {2, heads, head_width}).unbind(3);
  const auto keys = kv[0].unsqueeze(2), values = kv[1].unsqueeze(2);  // [R, N, 1, T, h, c]
  const auto scores = (q * keys).sum(-1);                             // [R, N, Q, T, h]
  const auto scale = 1 / std::sqrt(static_cast<double>(head_width));
  const auto mixture = torch::add(mask, scores, scale).softmax(3);  // mask + scale · scores
  return (mixture.unsqueeze(-1) * values).sum(3).flatten(3);
}

// The last block and the head where the answers are read: x and queries [R, B, d], keys_values
// [R, B, T, 2 d] → logits [R, B, K].
Tensor answer(const Weights& weights, const Rows& rows, const Tensor& mask, const Shape& shape) {
  const Block last(weights, shape.layers - 1);
  const auto sees_all = mask.narrow(0, Shape::kLength - 1, 1);
  const auto mixed = attend(rows.queries.unsqueeze(2), rows.keys_values, sees_all, shape);
  return nn::linear(last.finish(rows.x, mixed.squeeze(2)), weights[kHead]);
}

// `shared` keeps its rows in the order <x> (K), <x∘y> (B), <x∘> (K), <x∘y=> (B): two positions of
// the K prefixes and of the B pairs. [R, 2 (K + B), …] → prefixes [R, K, 2, …], pairs [R, B, 2, …].
// Views, and gradients come back in the order of the rows.
std::pair<Tensor, Tensor> prefixes_and_pairs(const Tensor& rows, std::int64_t elements) {
  const auto [prefixes, pairs] = cut(rows.unflatten(1, {2, -1}), 2, elements);
  return {prefixes.transpose(1, 2), pairs.transpose(1, 2)};
}

Tensor answers_of(const Tensor& rows, std::int64_t batch) {  // the last B rows
  return rows.narrow(1, rows.size(1) - batch, batch);
}

// The keys and values that a pair sees: those of its prefix, by its x, and its own two.
Tensor seen_by_pairs(const Tensor& prefixes, const Tensor& pairs, const Tensor& x) {
  return torch::cat({nn::embedding(prefixes, x), pairs}, 2);  // [R, B, T, 2 d]
}

// [R, 2 (K + B), d].
Tensor attend_shared(const Rows& rows, const Tensor& x, const Tensor& mask, const Shape& shape) {
  const auto [prefix_q, pair_q] = prefixes_and_pairs(rows.queries, shape.elements);
  const auto [prefix_kv, pair_kv] = prefixes_and_pairs(rows.keys_values, shape.elements);
  const auto prefixes = attend(prefix_q, prefix_kv, mask.narrow(0, 0, 2).narrow(1, 0, 2), shape);
  const auto pairs =
      attend(pair_q, seen_by_pairs(prefix_kv, pair_kv, x), mask.narrow(0, 2, 2), shape);
  return torch::cat({prefixes.transpose(1, 2), pairs.transpose(1, 2)}, 2).flatten(1, 2);
}

// What the first block reads, each distinct row computed once: `places` [2 K + 2, d] are the
// positions of the rows <x>, <∘>, <y>, <=>.
Rows first_rows(const Weights& weights, const ModelInput& input, const Tensor& places,
                const Shape& shape) {
  const auto elements = shape.elements, width = shape.width, batch = input.x.size(1);
  const auto tokens = weights[kEmbedding].split_with_sizes({elements, 1, 1}, 1);
  const auto x = torch::cat({tokens[0], tokens[1], tokens[0], tokens[2]}, 1) + places;
  const auto with_qkv = torch::cat({x, nn::linear(x, Block(weights, 0).qkv)}, 2);
  const auto distinct = with_qkv.split_with_sizes({elements, 1, elements, 1}, 1);  // [R, …, 4 d]
  const auto rows =
      torch::cat({distinct[0], nn::embedding(distinct[2], input.y),
                  distinct[1].expand({-1, elements, -1}), distinct[3].expand({-1, batch, -1})},
                 1);  // [R, 2 (K + B), 4 d]
  auto parts = rows.split_with_sizes({width, width, 2 * width}, 2);
  return {std::move(parts[0]), std::move(parts[1]), std::move(parts[2])};
}

// What a later block reads. The last one asks for the answers alone.
Rows next_rows(const Tensor& x, const Tensor& qkv) {
  const auto [queries, keys_values] = cut(nn::linear(x, qkv), 2, x.size(2));
  return {x, queries, keys_values};
}
Rows last_rows(const Tensor& x, const Tensor& answers, const Tensor& qkv) {
  const auto [for_queries, for_keys_values] = cut(qkv, 2, x.size(2));
  return {answers, nn::linear(answers, for_queries), nn::linear(x, for_keys_values)};
}

}  // namespace

Tensor Stock::plain(const Weights& weights, const ModelInput& input) const {
  auto stream = embed(weights, input);  // [R, B · T, d]
  for (std::int64_t i = 0; i < shape_.layers; ++i) {
    stream = every_row(Block(weights, i), stream, shape_);
  }
  return nn::linear(by_position(stream).select(2, Shape::kLength - 1), weights[kHead]);
}

Tensor Stock::trimmed(const Weights& weights, const ModelInput& input) const {
  const auto last = shape_.layers - 1;
  auto stream = embed(weights, input);  // [R, B · T, d]
  for (std::int64_t i = 0; i < last; ++i) stream = every_row(Block(weights, i), stream, shape_);
  const auto answers = by_position(stream).select(2, Shape::kLength - 1);
  auto rows = last_rows(stream, answers, Block(weights, last).qkv);
  rows.keys_values = by_position(rows.keys_values);
  return answer(weights, rows, constants(stream).mask, shape_);
}

Tensor Stock::shared(const Weights& weights, const ModelInput& input) const {
  const auto fixed = constants(weights.flat());
  const auto last = shape_.layers - 1, batch = input.x.size(1);
  auto rows = first_rows(weights, input, fixed.places, shape_);
  for (std::int64_t i = 0; i < last; ++i) {
    const auto mixed = attend_shared(rows, input.x, fixed.mask, shape_);
    const auto x = Block(weights, i).finish(rows.x, mixed);
    const auto& qkv = Block(weights, i + 1).qkv;
    rows = i + 1 < last ? next_rows(x, qkv) : last_rows(x, answers_of(x, batch), qkv);
  }
  if (last == 0) {
    rows.x = answers_of(rows.x, batch);
    rows.queries = answers_of(rows.queries, batch);
  }
  const auto [prefixes, pairs] = prefixes_and_pairs(rows.keys_values, shape_.elements);
  rows.keys_values = seen_by_pairs(prefixes, pairs, input.x);
  return answer(weights, rows, fixed.mask, shape_);
}

Tensor Stock::embed(const Weights& weights, const ModelInput& input) const {
  const auto fixed = constants(weights.flat());
  const auto batch = input.x.sizes();
  const auto tokens = torch::stack(
      {input.x, fixed.operation.expand(batch), input.y, fixed.equals.expand(batch)}, 2);
  const auto rows = nn::embedding(weights[kEmbedding], tokens.flatten(1));
  return (by_position(rows) + fixed.positions).flatten(1, 2);
}

Stock::Constants Stock::constants(const Tensor& like) const {
  const std::lock_guard lock(mutex_);
  for (const auto& made : constants_) {
    const auto& positions = made.positions;
    if (positions.dtype() == like.dtype() && positions.device() == like.device()) return made;
  }
  const auto elements = shape_.elements, length = Shape::kLength;
  Constants made;
  made.positions = nn::sinusoidal_positions(length, shape_.width, like.options());
  const auto place = made.positions.split(1, 0);
  made.places = torch::cat(
      {place[0].expand({elements, -1}), place[1], place[2].expand({elements, -1}), place[3]}, 0);
  made.mask = torch::full({length, length}, -INFINITY, like.options()).triu(1).unsqueeze(2);
  const auto token = [&](std::int64_t number) {
    return torch::full({1, 1}, number, like.options().dtype(torch::kInt64));
  };
  made.operation = token(elements);
  made.equals = token(elements + 1);
  return constants_.emplace_back(std::move(made));
}

}  // namespace transformer
