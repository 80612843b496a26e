// Gradient noise, g ← g + σ (1 + t)^(−γ/2) ε, ε ~ N(0, 1) anew at each step, t the updates before
// it: Neelakantan et al. 2015, arXiv:1511.06807, where the variance is η / (1 + t)^γ, so σ = √η.
#include <groklab/lanes.h>
#include <groklab/regularizer.h>

namespace {

using groklab::PerReplica;
using groklab::Step;
using groklab::Weights;

class GradientNoise final : public groklab::Regularizer {
 public:
  static groklab::Schema schema() {
    return groklab::Schema{}
        .real("deviation", 0.1, "σ, of the noise on each gradient at the first update",
              groklab::non_negative)
        .per_replica()
        .real("gamma", 0.0, "γ: the variance falls as (1 + t)^(−γ); 0 keeps it",
              groklab::non_negative)
        .per_replica();
  }

  explicit GradientNoise(const groklab::Params& params)
      : deviation_(params.per_replica("deviation")),
        gamma_(groklab::in_lanes(params.per_replica("gamma"))) {}

  void on_gradients(const Weights&, const Weights& gradients, const Step& step) override {
    auto gradient = gradients.flat().narrow(1, 0, gradients.layout().count());  // not what pads it
    const auto in_lanes = step.number.pow(gamma_.like(step.number) / -2);  // 1 + t is its number
    const auto annealed = groklab::broadcast_column(groklab::first_of_lanes(in_lanes), gradient);
    const auto scale = annealed * deviation_.like(gradient);
    gradient.add_(step.noise.normal("gradient_noise", gradient).mul_(scale));
  }

 private:
  PerReplica deviation_;
  PerReplica gamma_;  // in lanes
};

}  // namespace

GROKLAB_PLUGIN(groklab::Regularizer, GradientNoise, "gradient_noise",
               "Gaussian noise on the gradient, annealed if wanted",
               "Neelakantan et al. 2015, arXiv:1511.06807", "g ← g + σ (1 + t)^(−γ/2) ε")
