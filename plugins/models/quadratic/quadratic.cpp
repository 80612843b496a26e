// A network of two layers with squares between, Gromov 2023, arXiv:2301.02679: h = (a_x + b_y)²,
// logits = h V, with a row a and b for each left and right operand and no biases. The solution of
// x + y (mod p) can be written down for it.
#include <groklab/model.h>
#include <groklab/nn.h>

#include <cmath>

namespace {

namespace nn = groklab::nn;
using groklab::Initializer;
using groklab::Role;
using groklab::Tensor;
using groklab::Weights;

class Quadratic final : public groklab::Model {
 public:
  static groklab::Schema schema() {
    return groklab::Schema{}.integer("width", 512, "hidden units", groklab::between(1, 65536));
  }

  explicit Quadratic(const groklab::Params& params) : width_(params.integer("width")) {}

  // a + b starts as N(0, 1), whose square has the mean square 3, and so the logits with variance 1.
  groklab::ParameterLayout build(const groklab::Task& task) override {
    const auto half = Initializer::normal(std::sqrt(0.5));
    groklab::ParameterLayout layout;
    layout.add("left", {task.elements, width_}, half, Role::embedding);
    layout.add("right", {task.elements, width_}, half, Role::embedding);
    layout.add("head", {width_, task.elements}, Initializer::fan_in(width_), Role::head);
    return layout;
  }

  Tensor forward(const Weights& weights, const groklab::ModelInput& input) const override {
    const auto sum =
        nn::embedding(weights["left"], input.x) + nn::embedding(weights["right"], input.y);
    return nn::linear(sum.square(), weights["head"]);  // [R, B, K]
  }

  // Of the left operands.
  Tensor embedding(const Weights& weights) const override { return weights["left"]; }

  Tensor output_rows(const Weights& weights) const override {
    return weights["head"].transpose(1, 2);
  }

 private:
  std::int64_t width_;
};

}  // namespace

GROKLAB_PLUGIN(groklab::Model, Quadratic, "quadratic",
               "squares of a sum of one row an operand; its solution of x + y is known",
               "Gromov 2023, arXiv:2301.02679", "logits = (a_x + b_y)² V")
