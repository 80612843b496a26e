// The network of Power et al. 2022, arXiv:2201.02177, §A.1.2: a decoder-only transformer with
// causal attention that reads <x> <∘> <y> <=> and answers at the last position.
#include "fused/fused.h"
#include "shape.h"
#include "stock.h"

#include <groklab/error.h>
#include <groklab/model.h>

#include <cmath>
#include <optional>

namespace {

using groklab::Initializer;
using groklab::Role;
using groklab::Tensor;
using groklab::Weights;
using namespace transformer;

groklab::ParameterLayout layout_of(const Shape& shape, const Options& options) {
  groklab::ParameterLayout layout;
  const auto width = shape.width;
  const auto linear = [&](const std::string& name, std::int64_t in, std::int64_t out, Role role,
                          bool with_matrix = true) {
    if (with_matrix) layout.add(name, {in, out}, Initializer::fan_in(in), role);
    if (options.biases) layout.add(bias_of(name), {out}, Initializer::fan_in(in), role);
  };
  const auto norm = [&](const std::string& gain, const std::string& bias) {
    if (options.norm == Norm::none) return;
    layout.add(gain, {width}, Initializer::constant(1));
    layout.add(bias, {width}, Initializer::constant(0));
  };
  // As a head, rows of N(0, 1/d) make logits of unit variance from normed rows.
  const auto deviation = options.tied_embeddings ? 1 / std::sqrt(static_cast<double>(width)) : 1;
  const auto start = Initializer::normal(deviation);
  layout.add(kEmbedding, {shape.elements + 2, width}, start, Role::embedding);
  if (options.learned_positions) {
    layout.add(kPositions, {Shape::kLength, width}, Initializer::normal(1), Role::embedding);
  }
  for (std::int64_t i = 0; i < shape.layers; ++i) {
    linear(in_block(i, kQkv), width, 3 * width, Role::hidden);
    linear(in_block(i, kAttentionOutput), width, width, Role::hidden);
    norm(in_block(i, kAttentionGain), in_block(i, kAttentionBias));
    linear(in_block(i, kMlpInput), width, 4 * width, Role::hidden);
    linear(in_block(i, kMlpOutput), 4 * width, width, Role::hidden);
    norm(in_block(i, kMlpGain), in_block(i, kMlpBias));
  }
  if (options.norm == Norm::pre) norm(kFinalGain, kFinalBias);
  linear(kHead, width, shape.elements, Role::head, !options.tied_embeddings);
  return layout;
}

Options options_of(const groklab::Params& params) {
  const auto& norm = params.text("norm");
  return {norm == "post"  ? Norm::post
          : norm == "pre" ? Norm::pre
                          : Norm::none,
          params.text("positions") == "learned",
          params.text("activation") == "gelu",
          params.flag("biases"),
          params.flag("tied_embeddings"),
          params.real("dropout")};
}

class Transformer final : public groklab::Model {
 public:
  static groklab::Schema schema() {
    return groklab::Schema{}
        .integer("layers", 2, "number of blocks", groklab::between(1, 64))
        .integer("width", 128, "d: numbers a token", groklab::between(1, 8192))
        .integer("heads", 4, "attention heads; divides the width", groklab::between(1, 1024))
        .choice("positions", "sinusoidal", "sinusoidal, fixed; learned, from N(0, 1)",
                {"sinusoidal", "learned"})
        .choice("norm", "post",
                "post, LN(x + layer(x)); pre, x + layer(LN(x)) with a last norm before the head, "
                "as in GPT-2; none",
                {"post", "pre", "none"})
        .choice("activation", "relu", "of the MLP; gelu is x Φ(x), by the error function",
                {"relu", "gelu"})
        .flag("biases", false, "in the linear layers of blocks and head, from U(±1/√inputs)")
        .flag("tied_embeddings", false,
              "the head's rows are the embedding rows, which then start from N(0, 1/d)")
        .real("dropout", 0,
              "share of the numbers at the MLP's output, before the sum, that a training step "
              "leaves out; the others grow by 1 / (1 - dropout)",
              groklab::unit_interval)
        .choice("computation", "auto",
                "how the same logits are computed: plain, every row; trimmed, the last block for "
                "the answers only; shared, also equal rows once; fused, shared by hand on the CPU; "
                "auto, what is fastest",
                {"auto", "plain", "trimmed", "shared", "fused"});
  }

  explicit Transformer(const groklab::Params& params)
      : shape_{params.integer("layers"), params.integer("width"), params.integer("heads")},
        options_(options_of(params)),
        computation_(params.text("computation")),
        fused_lacks_(Fused::lacks(shape_, options_)) {
    if (shape_.width % shape_.heads != 0) {
      throw groklab::Error("width " + std::to_string(shape_.width) +
                           " is not a multiple of heads " + std::to_string(shape_.heads));
    }
    if (computation_ == "fused" && !fused_lacks_.empty()) {
      throw groklab::Error("computation: fused is not written for " + fused_lacks_ +
                           "; computation: auto takes shared, which is, on the CPU");
    }
    if (options_.dropout > 0 && (computation_ == "fused" || computation_ == "shared")) {
      throw groklab::Error("computation " + computation_ +
                           " computes equal rows once, but dropout makes them differ; use auto");
    }
  }

  // Weights are [in, out].
  groklab::ParameterLayout build(const groklab::Task& task) override {
    shape_.elements = task.elements;
    stock_.emplace(shape_, options_);
    fused_.emplace(shape_);
    return layout_of(shape_, options_);
  }

  std::vector<std::string> recordable_computations() const override {
    if (computation_ != "auto") return {computation_};
    if (options_.dropout > 0) return {"trimmed"};
    return {"trimmed", "shared"};
  }

  void use_computation(const std::string& name) override { recordable_ = name; }

  std::string computation() const override {
    if (computation_ != "auto") return computation_;
    if (options_.dropout > 0) return "trimmed (fused is not written for dropout)";
    return fused_lacks_.empty() ? "fused"
                                : "shared (fused is not written for " + fused_lacks_ + ")";
  }

  Tensor forward(const Weights& weights, const groklab::ModelInput& input) const override {
    const bool drops = options_.dropout > 0 && input.step != nullptr;
    switch (computation_for(weights.flat(), drops)) {
      case Computation::plain:
        return stock_->plain(weights, input);
      case Computation::trimmed:
        return stock_->trimmed(weights, input);
      case Computation::shared:
        return stock_->shared(weights, input);
      case Computation::fused:
        return fused_->forward(weights, input.x, input.y);
    }
    throw std::logic_error("no such computation");
  }

  Tensor embedding(const Weights& weights) const override {
    return weights[kEmbedding].narrow(1, 0, shape_.elements);
  }

  Tensor output_rows(const Weights& weights) const override {
    return options_.tied_embeddings ? embedding(weights) : weights[kHead].transpose(1, 2);
  }

 private:
  enum class Computation { plain, trimmed, shared, fused };

  // By the device and whether anything drops out alone: rows or replicas would make a replica's
  // last bits depend on its pack.
  Computation computation_for(const Tensor& flat, bool drops) const {
    const auto& name = computation_ == "auto" ? automatic(flat, drops) : computation_;
    if (name == "plain") return Computation::plain;
    if (name == "trimmed") return Computation::trimmed;
    if (name == "shared") return Computation::shared;
    if (groklab::is_direct(flat)) return Computation::fused;
    throw groklab::Error(
        "computation fused is for steps on device cpu, not for recorded ones nor for probes that "
        "take second derivatives; use auto");
  }

  const std::string& automatic(const Tensor& flat, bool drops) const {
    static const std::string fused = "fused", shared = "shared", trimmed = "trimmed";
    if (drops) return trimmed;
    if (!groklab::is_direct(flat)) return recordable_;
    return fused_lacks_.empty() ? fused : shared;
  }

  Shape shape_;
  Options options_;
  std::string computation_;
  std::string fused_lacks_;             // what keeps `auto` from it
  std::string recordable_ = "trimmed";  // with auto, where operators alone may be used
  std::optional<Stock> stock_;
  std::optional<Fused> fused_;
};

}  // namespace

GROKLAB_PLUGIN(groklab::Model, Transformer, "transformer",
               "decoder-only transformer, by default as in Power et al. 2022",
               "Power et al. 2022, arXiv:2201.02177, §A.1.2")
