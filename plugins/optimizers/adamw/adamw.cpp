// AdamW: Adam with decoupled weight decay, Loshchilov and Hutter 2019, arXiv:1711.05101; with
// weight_decay 0 it is Adam, Kingma and Ba 2015, arXiv:1412.6980.
#include <groklab/adam.h>
#include <groklab/optimizer.h>

namespace {

using groklab::Parameter;
using groklab::PerReplica;
using groklab::Tensor;

class AdamW final : public groklab::Optimizer {
 public:
  static groklab::Schema schema() {
    return groklab::AdamUpdate::declared_in(
               groklab::Schema{}
                   .real("learning_rate", 1e-3, "peak step size", groklab::positive)
                   .per_replica())
        .real("weight_decay", 0.0, "decoupled, towards the origin", groklab::non_negative)
        .per_replica();
  }

  explicit AdamW(const groklab::Params& params)
      : adam_(params), weight_decay_(params.per_replica("weight_decay")) {}

  Tensor shrinkage(const Tensor& learning_rate) override {
    return learning_rate * weight_decay_.like(learning_rate);
  }

 private:
  void update(Parameter& weight, const Tensor& learning_rate) override {
    adam_.apply(weight.value, weight.grad, state(weight, "first_moment"),
                state(weight, "second_moment"), step_number(), learning_rate,
                1 - shrinkage(learning_rate));
  }

  groklab::AdamUpdate adam_;
  PerReplica weight_decay_;
};

}  // namespace

GROKLAB_PLUGIN(groklab::Optimizer, AdamW, "adamw", "Adam with decoupled weight decay",
               "Loshchilov and Hutter 2019, arXiv:1711.05101", "θ ← (1 − η λ) θ − η m̂ / (√v̂ + ε)")
