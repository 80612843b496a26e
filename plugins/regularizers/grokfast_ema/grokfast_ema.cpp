// Grokfast with an exponential average, Lee et al. 2024, arXiv:2405.20233: μ ← α μ + (1 − α) g,
// then g ← g + λ μ; μ is the gradient itself at the first update.
#include <groklab/regularizer.h>

namespace {

using groklab::PerReplica;
using groklab::Step;
using groklab::Weights;

class GrokfastEma final : public groklab::Regularizer {
 public:
  static groklab::Schema schema() {
    return groklab::Schema{}
        .real("alpha", 0.98, "α, the decay of the averaged gradient", groklab::unit_interval)
        .per_replica()
        .real("strength", 2.0, "λ, the share of the average that is added", groklab::non_negative)
        .per_replica();
  }

  explicit GrokfastEma(const groklab::Params& params)
      : alpha_(params.per_replica("alpha")), strength_(params.per_replica("strength")) {}

  void on_gradients(const Weights&, const Weights& gradients, const Step& step) override {
    const auto& gradient = gradients.flat();
    auto& average = named_state().at("average", gradient);
    const auto kept = alpha_.like(gradient) * step.number.gt(1);  // nothing at the first update
    average.lerp_(gradient, 1 - kept);
    gradient.add_(average * strength_.like(gradient));
  }

 private:
  PerReplica alpha_, strength_;
};

}  // namespace

GROKLAB_PLUGIN(groklab::Regularizer, GrokfastEma, "grokfast_ema",
               "amplifies the exponential average of gradients",
               "Lee et al. 2024, arXiv:2405.20233", "μ ← α μ + (1 − α) g, g ← g + λ μ")
