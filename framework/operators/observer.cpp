#include "operators/observer.h"

#include "operators/hazards.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <set>
#include <sstream>

namespace groklab {
namespace {

// Views say in their schema that what they return shares memory.
bool is_view(const c10::FunctionSchema& schema) {
  const auto& returns = schema.returns();
  return std::any_of(returns.begin(), returns.end(), [](const c10::Argument& value) {
    return value.alias_info() != nullptr && !value.alias_info()->isWrite();
  });
}

bool computes_nothing(const c10::FunctionSchema& schema, const std::string& name) {
  static const std::set<std::string> others{"resize_", "set_", "_unsafe_view", "unsafe_split",
                                            "unsafe_split_with_sizes"};
  return is_view(schema) || name.starts_with("empty") || name.starts_with("new_empty") ||
         others.contains(name);
}

// Written for the device, rather than composed of other operators.
bool has_own_kernel(const c10::OperatorHandle& op) {
  return op.hasKernelForDispatchKey(c10::DispatchKey::CPU) ||
         op.hasKernelForDispatchKey(c10::DispatchKey::CUDA);
}

bool gave_no_numbers(const torch::jit::Stack& stack, std::size_t returns) {
  return returns > 0 && stack.back().isTensor() && stack.back().toTensor().defined() &&
         stack.back().toTensor().numel() == 0;
}

std::string to_text(const at::Tensor& tensor) {
  if (!tensor.defined()) return "none";
  return fmt::format("{}[{}]({})", c10::toString(tensor.scalar_type()),
                     fmt::join(tensor.sizes(), ","), fmt::join(tensor.strides(), ","));
}

std::string to_text(const c10::IValue& value) {
  if (value.isTensor()) return to_text(value.toTensor());
  std::string text;
  if (value.isTensorList()) {
    for (const at::Tensor& tensor : value.toTensorVector()) text += to_text(tensor) + " ";
  } else if (value.isList()) {
    for (const c10::IValue& element : value.toListRef()) text += to_text(element) + " ";
  } else {
    std::ostringstream stream;
    stream << value;
    return stream.str();
  }
  return "(" + text + ")";
}

// Numbers that repeat along a dimension count once.
std::int64_t bytes_of(const at::Tensor& tensor) {
  if (!tensor.defined()) return 0;
  std::int64_t numbers = 1;
  for (std::int64_t i = 0; i < tensor.dim(); ++i) {
    if (tensor.stride(i) != 0) numbers *= tensor.size(i);
  }
  return tensor.numel() == 0 ? 0 : numbers * static_cast<std::int64_t>(tensor.itemsize());
}

std::int64_t bytes_of(c10::ArrayRef<c10::IValue> values) {
  std::int64_t sum = 0;
  for (const auto& value : values) {
    if (value.isTensor()) sum += bytes_of(value.toTensor());
    if (value.isTensorList()) {
      for (const at::Tensor& tensor : value.toTensorVector()) sum += bytes_of(tensor);
    }
  }
  return sum;
}

OperatorCall describe(const TappedCall& tapped) {
  const auto& schema = tapped.op.schema();
  OperatorCall call;
  call.name = tapped.name();
  call.overload = schema.overload_name();
  call.signature = call.full_name();
  const auto arguments = torch::jit::last(tapped.stack, schema.arguments().size());
  call.bytes = bytes_of(arguments);
  for (const auto& argument : arguments) {
    call.signature += " " + to_text(argument);
    if (argument.isTensor() && argument.toTensor().defined()) {
      call.sizes.push_back(argument.toTensor().sizes().vec());
    } else if (argument.isTensorList()) {
      for (const at::Tensor& tensor : argument.toTensorVector()) {
        call.sizes.push_back(tensor.sizes().vec());
      }
    }
  }
  return call;
}

}  // namespace

void OperatorObserver::on_call(const TappedCall& tapped) {
  const auto place = calls_.size();
  calls_.push_back(describe(tapped));
  calls_[place].is_inner = kernel_depth_ > 0;
  const bool own_kernel = has_own_kernel(tapped.op);
  kernel_depth_ += own_kernel;
  try {
    tapped.make();
  } catch (...) {
    kernel_depth_ -= own_kernel;
    throw;
  }
  kernel_depth_ -= own_kernel;

  const auto& schema = tapped.op.schema();
  calls_[place].bytes += bytes_of(torch::jit::last(tapped.stack, schema.returns().size()));
  const bool computes = !computes_nothing(schema, calls_[place].name) &&
                        !gave_no_numbers(tapped.stack, schema.returns().size());
  const bool made_of_kernels =
      !own_kernel && std::any_of(calls_.begin() + static_cast<std::ptrdiff_t>(place), calls_.end(),
                                 [](const OperatorCall& call) { return call.is_kernel; });
  calls_[place].is_kernel = computes && !calls_[place].is_inner && !made_of_kernels;
}

std::vector<std::string> OperatorObserver::kernels() const {
  std::vector<std::string> names;
  for (const auto& call : calls_) {
    if (call.is_kernel) names.push_back(call.full_name());
  }
  return names;
}

std::int64_t OperatorObserver::bytes(bool of_products) const {
  std::int64_t sum = 0;
  for (const auto& call : calls_) {
    const bool is_product = call.name.ends_with("mm") || call.name.ends_with("mm_");
    if (call.is_kernel && is_product == of_products) sum += call.bytes;
  }
  return sum;
}

std::vector<std::string> OperatorObserver::signatures() const {
  std::vector<std::string> all;
  for (const auto& call : calls_) {
    if (!call.is_inner) all.push_back(call.signature);
  }
  return all;
}

std::vector<std::string> OperatorObserver::forbidden() const {
  std::vector<std::string> names;
  for (const auto& call : calls_) {
    if (hazard_of(call.name)) names.push_back(call.full_name());
  }
  return names;
}

}  // namespace groklab
