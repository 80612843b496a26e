// Steps of one size along the sign of the gradient: Bernstein et al. 2018, arXiv:1802.04434.
#include <groklab/optimizer.h>

namespace {

class SignDescent final : public groklab::Optimizer {
 public:
  static groklab::Schema schema() {
    return groklab::Schema{}
        .real("learning_rate", 1e-3, "size of a step", groklab::positive)
        .per_replica();
  }

 private:
  // weight.value and weight.grad: [R, …]; learning_rate: [R, 1, …].
  void update(groklab::Parameter& weight, const groklab::Tensor& learning_rate) override {
    weight.value.sub_(weight.grad.sign() * learning_rate);
  }
};

}  // namespace

GROKLAB_PLUGIN(groklab::Optimizer, SignDescent, "sign_descent", "descent along signs")
