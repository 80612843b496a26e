// Update noise, θ ← θ + η (Δ + σ ε) where η Δ is the optimiser's update and ε ~ N(0, 1) anew at
// each step: Power et al. 2022, figure 2 left, arXiv:2201.02177 (σ = 1). The noise comes after all
// that the optimiser does to a gradient, is scaled by the step's learning rate η and enters no
// momentum. The code released with the paper divides it by Adam's 1 − β₁ᵗ as well: there is more of
// it in the first updates.
#include <groklab/regularizer.h>

namespace {

using groklab::PerReplica;
using groklab::Step;
using groklab::Weights;

class UpdateNoise final : public groklab::Regularizer {
 public:
  static groklab::Schema schema() {
    return groklab::Schema{}
        .real("deviation", 1.0, "σ, multiplied by the learning rate", groklab::non_negative)
        .per_replica();
  }

  explicit UpdateNoise(const groklab::Params& params)
      : deviation_(params.per_replica("deviation")) {}

  void after_step(const Weights& weights, const Step& step) override {
    auto value = weights.flat().narrow(1, 0, weights.layout().count());  // not what pads it
    const auto scale =
        groklab::broadcast_column(step.learning_rate, value) * deviation_.like(value);
    value.add_(step.noise.normal("update_noise", value).mul_(scale));
  }

 private:
  PerReplica deviation_;
};

}  // namespace

GROKLAB_PLUGIN(groklab::Regularizer, UpdateNoise, "update_noise",
               "Gaussian noise on the optimiser's update",
               "Power et al. 2022, arXiv:2201.02177, figure 2", "θ ← θ + η σ ε")
