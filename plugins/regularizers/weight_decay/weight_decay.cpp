// Decoupled weight decay, θ ← θ − η λ (θ − θ*), towards the origin (θ* = 0: Loshchilov and Hutter
// 2019, arXiv:1711.05101) or the weights at initialisation, as in Power et al. 2022, figure 2. It
// acts before the optimiser's own update, as AdamW's decay does.
#include <groklab/regularizer.h>

namespace {

using groklab::PerReplica;
using groklab::Step;
using groklab::Tensor;
using groklab::Weights;

class WeightDecay final : public groklab::Regularizer {
 public:
  static groklab::Schema schema() {
    return groklab::Schema{}
        .real("strength", 1.0, "λ, multiplied by the learning rate", groklab::non_negative)
        .per_replica()
        .choice("toward", "origin", "the point to which weights decay",
                {"origin", "initialization"});
  }

  explicit WeightDecay(const groklab::Params& params)
      : strength_(params.per_replica("strength")),
        to_initialization_(params.text("toward") == "initialization") {}

  void begin(const Weights& initial) override {
    if (to_initialization_) target_ = initial.flat().clone();
  }

  void on_gradients(const Weights& weights, const Weights&, const Step& step) override {
    auto value = weights.flat();
    const auto rate = groklab::broadcast_column(step.learning_rate, value) * strength_.like(value);
    if (to_initialization_) {
      value.sub_((value - target_).mul_(rate));
    } else {
      value.mul_(1 - rate);
    }
  }

 private:
  PerReplica strength_;
  bool to_initialization_;
  Tensor target_;  // [R, P]
};

}  // namespace

GROKLAB_PLUGIN(groklab::Regularizer, WeightDecay, "weight_decay",
               "decoupled decay towards the origin or the initialisation",
               "Loshchilov and Hutter 2019, arXiv:1711.05101; Power et al. 2022, arXiv:2201.02177",
               "θ ← θ − η λ (θ − θ*)")
