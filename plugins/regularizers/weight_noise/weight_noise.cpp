// Weight noise, θ + σ ε in the place of θ while a step's loss is computed, ε ~ N(0, 1) anew at each
// step: Power et al. 2022, figure 2 left, arXiv:2201.02177 (σ = 0.01). The gradient at θ + σ ε
// updates θ, which is what evaluations see. Penalties see what the network sees.
#include <groklab/regularizer.h>

namespace {

using groklab::PerReplica;
using groklab::Step;
using groklab::Tensor;
using groklab::Weights;

class WeightNoise final : public groklab::Regularizer {
 public:
  static groklab::Schema schema() {
    return groklab::Schema{}
        .real("deviation", 0.01, "σ, of the noise on each weight", groklab::non_negative)
        .per_replica();
  }

  explicit WeightNoise(const groklab::Params& params)
      : deviation_(params.per_replica("deviation")) {}

  void begin(const Weights& initial) override { count_ = initial.layout().count(); }

  Tensor before_forward(const Tensor& flat, const Step& step) override {
    const auto noise = step.noise.normal("weight_noise", flat.narrow(1, 0, count_));
    // What pads the weights stays zero.
    return flat +
           torch::constant_pad_nd(noise * deviation_.like(noise), {0, flat.size(1) - count_});
  }

 private:
  PerReplica deviation_;
  std::int64_t count_ = 0;  // parameters
};

}  // namespace

GROKLAB_PLUGIN(groklab::Regularizer, WeightNoise, "weight_noise",
               "Gaussian noise on the weights that the network sees",
               "Power et al. 2022, arXiv:2201.02177, figure 2", "θ + σ ε in the place of θ")
