#pragma once

#include "operators/tap.h"

#include <cstdint>
#include <string>
#include <vector>

namespace groklab {

// One call of an operator.
struct OperatorCall {
  std::string name;                              // bmm, add, eq
  std::string overload;                          // "", Tensor, Tensor_out
  std::vector<std::vector<std::int64_t>> sizes;  // of its tensors, those in lists too
  std::string signature;   // name, sizes, strides and dtypes of its tensors, all other arguments
  std::int64_t bytes = 0;  // that its tensors hold, arguments and results: what it moves at least
  bool is_kernel = false;  // a device would compute; not a view or allocation
  bool is_inner = false;   // made by another operator's kernel

  std::string full_name() const { return overload.empty() ? name : name + "." + overload; }
};

// Lists every operator that its thread calls while it lives.
//
// `is_kernel` counts what a GPU would launch, by the operators alone: one for each that has code of
// its own for the device, whatever that code calls in turn; for an operator composed of others,
// those. (A few launch two there, such as large sums.)
class OperatorObserver final : public OperatorTap {
 public:
  const std::vector<OperatorCall>& calls() const { return calls_; }
  std::vector<std::string> kernels() const;     // full names, in order
  std::int64_t bytes(bool of_products) const;   // of kernels: of products of matrices, or all else
  std::vector<std::string> signatures() const;  // of the calls that no other operator made

  // Calls that have no place in a step which is recorded and repeated (operators/hazards.h).
  std::vector<std::string> forbidden() const;

 private:
  void on_call(const TappedCall& call) override;

  std::vector<OperatorCall> calls_;
  int kernel_depth_ = 0;  // kernels that the thread is inside of
};

}  // namespace groklab
