// A multilayer perceptron: the embeddings of both operands side by side, hidden layers, logits.
#include <groklab/model.h>
#include <groklab/nn.h>

namespace {

namespace nn = groklab::nn;
using groklab::Initializer;
using groklab::Role;
using groklab::Tensor;
using groklab::Weights;

class Mlp final : public groklab::Model {
 public:
  static groklab::Schema schema() {
    return groklab::Schema{}
        .integer("layers", 1, "hidden layers", groklab::between(1, 64))
        .integer("width", 128, "d: numbers an embedded operand", groklab::between(1, 8192))
        .integer("hidden", 256, "units of a hidden layer", groklab::between(1, 65536))
        .choice("activation", "relu", "of the hidden layers; gelu is x Φ(x), by the error function",
                {"relu", "gelu"});
  }

  explicit Mlp(const groklab::Params& params)
      : layers_(params.integer("layers")),
        width_(params.integer("width")),
        hidden_(params.integer("hidden")),
        gelu_(params.text("activation") == "gelu") {}

  groklab::ParameterLayout build(const groklab::Task& task) override {
    groklab::ParameterLayout layout;
    layout.add("embedding", {task.elements, width_}, Initializer::normal(1), Role::embedding);
    for (std::int64_t i = 0; i < layers_; ++i) {
      const auto inputs = i == 0 ? 2 * width_ : hidden_;
      layout.add(layer(i) + "weight", {inputs, hidden_}, Initializer::fan_in(inputs));
      layout.add(layer(i) + "bias", {hidden_}, Initializer::fan_in(inputs));
    }
    layout.add("head", {hidden_, task.elements}, Initializer::fan_in(hidden_), Role::head);
    return layout;
  }

  Tensor forward(const Weights& weights, const groklab::ModelInput& input) const override {
    auto stream = torch::cat({nn::embedding(weights["embedding"], input.x),
                              nn::embedding(weights["embedding"], input.y)},
                             2);  // [R, B, 2 d]
    for (std::int64_t i = 0; i < layers_; ++i) {
      stream = nn::linear(stream, weights[layer(i) + "weight"], weights[layer(i) + "bias"]);
      stream = gelu_ ? torch::gelu(stream) : stream.relu();
    }
    return nn::linear(stream, weights["head"]);
  }

  Tensor embedding(const Weights& weights) const override { return weights["embedding"]; }

  Tensor output_rows(const Weights& weights) const override {
    return weights["head"].transpose(1, 2);
  }

 private:
  static std::string layer(std::int64_t i) { return "layers." + std::to_string(i) + "."; }

  std::int64_t layers_, width_, hidden_;
  bool gelu_;
};

}  // namespace

GROKLAB_PLUGIN(groklab::Model, Mlp, "mlp", "embeddings side by side, then hidden layers")
