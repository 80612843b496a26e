// The network of Power et al. 2022, arXiv:2201.02177, §A.1.2: a decoder-only transformer with
// causal attention that reads <x> <∘> <y> <=> and answers at the last position.
#include <groklab/error.h>
#include <groklab/model.h>
#include <groklab/nn.h>

#include "fused/fused.h"

namespace {

namespace nn = groklab::nn;
using groklab::Initializer;
using groklab::Tensor;
using groklab::Weights;

class Transformer final : public groklab::Model {
 public:
  static groklab::Schema schema() {
    return groklab::Schema{}
        .integer("layers", 2, "number of blocks", groklab::between(1, 64))
        .integer("width", 128, "d: numbers a token", groklab::between(1, 8192))
        .integer("heads", 4, "attention heads; divides the width", groklab::between(1, 1024));
  }

  explicit Transformer(const groklab::Params& params)
      : layers_(params.integer("layers")),
        width_(params.integer("width")),
        heads_(params.integer("heads")) {
    if (width_ % heads_ != 0) {
      throw groklab::Error("width " + std::to_string(width_) + " is not a multiple of heads " +
                           std::to_string(heads_));
    }
  }

  // Tokens: elements 0 … K − 1, then <∘> and <=>. Weights are [in, out].
  groklab::ParameterLayout build(const groklab::Task& task) override {
    elements_ = task.elements;
    groklab::ParameterLayout layout;
    const auto linear = [&](const std::string& name, std::int64_t in, std::int64_t out) {
      layout.add(name, {in, out}, Initializer::fan_in(in));
    };
    const auto norm = [&](const std::string& name) {
      layout.add(name + ".gain", {width_}, Initializer::constant(1));
      layout.add(name + ".bias", {width_}, Initializer::constant(0));
    };
    layout.add("embedding", {elements_ + 2, width_}, Initializer::normal(1));
    for (std::int64_t i = 0; i < layers_; ++i) {
      const auto block = block_name(i);
      linear(block + "attention.qkv", width_, 3 * width_);
      linear(block + "attention.output", width_, width_);
      norm(block + "attention.norm");
      linear(block + "mlp.input", width_, 4 * width_);
      linear(block + "mlp.output", 4 * width_, width_);
      norm(block + "mlp.norm");
    }
    linear("head", width_, elements_);
    fused_.emplace(transformer::Shape{layers_, width_, heads_, elements_});
    return layout;
  }

  Tensor forward(const Weights& weights, const groklab::ModelInput& input) const override {
    if (transformer::Fused::covers(transformer::Shape{layers_, width_, heads_, elements_},
                                   weights) &&
        !getenv("STOCK"))
      return fused_->forward(weights, input.x, input.y);
    auto stream = embed(weights, input);  // [R, B · T, d]
    for (std::int64_t i = 0; i < layers_; ++i) stream = block(weights, block_name(i), stream);
    const auto answer = per_token(stream).select(2, kLength - 1);  // [R, B, d]
    return nn::linear(answer, weights["head"]);
  }

  Tensor embedding(const Weights& weights) const override {
    return weights["embedding"].narrow(1, 0, elements_);
  }

  Tensor output_rows(const Weights& weights) const override {
    return weights["head"].transpose(1, 2);
  }

 private:
  static constexpr std::int64_t kLength = 4;  // T: <x> <∘> <y> <=>

  static std::string block_name(std::int64_t i) { return "blocks." + std::to_string(i) + "."; }

  static Tensor per_token(const Tensor& stream) {  // [R, B · T, …] → [R, B, T, …]
    return stream.view({stream.size(0), -1, kLength, stream.size(2)});
  }

  Tensor embed(const Weights& weights, const groklab::ModelInput& input) const {
    const auto operation = torch::full_like(input.x, elements_);
    const auto equals = torch::full_like(input.x, elements_ + 1);
    const auto tokens = torch::stack({input.x, operation, input.y, equals}, 2);  // [R, B, T]
    const auto rows = nn::embedding(weights["embedding"], tokens.flatten(1));
    const auto positions = nn::sinusoidal_positions(kLength, width_, rows.options());
    return (per_token(rows) + positions).flatten(1, 2);
  }

  // Post-norm: LN(x + attention(x)), then LN(x + mlp(x)).
  Tensor block(const Weights& weights, const std::string& name, const Tensor& x) const {
    const auto qkv = per_token(nn::linear(x, weights[name + "attention.qkv"]));
    const auto mixed = nn::causal_attention(qkv, heads_).flatten(1, 2);
    const auto attended = nn::layer_norm(x + nn::linear(mixed, weights[name + "attention.output"]),
                                         weights[name + "attention.norm.gain"],
                                         weights[name + "attention.norm.bias"]);
    const auto hidden = nn::linear(attended, weights[name + "mlp.input"]).relu();
    return nn::layer_norm(attended + nn::linear(hidden, weights[name + "mlp.output"]),
                          weights[name + "mlp.norm.gain"], weights[name + "mlp.norm.bias"]);
  }

  std::int64_t layers_, width_, heads_;
  std::int64_t elements_ = 0;
  std::optional<transformer::Fused> fused_;
};

}  // namespace

GROKLAB_PLUGIN(groklab::Model, Transformer, "transformer",
               "decoder-only transformer with post-norm, as in Power et al. 2022")
