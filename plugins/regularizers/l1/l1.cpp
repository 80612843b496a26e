// The penalty λ Σ|θ|, Tibshirani 1996 (the lasso): coupled, its gradient λ sign(θ) (0 at 0) goes
// through the optimiser. Over all parameters.
#include <groklab/regularizer.h>

namespace {

class L1 final : public groklab::Regularizer {
 public:
  static groklab::Schema schema() {
    return groklab::Schema{}
        .real("strength", 1e-5, "λ of λ Σ|θ|, not multiplied by the learning rate",
              groklab::non_negative)
        .per_replica();
  }

  explicit L1(const groklab::Params& params) : strength_(params.per_replica("strength")) {}

  groklab::Tensor penalty(const groklab::Weights& weights, const groklab::Step&) override {
    const auto norm = weights.flat().abs().sum(1);
    return norm * strength_.like(norm);
  }

 private:
  groklab::PerReplica strength_;
};

}  // namespace

GROKLAB_PLUGIN(groklab::Regularizer, L1, "l1", "the penalty λ Σ|θ|", "Tibshirani 1996", "λ Σ|θ|")
