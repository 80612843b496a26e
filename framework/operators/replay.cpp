#include "operators/replay.h"

#include "operators/hazards.h"
#include "operators/tap.h"

#include <ATen/core/LegacyTypeDispatch.h>
#include <fmt/format.h>
#include <groklab/error.h>

#include <algorithm>
#include <utility>
#include <vector>

namespace groklab {
namespace {

using Values = std::vector<c10::IValue>;

std::vector<Tensor> tensors_of(const Values& values) {
  std::vector<Tensor> tensors;
  const auto add = [&](const Tensor& tensor) {
    if (tensor.defined()) tensors.push_back(tensor);
  };
  for (const auto& value : values) {
    if (value.isTensor()) add(value.toTensor());
    if (value.isTensorList()) {
      for (const Tensor& tensor : value.toTensorVector()) add(tensor);
    }
  }
  return tensors;
}

// Views keep pointing to where they point; memory that was only allocated stays allocated.
bool needs_no_replay(const TappedCall& call, const Values& arguments, const Values& results) {
  if (call.op.schema().is_mutable()) return false;
  const auto name = call.name();
  if (name.starts_with("empty") || name.starts_with("new_empty")) return true;
  const auto given = tensors_of(arguments), made = tensors_of(results);
  return !made.empty() && std::all_of(made.begin(), made.end(), [&](const Tensor& one) {
    return std::any_of(given.begin(), given.end(),
                       [&](const Tensor& other) { return one.is_alias_of(other); });
  });
}

// A call as it was recorded: the arguments, and the tensors that its results went to.
struct RecordedCall {
  c10::OperatorHandle op;
  c10::DispatchKeySet keys;
  Values arguments, results;

  void repeat() const {
    torch::jit::Stack stack = arguments;
    op.redispatchBoxed(keys, &stack);
    const auto places = tensors_of(results), made = tensors_of(stack);
    for (std::size_t i = 0; i < places.size(); ++i) {
      if (!places[i].is_alias_of(made.at(i))) places[i].copy_(made[i]);
    }
  }
};

class RecordedCalls final : public Recording {
 public:
  explicit RecordedCalls(std::vector<RecordedCall> calls) : calls_(std::move(calls)) {}

  void replay() override {
    const at::AutoDispatchBelowADInplaceOrView below_autograd;
    for (const auto& call : calls_) call.repeat();
  }

 private:
  std::vector<RecordedCall> calls_;
};

class Recorder final : public OperatorTap {
 public:
  std::vector<RecordedCall> take() { return std::move(calls_); }

 private:
  void on_call(const TappedCall& call) override {
    const auto hazard = hazard_of(call.name());
    if (hazard && *hazard != Hazard::unordered) {
      throw Error(fmt::format("{} cannot be repeated: {}", call.name(), to_text(*hazard)));
    }
    const auto& schema = call.op.schema();
    const auto arguments = torch::jit::last(call.stack, schema.arguments().size()).vec();
    call.make_untapped();
    const auto results = torch::jit::last(call.stack, schema.returns().size()).vec();
    if (needs_no_replay(call, arguments, results)) return;
    calls_.push_back({call.op, call.keys, arguments, results});
  }

  std::vector<RecordedCall> calls_;
};

}  // namespace

std::string ReplayBackend::description() const { return "CPU, replaying recorded operators"; }

void ReplayBackend::use_tf32(bool use) {
  if (use) throw Error("the CPU has no TF32");
}

std::unique_ptr<Recording> ReplayBackend::record(const std::function<void()>& work) {
  Recorder recorder;
  work();
  return std::make_unique<RecordedCalls>(recorder.take());
}

}  // namespace groklab
