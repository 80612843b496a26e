#pragma once

#include <ATen/core/dispatch/Dispatcher.h>
#include <ATen/core/stack.h>
#include <c10/core/impl/LocalDispatchKeySet.h>

#include <string>

namespace groklab {

// A call of an operator of LibTorch below autograd, where a device is given work.
struct TappedCall {
  const c10::OperatorHandle& op;
  c10::DispatchKeySet keys;  // that are left
  torch::jit::Stack& stack;  // with the arguments on top, and after the call the results

  std::string name() const;  // without namespace and overload: "bmm"
  void make() const;         // calls it, with what it calls in turn tapped as well
  void make_untapped() const;
};

// Sees the operators that the thread which made it calls while it lives, forward, backward and in
// updates: on the CPU the backward pass runs in the thread that asks for it. One at a time.
class OperatorTap {
 public:
  OperatorTap();  // throws std::logic_error if this thread has one
  OperatorTap(const OperatorTap&) = delete;
  OperatorTap& operator=(const OperatorTap&) = delete;
  virtual ~OperatorTap();

  // In the place of the call, which it has to make.
  virtual void on_call(const TappedCall& call) = 0;

 private:
  c10::impl::IncludeDispatchKeyGuard guard_;
};

}  // namespace groklab
