// Stochastic gradient descent with momentum as PyTorch has it: m ← μ m + g, θ ← θ − η m (or, with
// Nesterov's correction, θ − η (g + μ m)), Sutskever et al. 2013. Weight decay is added to g.
#include <groklab/optimizer.h>

namespace {

using groklab::Parameter;
using groklab::PerReplica;
using groklab::Tensor;

class Sgd final : public groklab::Optimizer {
 public:
  static groklab::Schema schema() {
    return groklab::Schema{}
        .real("learning_rate", 0.1, "peak step size", groklab::positive)
        .per_replica()
        .real("momentum", 0.0, "decay of the running sum of gradients", groklab::unit_interval)
        .per_replica()
        .real("weight_decay", 0.0, "coupled: added to the gradient", groklab::non_negative)
        .per_replica()
        .flag("nesterov", false, "look ahead along the momentum");
  }

  explicit Sgd(const groklab::Params& params)
      : momentum_(params.per_replica("momentum")),
        weight_decay_(params.per_replica("weight_decay")),
        nesterov_(params.flag("nesterov")) {}

 private:
  void update(Parameter& weight, const Tensor& learning_rate) override {
    const auto mu = momentum_.like(weight.value);
    const auto gradient = weight.grad + weight.value * weight_decay_.like(weight.value);
    auto& momentum = state(weight, "momentum");
    momentum.mul_(mu).add_(gradient);
    const auto direction = nesterov_ ? gradient + momentum * mu : momentum;
    weight.value.sub_(direction * learning_rate);
  }

  PerReplica momentum_, weight_decay_;
  bool nesterov_;
};

}  // namespace

GROKLAB_PLUGIN(groklab::Optimizer, Sgd, "sgd", "gradient descent with momentum",
               "Sutskever et al. 2013", "m ← μ m + g + λ θ, θ ← θ − η m")
