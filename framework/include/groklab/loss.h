#pragma once

#include <groklab/plugin.h>
#include <groklab/tensor.h>

namespace groklab {

// The data loss: what the gradient descends.
class Loss : public Plugin {
 public:
  static constexpr const char* kKind = "loss";

  ~Loss() override;

  // logits [R, B, K], targets int64 [R, B], row_weights [R, B] → [R], differentiable in the logits.
  // The loss of a replica is the sum over its rows of weight · loss of the row. Weights of valid
  // rows are 1 / (number of valid rows); rows that only fill the batch up weigh exactly 0, and add
  // exactly 0 to value and gradient whatever their logits are, infinities and NaN too.
  virtual Tensor forward(const Tensor& logits, const Tensor& targets,
                         const Tensor& row_weights) const = 0;
};

}  // namespace groklab
