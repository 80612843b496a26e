#include "support/operator_observer.h"

#include <ATen/core/dispatch/Dispatcher.h>
#include <ATen/core/stack.h>
#include <torch/library.h>

#include <algorithm>
#include <atomic>
#include <set>
#include <stdexcept>

namespace groklab::test {
namespace {

// Between autograd and the devices, and LibTorch itself registers nothing for it.
constexpr auto kKey = c10::DispatchKey::Fake;

std::atomic<OperatorObserver*> current{nullptr};
thread_local int kernel_depth = 0;  // kernels that this thread is inside of

// Views say in their schema that what they return shares memory.
bool is_view(const c10::FunctionSchema& schema) {
  const auto& returns = schema.returns();
  return std::any_of(returns.begin(), returns.end(), [](const c10::Argument& value) {
    return value.alias_info() != nullptr && !value.alias_info()->isWrite();
  });
}

bool computes_nothing(const c10::FunctionSchema& schema) {
  static const std::set<std::string> others{"resize_", "set_", "_unsafe_view", "unsafe_split",
                                            "unsafe_split_with_sizes"};
  const auto name = schema.name().substr(schema.name().find("::") + 2);
  return is_view(schema) || name.starts_with("empty") || name.starts_with("new_empty") ||
         others.contains(name);
}

// Written for the device, rather than composed of other operators.
bool has_own_kernel(const c10::OperatorHandle& op) {
  return op.hasKernelForDispatchKey(c10::DispatchKey::CPU) ||
         op.hasKernelForDispatchKey(c10::DispatchKey::CUDA);
}

const std::set<std::string>& forbidden_names() {
  static const std::set<std::string> names{
      // wait for the device
      "_local_scalar_dense", "item", "equal", "is_nonzero", "allclose", "nonzero",
      // have shapes that follow from values
      "nonzero_numpy", "argwhere", "masked_select", "unique_dim", "_unique", "_unique2",
      "unique_consecutive", "bincount", "histc", "repeat_interleave",
      // draw from a generator, which knows nothing of replicas
      "multinomial", "randperm", "rand", "randn", "randint", "rand_like", "randn_like", "uniform_",
      "normal_", "bernoulli", "bernoulli_", "random_", "exponential_", "native_dropout",
      // add in an order that no one fixes, or sort to fix it
      "index_put", "index_put_", "_index_put_impl_", "index_add", "index_add_", "index_reduce",
      "scatter_add", "scatter_add_", "scatter_reduce", "gather_backward",
      "embedding_dense_backward", "put_", "take"};
  return names;
}

bool gave_no_numbers(const torch::jit::Stack& stack, std::size_t returns) {
  return returns > 0 && stack.back().isTensor() && stack.back().toTensor().defined() &&
         stack.back().toTensor().numel() == 0;
}

}  // namespace

struct OperatorRecorder {
  // Returns the place of the call in the list.
  static std::size_t begin(OperatorObserver& observer, const c10::FunctionSchema& schema,
                           const torch::jit::Stack& stack) {
    OperatorCall call;
    call.name = schema.name().substr(schema.name().find("::") + 2);
    call.overload = schema.overload_name();
    call.is_inner = kernel_depth > 0;
    for (const auto& argument : torch::jit::last(stack, schema.arguments().size())) {
      if (argument.isTensor() && argument.toTensor().defined()) {
        call.sizes.push_back(argument.toTensor().sizes().vec());
      } else if (argument.isTensorList()) {
        for (const at::Tensor& tensor : argument.toTensorVector()) {
          call.sizes.push_back(tensor.sizes().vec());
        }
      }
    }
    const std::lock_guard lock(observer.mutex_);
    observer.calls_.push_back(std::move(call));
    return observer.calls_.size() - 1;
  }

  static void end(OperatorObserver& observer, std::size_t place, bool computes, bool composed) {
    const std::lock_guard lock(observer.mutex_);
    auto& calls = observer.calls_;
    const auto inside = calls.begin() + static_cast<std::ptrdiff_t>(place);
    const auto is_kernel = [](const OperatorCall& call) { return call.is_kernel; };
    calls[place].is_kernel = computes && !calls[place].is_inner &&
                             !(composed && std::any_of(inside, calls.end(), is_kernel));
  }
};

namespace {

void observe(const c10::OperatorHandle& op, c10::DispatchKeySet keys, torch::jit::Stack* stack) {
  const c10::DispatchKeySet below(c10::DispatchKeySet::FULL_AFTER, kKey);
  auto* observer = current.load();
  if (observer == nullptr) return op.redispatchBoxed(keys & below, stack);

  const auto place = OperatorRecorder::begin(*observer, op.schema(), *stack);
  const bool own_kernel = has_own_kernel(op);
  kernel_depth += own_kernel;
  try {
    op.redispatchBoxed(keys & below, stack);
  } catch (...) {
    kernel_depth -= own_kernel;
    throw;
  }
  kernel_depth -= own_kernel;
  const bool computes =
      !computes_nothing(op.schema()) && !gave_no_numbers(*stack, op.schema().returns().size());
  OperatorRecorder::end(*observer, place, computes, !own_kernel);
}

TORCH_LIBRARY_IMPL(_, Fake, library) {
  library.fallback(torch::CppFunction::makeFromBoxedFunction<&observe>());
}

}  // namespace

OperatorObserver::OperatorObserver() : guard_(kKey) {
  OperatorObserver* none = nullptr;
  if (!current.compare_exchange_strong(none, this)) {
    throw std::logic_error("another observer is watching");
  }
}

OperatorObserver::~OperatorObserver() { current = nullptr; }

std::vector<std::string> OperatorObserver::kernels() const {
  std::vector<std::string> names;
  for (const auto& call : calls_) {
    if (call.is_kernel) names.push_back(call.full_name());
  }
  return names;
}

std::vector<std::string> OperatorObserver::forbidden() const {
  std::vector<std::string> names;
  for (const auto& call : calls_) {
    if (forbidden_names().contains(call.name)) names.push_back(call.full_name());
  }
  return names;
}

}  // namespace groklab::test
