// The penalty (λ/2) Σ θ², Hoerl and Kennard 1970 (ridge regression): coupled, its gradient λ θ goes
// through the optimiser; for plain gradient descent that is weight decay. Over all parameters.
#include <groklab/regularizer.h>

namespace {

class L2 final : public groklab::Regularizer {
 public:
  static groklab::Schema schema() {
    return groklab::Schema{}
        .real("strength", 1e-4, "λ of (λ/2) Σ θ², not multiplied by the learning rate",
              groklab::non_negative)
        .per_replica();
  }

  explicit L2(const groklab::Params& params) : strength_(params.per_replica("strength")) {}

  groklab::Tensor penalty(const groklab::Weights& weights, const groklab::Step&) override {
    const auto squares = weights.flat().square().sum(1);
    return squares * strength_.like(squares) / 2;
  }

 private:
  groklab::PerReplica strength_;
};

}  // namespace

GROKLAB_PLUGIN(groklab::Regularizer, L2, "l2", "the penalty (λ/2) Σ θ²", "Hoerl and Kennard 1970",
               "(λ/2) Σ θ²")
