#pragma once

#include "../shape.h"

#include <groklab/model.h>

#include <memory>
#include <string>

namespace transformer {

// The transformer by hand on the CPU, as one function of the flat buffer for autograd. The memory
// of what it keeps from a forward pass for its backward pass is used again by the next step.
class Fused {
 public:
  explicit Fused(const Shape& shape);
  ~Fused();

  // The settings it is not written for: "norm: pre, biases: true"; empty: none. Nor is it for
  // dropout.
  static std::string lacks(const Shape& shape, const Options& options);

  // x, y: int64 [R, B] → logits [R, B, K].
  groklab::Tensor forward(const groklab::Weights& weights, const groklab::Tensor& x,
                          const groklab::Tensor& y) const;

 private:
  struct Memory;
  std::shared_ptr<Memory> memory_;
};

}  // namespace transformer
