// RMSprop, Tieleman and Hinton 2012 (Coursera, lecture 6.5), as PyTorch has it:
// v ← α v + (1 − α) g², m ← μ m + g / (√v + ε), θ ← θ − η m. Centered, Graves 2013,
// arXiv:1308.0850: v − a² in place of v, a ← α a + (1 − α) g. Weight decay is added to g.
#include <groklab/optimizer.h>

namespace {

using groklab::Parameter;
using groklab::PerReplica;
using groklab::Tensor;

class RmsProp final : public groklab::Optimizer {
 public:
  static groklab::Schema schema() {
    return groklab::Schema{}
        .real("learning_rate", 1e-2, "peak step size", groklab::positive)
        .per_replica()
        .real("alpha", 0.99, "decay of the mean square", groklab::unit_interval)
        .per_replica()
        .real("epsilon", 1e-8, "added to the root of the mean square", groklab::positive)
        .per_replica()
        .real("momentum", 0.0, "decay of the running sum of steps", groklab::unit_interval)
        .per_replica()
        .real("weight_decay", 0.0, "coupled: added to the gradient", groklab::non_negative)
        .per_replica()
        .flag("centered", false, "scale by the deviation from the mean gradient");
  }

  explicit RmsProp(const groklab::Params& params)
      : alpha_(params.per_replica("alpha")),
        epsilon_(params.per_replica("epsilon")),
        momentum_(params.per_replica("momentum")),
        weight_decay_(params.per_replica("weight_decay")),
        centered_(params.flag("centered")) {}

 private:
  void update(Parameter& weight, const Tensor& learning_rate) override {
    const auto gradient = weight.grad + weight.value * weight_decay_.like(weight.value);
    const auto gain = 1 - alpha_.like(weight.value);
    auto& square = state(weight, "mean_square");
    square.lerp_(gradient.square(), gain);
    auto variance = square;
    if (centered_) {
      auto& mean = state(weight, "mean");
      mean.lerp_(gradient, gain);
      // Rounding may take a mean square just below the square of the mean.
      variance = (square - mean.square()).clamp_min_(0);
    }
    auto& momentum = state(weight, "momentum");
    momentum.mul_(momentum_.like(momentum))
        .add_(gradient / (variance.sqrt() + epsilon_.like(variance)));
    weight.value.sub_(momentum * learning_rate);
  }

  PerReplica alpha_, epsilon_, momentum_, weight_decay_;
  bool centered_;
};

}  // namespace

GROKLAB_PLUGIN(groklab::Optimizer, RmsProp, "rmsprop", "steps scaled by a mean square gradient",
               "Tieleman and Hinton 2012; centered: Graves 2013, arXiv:1308.0850",
               "v ← α v + (1 − α) g², m ← μ m + g / (√v + ε), θ ← θ − η m")
