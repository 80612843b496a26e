#include "operators/tap.h"

#include <torch/library.h>

#include <stdexcept>

namespace groklab {
namespace {

// Between autograd and the devices, and LibTorch itself registers nothing for it.
constexpr auto kKey = c10::DispatchKey::Fake;

thread_local OperatorTap* current = nullptr;

void tap(const c10::OperatorHandle& op, c10::DispatchKeySet keys, torch::jit::Stack* stack) {
  const c10::DispatchKeySet below(c10::DispatchKeySet::FULL_AFTER, kKey);
  const TappedCall call{op, keys & below, *stack};
  if (current == nullptr) {
    call.make();
  } else {
    current->on_call(call);
  }
}

TORCH_LIBRARY_IMPL(_, Fake, library) {
  library.fallback(torch::CppFunction::makeFromBoxedFunction<&tap>());
}

}  // namespace

std::string TappedCall::name() const {
  const auto& full = op.schema().name();
  return full.substr(full.find("::") + 2);
}

void TappedCall::make() const { op.redispatchBoxed(keys, &stack); }

void TappedCall::make_untapped() const {
  const c10::impl::ExcludeDispatchKeyGuard untapped(kKey);
  make();
}

OperatorTap::OperatorTap() : guard_(kKey) {
  if (current != nullptr) throw std::logic_error("this thread's operators are tapped already");
  current = this;
}

OperatorTap::~OperatorTap() { current = nullptr; }

}  // namespace groklab
