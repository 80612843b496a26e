// A product of embedded operands: logits = (A[x] ⊙ B[y]) H, linear in each of the three.
#include <groklab/model.h>
#include <groklab/nn.h>

namespace {

namespace nn = groklab::nn;
using groklab::Initializer;
using groklab::Role;
using groklab::Tensor;
using groklab::Weights;

class ProductNetwork final : public groklab::Model {
 public:
  static groklab::Schema schema() {
    return groklab::Schema{}.integer("width", 64, "d: numbers an embedded operand",
                                     groklab::between(1, 8192));
  }

  explicit ProductNetwork(const groklab::Params& params) : width_(params.integer("width")) {}

  groklab::ParameterLayout build(const groklab::Task& task) override {
    groklab::ParameterLayout layout;
    layout.add("left", {task.elements, width_}, Initializer::normal(1), Role::embedding);
    layout.add("right", {task.elements, width_}, Initializer::normal(1), Role::embedding);
    layout.add("head", {width_, task.elements}, Initializer::fan_in(width_), Role::head);
    return layout;
  }

  // x and y: [R, B] → logits [R, B, K].
  Tensor forward(const Weights& weights, const groklab::ModelInput& input) const override {
    const auto left = nn::embedding(weights["left"], input.x);    // [R, B, d]
    const auto right = nn::embedding(weights["right"], input.y);  // [R, B, d]
    return nn::linear(left * right, weights["head"]);
  }

  Tensor embedding(const Weights& weights) const override { return weights["left"]; }

  Tensor output_rows(const Weights& weights) const override {
    return weights["head"].transpose(1, 2);
  }

 private:
  std::int64_t width_;
};

}  // namespace

GROKLAB_PLUGIN(groklab::Model, ProductNetwork, "product_network", "product of embedded operands")
