// Muon, Jordan et al. 2024, kellerjordan.github.io/posts/muon: matrices between embedding and head
// move by η √max(1, outputs / inputs) along the nearest semi-orthogonal matrix to their Nesterov
// momentum (in arXiv:2504.16041 it speeds grokking up); all other parameters are AdamW's.
// Queries, keys and values of an attention are one matrix here; there they are taken apart.
#include <groklab/adam.h>
#include <groklab/optimizer.h>

#include <algorithm>
#include <cmath>

namespace {

using groklab::Parameter;
using groklab::PerReplica;
using groklab::Tensor;

// About U Vᵀ of matrices U S Vᵀ [R, n, m]: five iterations of the odd polynomial a s + b s³ + c s⁵
// on the singular values, over their norm: those above 0.005 of it end between 0.68 and 1.16.
// Coefficients and the floor of the norm are Jordan's; unlike his, the iterations are in
// the dtype of the weights.
Tensor orthogonalized(const Tensor& matrices) {
  constexpr int kIterations = 5;
  constexpr double kA = 3.4445, kB = -4.7750, kC = 2.0315, kFloor = 1e-7;
  const bool tall = matrices.size(1) > matrices.size(2);
  auto x = matrices / (matrices.square().sum({1, 2}, /*keepdim=*/true).sqrt() + kFloor);
  if (tall) x = x.transpose(1, 2);
  for (int i = 0; i < kIterations; ++i) {
    const auto square = x.bmm(x.transpose(1, 2));
    const auto polynomial = torch::baddbmm(square, square, square, kB, kC);
    x = torch::baddbmm(x, polynomial, x, kA, 1);
  }
  return tall ? x.transpose(1, 2) : x;
}

class Muon final : public groklab::Optimizer {
 public:
  static groklab::Schema schema() {
    return groklab::AdamUpdate::declared_in(
               groklab::Schema{}
                   .real("learning_rate", 0.02, "peak step size of matrices", groklab::positive)
                   .per_replica()
                   .real("momentum", 0.95, "decay of the matrices' momentum",
                         groklab::unit_interval)
                   .per_replica()
                   .real("adamw_ratio", 0.015,
                         "AdamW's step size for all other parameters, in learning rates",
                         groklab::positive)
                   .per_replica())
        .real("weight_decay", 0.0,
              "decoupled, towards the origin, by learning_rate · weight_decay for all parameters",
              groklab::non_negative)
        .per_replica();
  }

  explicit Muon(const groklab::Params& params)
      : momentum_(params.per_replica("momentum")),
        adamw_ratio_(params.per_replica("adamw_ratio")),
        adam_(params),
        weight_decay_(params.per_replica("weight_decay")) {}

  // The same for AdamW's parameters, whatever their own step size, so that there is one share.
  Tensor shrinkage(const Tensor& learning_rate) override {
    return learning_rate * weight_decay_.like(learning_rate);
  }

 private:
  bool elementwise() const override { return false; }

  void update(Parameter& weight, const Tensor& learning_rate) override {
    const auto kept = 1 - shrinkage(learning_rate);
    auto& momentum = state(weight, "momentum");
    if (weight.role == groklab::Role::hidden && weight.value.dim() == 3) {
      return update_matrix(weight, momentum, learning_rate, kept);
    }
    // By hand it would go over a replica alone, but not over views of several: other bits.
    const groklab::OperatorsOnly the_same_in_every_pack;
    adam_.apply(weight.value, weight.grad, momentum, state(weight, "second_moment"), step_number(),
                learning_rate * adamw_ratio_.like(learning_rate), kept);
  }

  // weight.value [R, inputs, outputs].
  void update_matrix(Parameter& weight, Tensor& momentum, const Tensor& learning_rate,
                     const Tensor& kept) {
    const auto mu = momentum_.like(momentum);
    momentum.lerp_(weight.grad, 1 - mu);
    const auto direction = orthogonalized(torch::lerp(weight.grad, momentum, mu));
    const auto aspect =
        static_cast<double>(weight.value.size(2)) / static_cast<double>(weight.value.size(1));
    const auto size = learning_rate * std::sqrt(std::max(1.0, aspect));
    weight.value.mul_(kept).sub_(direction * size);
  }

  PerReplica momentum_, adamw_ratio_;
  groklab::AdamUpdate adam_;
  PerReplica weight_decay_;
};

}  // namespace

GROKLAB_PLUGIN(groklab::Optimizer, Muon, "muon", "orthogonalised momentum for matrices, else AdamW",
               "Jordan et al. 2024, kellerjordan.github.io/posts/muon",
               "θ ← (1 − η λ) θ − η √max(1, outputs / inputs) O, O the momentum made orthogonal")
