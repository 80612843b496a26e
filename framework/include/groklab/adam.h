#pragma once

#include <groklab/parameters.h>
#include <groklab/params.h>
#include <groklab/tensor.h>

namespace groklab {

// The update of Adam, Kingma and Ba 2015, arXiv:1412.6980, which optimizers share: at update t
//   m ← β₁ m + (1 − β₁) g,   v ← β₂ v + (1 − β₂) g²,   θ ← κ θ − η m̂ / (√v̂ + ε)
// with m̂ = m / (1 − β₁ᵗ), v̂ = v / (1 − β₂ᵗ), and κ the share of the weights that decay leaves.
class AdamUpdate {
 public:
  // `schema` with beta1, beta2 and epsilon added.
  static Schema declared_in(Schema schema);

  explicit AdamUpdate(const Params& params);

  // Changes value, first and second [R, …] in place. number: float64 [1], t; learning_rate and kept
  // [R, 1, …] in the dtype of the weights. In one pass over memory where all is_direct.
  void apply(const Tensor& value, const Tensor& gradient, const Tensor& first, const Tensor& second,
             const Tensor& number, const Tensor& learning_rate, const Tensor& kept);

 private:
  // 1 − β₁ᵗ of all replicas, then 1 − β₂ᵗ: [2 R, 1, …]. Taken in float64, because float32 loses it
  // for β near 1.
  Tensor bias_corrections(const Tensor& number, const Tensor& like);

  PerReplica beta1_, beta2_, both_betas_, epsilon_;
};

}  // namespace groklab
