// Adam, Kingma and Ba 2015, arXiv:1412.6980. Its decay is the coupled one, the gradient of
// ½ l2 |θ|²: g ← g + l2 θ, which Adam then rescales (the decoupled one is adamw's).
#include <groklab/adam.h>
#include <groklab/optimizer.h>

namespace {

using groklab::Parameter;
using groklab::PerReplica;
using groklab::Tensor;

class Adam final : public groklab::Optimizer {
 public:
  static groklab::Schema schema() {
    return groklab::AdamUpdate::declared_in(
               groklab::Schema{}
                   .real("learning_rate", 1e-3, "peak step size", groklab::positive)
                   .per_replica())
        .real("l2", 0.0, "coupled decay: times the weights, added to the gradient",
              groklab::non_negative)
        .per_replica();
  }

  explicit Adam(const groklab::Params& params) : adam_(params), l2_(params.per_replica("l2")) {}

 private:
  void update(Parameter& weight, const Tensor& learning_rate) override {
    const auto gradient = weight.grad + weight.value * l2_.like(weight.value);
    adam_.apply(weight.value, gradient, state(weight, "first_moment"),
                state(weight, "second_moment"), step_number(), learning_rate,
                torch::ones_like(learning_rate));
  }

  groklab::AdamUpdate adam_;
  PerReplica l2_;
};

}  // namespace

GROKLAB_PLUGIN(groklab::Optimizer, Adam, "adam", "steps scaled by the gradient's own size",
               "Kingma and Ba 2015, arXiv:1412.6980", "θ ← θ − η m̂ / (√v̂ + ε)")
