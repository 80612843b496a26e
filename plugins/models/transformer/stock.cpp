#include "stock.h"

#include "block.h"

#include <groklab/profile.h>

#include <cmath>
#include <utility>

// Letters besides those of groklab/tensor.h:
//   Q  positions that ask        h  heads        c  numbers a head: d / h

namespace transformer {
namespace {

namespace nn = groklab::nn;

Tensor by_position(const Tensor& stream) {  // [R, B · T, …] → [R, B, T, …]
  return stream.unflatten(1, {-1, Shape::kLength});
}

Tensor answers_at_the_end(const Tensor& stream) {  // [R, B · T, d] → [R, B, d]
  return by_position(stream).select(2, Shape::kLength - 1);
}

// A whole block: x [R, B · T, d] → [R, B · T, d].
Tensor every_row(const Block& block, const Tensor& x, const Tensor& kept, const Shape& shape) {
  const auto qkv = by_position(block.qkv(block.attention.read(x)));
  return block.finish(x, nn::causal_attention(qkv, shape.heads).flatten(1, 2), kept);
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

// `shared` keeps its rows in the order <x> (K), <x∘y> (B), <x∘> (K), <x∘y=> (B): two positions of
// the K prefixes and of the B pairs. [R, 2 (K + B), …] → prefixes [R, K, 2, …], pairs [R, B, 2, …].
// Views, and gradients come back in the order of the rows.
std::pair<Tensor, Tensor> prefixes_and_pairs(const Tensor& rows, std::int64_t elements) {
  const auto [prefixes, pairs] = cut(rows.unflatten(1, {2, -1}), 2, elements);
  return {prefixes.transpose(1, 2), pairs.transpose(1, 2)};
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

// What the first block reads, each distinct row computed once. `places`: see places_of.
Rows first_rows(const Weights& weights, const ModelInput& input, const Block& first,
                const Tensor& places, const Shape& shape) {
  const auto elements = shape.elements, width = shape.width, batch = input.x.size(1);
  const auto tokens = weights[kEmbedding].split_with_sizes({elements, 1, 1}, 1);
  const auto x = torch::cat({tokens[0], tokens[1], tokens[0], tokens[2]}, 1) + places;
  const auto with_qkv = torch::cat({x, first.qkv(first.attention.read(x))}, 2);
  const auto distinct = with_qkv.split_with_sizes({elements, 1, elements, 1}, 1);  // [R, …, 4 d]
  const auto rows =
      torch::cat({distinct[0], nn::embedding(distinct[2], input.y),
                  distinct[1].expand({-1, elements, -1}), distinct[3].expand({-1, batch, -1})},
                 1);  // [R, 2 (K + B), 4 d]
  auto parts = rows.split_with_sizes({width, width, 2 * width}, 2);
  return {std::move(parts[0]), std::move(parts[1]), std::move(parts[2])};
}

// What a later block reads.
Rows next_rows(const Tensor& x, const Block& block) {
  const auto [queries, keys_values] = cut(block.qkv(block.attention.read(x)), 2, x.size(2));
  return {x, queries, keys_values};
}

// What the last one reads, which asks for the answers alone: `answers` takes them from all rows.
template <class Answers>
Rows last_rows(const Tensor& x, const Block& block, Answers answers) {
  const auto asked = answers(x);
  const auto [queries, keys_values] = block.qkv.cut(x.size(2));
  return {asked, queries(block.attention.read(asked)), keys_values(block.attention.read(x))};
}

// The positions of the distinct rows <x>, <∘>, <y>, <=> of the first block: those of T tokens,
// [1 or R, T, d] → [1 or R, 2 K + 2, d].
Tensor places_of(const Tensor& positions, std::int64_t elements) {
  const auto place = positions.split(1, 1);
  return torch::cat({place[0].expand({-1, elements, -1}), place[1],
                     place[2].expand({-1, elements, -1}), place[3]},
                    1);
}

}  // namespace

Tensor Stock::plain(const Weights& weights, const ModelInput& input) const {
  auto stream = embed(weights, input);  // [R, B · T, d]
  for (std::int64_t i = 0; i < shape_.layers; ++i) {
    stream = every_row({weights, i, options_}, stream, kept(weights, input, i), shape_);
  }
  return head(weights, answers_at_the_end(stream));
}

Tensor Stock::trimmed(const Weights& weights, const ModelInput& input) const {
  const auto last = shape_.layers - 1;
  auto stream = embed(weights, input);  // [R, B · T, d]
  for (std::int64_t i = 0; i < last; ++i) {
    stream = every_row({weights, i, options_}, stream, kept(weights, input, i), shape_);
  }
  const Block block(weights, last, options_);
  auto rows = last_rows(stream, block, answers_at_the_end);
  rows.keys_values = by_position(rows.keys_values);
  return answer(weights, input, block, rows);
}

Tensor Stock::shared(const Weights& weights, const ModelInput& input) const {
  const auto fixed = constants(weights.flat());
  const auto places =
      options_.learned_positions ? places_of(weights[kPositions], shape_.elements) : fixed.places;
  const auto last = shape_.layers - 1, batch = input.x.size(1);
  const auto answers = [&](const Tensor& rows) {  // the last B rows
    return rows.narrow(1, rows.size(1) - batch, batch);
  };
  Block block(weights, 0, options_);
  auto rows = first_rows(weights, input, block, places, shape_);
  for (std::int64_t i = 0; i < last; ++i) {
    const auto x =
        block.finish(rows.x, attend_shared(rows, input.x, fixed.mask, shape_), /*kept=*/Tensor());
    block = Block(weights, i + 1, options_);
    rows = i + 1 < last ? next_rows(x, block) : last_rows(x, block, answers);
  }
  if (last == 0) {
    rows.x = answers(rows.x);
    rows.queries = answers(rows.queries);
  }
  const auto [prefixes, pairs] = prefixes_and_pairs(rows.keys_values, shape_.elements);
  rows.keys_values = seen_by_pairs(prefixes, pairs, input.x);
  return answer(weights, input, block, rows);
}

// The last block and the head where the answers are read: x and queries [R, B, d], keys_values
// [R, B, T, 2 d] → logits [R, B, K].
Tensor Stock::answer(const Weights& weights, const ModelInput& input, const Block& last,
                     const Rows& rows) const {
  const auto end = Shape::kLength - 1;
  const auto sees_all = constants(rows.x).mask.narrow(0, end, 1);
  const auto mixed = attend(rows.queries.unsqueeze(2), rows.keys_values, sees_all, shape_);
  const auto masks = kept(weights, input, shape_.layers - 1, end);
  return head(weights, last.finish(rows.x, mixed.squeeze(2), masks));
}

Tensor Stock::head(const Weights& weights, const Tensor& x) const {
  const auto place = options_.norm == Norm::pre ? Norm::pre : Norm::none;
  const auto read = Residual(weights, kFinalGain, kFinalBias, place).read(x);
  if (!options_.tied_embeddings) return Linear(weights, kHead, options_)(read);
  const auto rows = weights[kEmbedding].narrow(1, 0, shape_.elements);
  return Linear(rows.transpose(1, 2), options_.biases ? weights[bias_of(kHead)] : Tensor())(read);
}

Tensor Stock::embed(const Weights& weights, const ModelInput& input) const {
  const auto fixed = constants(weights.flat());
  const auto batch = input.x.sizes();
  const auto tokens = torch::stack(
      {input.x, fixed.operation.expand(batch), input.y, fixed.equals.expand(batch)}, 2);
  const auto rows = by_position(nn::embedding(weights[kEmbedding], tokens.flatten(1)));
  const auto positions =
      options_.learned_positions ? weights[kPositions].unsqueeze(1) : fixed.positions;
  return (rows + positions).flatten(1, 2);
}

Tensor Stock::kept(const Weights& weights, const ModelInput& input, std::int64_t i,
                   std::int64_t first) const {
  if (options_.dropout == 0 || input.step == nullptr) return {};
  const auto& x = input.x;
  const auto like = weights.flat().new_empty({x.size(0), x.size(1), shape_.width});
  std::vector<Tensor> masks;
  for (auto position = first; position < Shape::kLength; ++position) {
    const auto name = in_block(i, "dropout.") + std::to_string(position);
    masks.push_back(input.step->noise.uniform(name, like).ge(options_.dropout));
  }
  return torch::stack(masks, 2).flatten(1, 2).to(like.scalar_type()) / (1 - options_.dropout);
}

Stock::Constants Stock::constants(const Tensor& like) const {
  const std::lock_guard lock(mutex_);
  for (const auto& made : constants_) {
    const auto& positions = made.positions;
    if (positions.dtype() == like.dtype() && positions.device() == like.device()) return made;
  }
  const auto elements = shape_.elements, length = Shape::kLength;
  Constants made;
  made.positions = nn::sinusoidal_positions(length, shape_.width, like.options()).unsqueeze(0);
  made.places = places_of(made.positions, elements);
  made.mask = torch::full({length, length}, -INFINITY, like.options()).triu(1).unsqueeze(2);
  const auto token = [&](std::int64_t number) {
    return torch::full({1, 1}, number, like.options().dtype(torch::kInt64));
  };
  made.operation = token(elements);
  made.equals = token(elements + 1);
  return constants_.emplace_back(std::move(made));
}

}  // namespace transformer
