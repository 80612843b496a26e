// The network of Power et al. 2022, arXiv:2201.02177, §A.1.2: a decoder-only transformer with
// causal attention that reads <x> <∘> <y> <=> and answers at the last position.
#include "fused/fused.h"
#include "shape.h"
#include "stock.h"

#include <groklab/error.h>
#include <groklab/model.h>

#include <optional>

namespace {

using groklab::Initializer;
using groklab::Role;
using groklab::Tensor;
using groklab::Weights;
using namespace transformer;

class Transformer final : public groklab::Model {
 public:
  static groklab::Schema schema() {
    return groklab::Schema{}
        .integer("layers", 2, "number of blocks", groklab::between(1, 64))
        .integer("width", 128, "d: numbers a token", groklab::between(1, 8192))
        .integer("heads", 4, "attention heads; divides the width", groklab::between(1, 1024))
        .choice("computation", "auto",
                "how the same logits are computed: plain, every row; trimmed, the last block for "
                "the answers only; shared, also equal rows once; fused, shared by hand on the CPU; "
                "auto, what is fastest",
                {"auto", "plain", "trimmed", "shared", "fused"});
  }

  explicit Transformer(const groklab::Params& params)
      : shape_{params.integer("layers"), params.integer("width"), params.integer("heads")},
        computation_(params.text("computation")) {
    if (shape_.width % shape_.heads != 0) {
      throw groklab::Error("width " + std::to_string(shape_.width) +
                           " is not a multiple of heads " + std::to_string(shape_.heads));
    }
    if (computation_ == "fused" && !Fused::covers(shape_)) {
      throw groklab::Error("computation fused needs two layers or more; use shared");
    }
  }

  // Weights are [in, out].
  groklab::ParameterLayout build(const groklab::Task& task) override {
    shape_.elements = task.elements;
    stock_.emplace(shape_);
    fused_.emplace(shape_);
    groklab::ParameterLayout layout;
    const auto linear = [&](const std::string& name, std::int64_t in, std::int64_t out,
                            Role role = Role::hidden) {
      layout.add(name, {in, out}, Initializer::fan_in(in), role);
    };
    const auto norm = [&](const std::string& gain, const std::string& bias) {
      layout.add(gain, {shape_.width}, Initializer::constant(1));
      layout.add(bias, {shape_.width}, Initializer::constant(0));
    };
    const auto width = shape_.width;
    layout.add(kEmbedding, {shape_.elements + 2, width}, Initializer::normal(1), Role::embedding);
    for (std::int64_t i = 0; i < shape_.layers; ++i) {
      linear(in_block(i, kQkv), width, 3 * width);
      linear(in_block(i, kAttentionOutput), width, width);
      norm(in_block(i, kAttentionGain), in_block(i, kAttentionBias));
      linear(in_block(i, kMlpInput), width, 4 * width);
      linear(in_block(i, kMlpOutput), 4 * width, width);
      norm(in_block(i, kMlpGain), in_block(i, kMlpBias));
    }
    linear(kHead, width, shape_.elements, Role::head);
    return layout;
  }

  std::vector<std::string> recordable_computations() const override {
    if (computation_ == "auto") return {"trimmed", "shared"};
    return {computation_};
  }

  void use_computation(const std::string& name) override { recordable_ = name; }

  Tensor forward(const Weights& weights, const groklab::ModelInput& input) const override {
    switch (computation_for(weights.flat())) {
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
    return weights[kHead].transpose(1, 2);
  }

 private:
  enum class Computation { plain, trimmed, shared, fused };

  // By the device alone: rows or replicas would make a replica's last bits depend on its pack.
  Computation computation_for(const Tensor& flat) const {
    const auto& name = computation_ == "auto" ? automatic(flat) : computation_;
    if (name == "plain") return Computation::plain;
    if (name == "trimmed") return Computation::trimmed;
    if (name == "shared") return Computation::shared;
    if (groklab::is_direct(flat)) return Computation::fused;
    throw groklab::Error(
        "computation fused is for steps on device cpu, not for recorded ones nor for probes that "
        "take second derivatives; use auto");
  }

  const std::string& automatic(const Tensor& flat) const {
    static const std::string fused = "fused", shared = "shared";
    if (!groklab::is_direct(flat)) return recordable_;
    return Fused::covers(shape_) ? fused : shared;
  }

  Shape shape_;
  std::string computation_;
  std::string recordable_ = "trimmed";  // with auto, where operators alone may be used
  std::optional<Stock> stock_;
  std::optional<Fused> fused_;
};

}  // namespace

GROKLAB_PLUGIN(groklab::Model, Transformer, "transformer",
               "decoder-only transformer with post-norm, as in Power et al. 2022")
