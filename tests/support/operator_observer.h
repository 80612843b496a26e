#pragma once

#include <c10/core/impl/LocalDispatchKeySet.h>

#include <cstdint>
#include <mutex>
#include <string>
#include <vector>

namespace groklab::test {

// One call of an operator of LibTorch below autograd, where a device would be given work.
struct OperatorCall {
  std::string name;                              // bmm, add, eq
  std::string overload;                          // "", Tensor, Tensor_out
  std::vector<std::vector<std::int64_t>> sizes;  // of its tensors, those in lists too
  bool is_kernel = false;                        // a device would compute; not a view or allocation
  bool is_inner = false;                         // made by another operator's kernel

  std::string full_name() const { return overload.empty() ? name : name + "." + overload; }
};

// Sees every operator that this thread calls while it lives, forward, backward and in updates: on
// the CPU the backward pass runs in the thread that asks for it. One at a time.
//
// `is_kernel` counts what a GPU would launch, by the operators alone: one for each that has code of
// its own for the device, whatever that code calls in turn; for an operator composed of others,
// those. (A few launch two there, such as large sums.)
class OperatorObserver {
 public:
  OperatorObserver();
  OperatorObserver(const OperatorObserver&) = delete;
  OperatorObserver& operator=(const OperatorObserver&) = delete;
  ~OperatorObserver();

  const std::vector<OperatorCall>& calls() const { return calls_; }
  std::vector<std::string> kernels() const;  // full names, in order

  // Calls that a step which is to be captured must not make: they wait for the device, have shapes
  // that follow from values, draw from a generator, or add in an order that no one fixes.
  std::vector<std::string> forbidden() const;

 private:
  friend struct OperatorRecorder;

  std::mutex mutex_;
  std::vector<OperatorCall> calls_;
  c10::impl::IncludeDispatchKeyGuard guard_;
};

}  // namespace groklab::test
