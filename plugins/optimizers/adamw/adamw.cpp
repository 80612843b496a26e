// AdamW: Adam with decoupled weight decay, Loshchilov and Hutter 2019, arXiv:1711.05101; with
// weight_decay 0 it is Adam, Kingma and Ba 2015, arXiv:1412.6980.
#include <groklab/optimizer.h>

namespace {

using groklab::Parameter;
using groklab::PerReplica;
using groklab::Tensor;

class AdamW final : public groklab::Optimizer {
 public:
  static groklab::Schema schema() {
    return groklab::Schema{}
        .real("learning_rate", 1e-3, "peak step size", groklab::positive)
        .per_replica()
        .real("beta1", 0.9, "decay of the first moment", groklab::unit_interval)
        .per_replica()
        .real("beta2", 0.98, "decay of the second moment", groklab::unit_interval)
        .per_replica()
        .real("epsilon", 1e-8, "added to the root of the second moment", groklab::positive)
        .per_replica()
        .real("weight_decay", 0.0, "decoupled, towards the origin", groklab::non_negative)
        .per_replica();
  }

  explicit AdamW(const groklab::Params& params)
      : beta1_(params.per_replica("beta1")),
        beta2_(params.per_replica("beta2")),
        epsilon_(params.per_replica("epsilon")),
        weight_decay_(params.per_replica("weight_decay")) {}

 private:
  void update(Parameter& weight, const Tensor& learning_rate) override {
    auto& first = state(weight, "first_moment");
    auto& second = state(weight, "second_moment");
    const auto beta1 = beta1_.like(weight.value);
    const auto beta2 = beta2_.like(weight.value);

    weight.value.mul_(1 - learning_rate * weight_decay_.like(weight.value));
    first.lerp_(weight.grad, 1 - beta1);
    second.mul_(beta2).addcmul_(weight.grad, weight.grad * (1 - beta2));

    // The moments start at zero; these undo the bias that gives them.
    const auto correction1 = bias_correction(beta1_, weight.value);
    const auto correction2 = bias_correction(beta2_, weight.value);
    const auto scale = (second / correction2).sqrt_().add_(epsilon_.like(weight.value));
    weight.value.sub_((first * (learning_rate / correction1)).div_(scale));
  }

  // 1 − βᵗ, taken in float64 because float32 loses it for β near 1: [R, 1, …].
  Tensor bias_correction(PerReplica& beta, const Tensor& like) {
    const auto correction = 1 - beta.like(step_number()).pow(step_number());  // [R]
    return groklab::broadcast_column(correction, like);
  }

  PerReplica beta1_, beta2_, epsilon_, weight_decay_;
};

}  // namespace

GROKLAB_PLUGIN(groklab::Optimizer, AdamW, "adamw", "Adam with decoupled weight decay")
