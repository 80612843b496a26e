// Gradient noise, g ← g + σ (1 + t)^(−γ/2) ε, ε ~ N(0, 1) anew at each step, t the updates before
// it: Neelakantan et al. 2015, arXiv:1511.06807, where the variance is η / (1 + t)^γ, so σ = √η.
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
      : deviation_(params.per_replica("deviation")), gamma_(params.per_replica("gamma")) {}

  void on_gradients(const Weights&, const Weights& gradients, const Step& step) override {
    auto gradient = gradients.flat().narrow(1, 0, gradients.layout().count());  // not what pads it
    const auto annealed = step.number.pow(gamma_.like(step.number) / -2);       // [R], 1 + t first
    const auto scale = groklab::broadcast_column(annealed, gradient) * deviation_.like(gradient);
    gradient.add_(step.noise.normal("gradient_noise", gradient).mul_(scale));
  }

 private:
  PerReplica deviation_, gamma_;
};

}  // namespace

GROKLAB_PLUGIN(groklab::Regularizer, GradientNoise, "gradient_noise",
               "Gaussian noise on the gradient, annealed if wanted",
               "Neelakantan et al. 2015, arXiv:1511.06807", "g ← g + σ (1 + t)^(−γ/2) ε")
