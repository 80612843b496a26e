// Lion, Chen et al. 2023, arXiv:2302.06675: steps along the sign of an interpolated momentum,
// θ ← θ − η (sign(β₁ m + (1 − β₁) g) + λ θ), then m ← β₂ m + (1 − β₂) g.
#include <groklab/optimizer.h>

namespace {

using groklab::Parameter;
using groklab::PerReplica;
using groklab::Tensor;

class Lion final : public groklab::Optimizer {
 public:
  static groklab::Schema schema() {
    return groklab::Schema{}
        .real("learning_rate", 1e-4, "peak step size", groklab::positive)
        .per_replica()
        .real("beta1", 0.9, "weight of the momentum in a step's direction", groklab::unit_interval)
        .per_replica()
        .real("beta2", 0.99, "decay of the momentum", groklab::unit_interval)
        .per_replica()
        .real("weight_decay", 0.0, "decoupled, towards the origin", groklab::non_negative)
        .per_replica();
  }

  explicit Lion(const groklab::Params& params)
      : beta1_(params.per_replica("beta1")),
        beta2_(params.per_replica("beta2")),
        weight_decay_(params.per_replica("weight_decay")) {}

  Tensor shrinkage(const Tensor& learning_rate) override {
    return learning_rate * weight_decay_.like(learning_rate);
  }

 private:
  void update(Parameter& weight, const Tensor& learning_rate) override {
    auto& momentum = state(weight, "momentum");
    const auto direction = torch::lerp(weight.grad, momentum, beta1_.like(momentum)).sign_();
    weight.value.mul_(1 - shrinkage(learning_rate)).sub_(direction.mul_(learning_rate));
    momentum.lerp_(weight.grad, 1 - beta2_.like(momentum));
  }

  PerReplica beta1_, beta2_, weight_decay_;
};

}  // namespace

GROKLAB_PLUGIN(groklab::Optimizer, Lion, "lion", "steps along the sign of a momentum",
               "Chen et al. 2023, arXiv:2302.06675",
               "θ ← θ − η (sign(β₁ m + (1 − β₁) g) + λ θ), m ← β₂ m + (1 − β₂) g")
