// Marks are opened and closed by the hooks that LibTorch has for its own profiler.
#include "app/operator_marks.h"

#include <ATen/record_function.h>
#include <groklab/profile.h>
#include <torch/types.h>

#include <algorithm>
#include <array>
#include <memory>
#include <string_view>

namespace groklab {
namespace {

struct Mark final : at::ObserverContext {
  explicit Mark(Work kind, std::int64_t multiply_adds = 0) : work(kind, multiply_adds) {}
  TimedWork work;
};

// What surrounded an operator of the forward pass, by the sequence number that its node in the
// backward pass has as well. Numbers grow, and a graph has fewer nodes than this has places.
std::array<Work, 1 << 14>& surroundings() {
  static thread_local auto all = [] {
    std::array<Work, 1 << 14> works;
    works.fill(Work::rest);
    return works;
  }();
  return all;
}

Work& surroundings(std::int64_t sequence_number) {
  auto& all = surroundings();
  return all[static_cast<std::size_t>(sequence_number) % all.size()];
}

struct Product {
  std::string_view name;
  std::size_t left;  // which argument the left matrix is; the right one follows
};
constexpr Product kProducts[] = {{"aten::mm", 0},     {"aten::bmm", 0},     {"aten::addmm", 1},
                                 {"aten::addmm_", 1}, {"aten::baddbmm", 1}, {"aten::baddbmm_", 1}};

std::unique_ptr<at::ObserverContext> begin_operator(const at::RecordFunction& call) {
  const auto around = TimedWork::current();
  if (call.seqNr() >= 0) surroundings(call.seqNr()) = around;
  if (around == Work::products) return nullptr;  // one product may be made by way of another
  const std::string_view name = call.name();
  const auto* product = std::find_if(std::begin(kProducts), std::end(kProducts),
                                     [&](const auto& one) { return one.name == name; });
  if (product != std::end(kProducts)) {
    const auto matrices = call.inputs().slice(product->left, 2);
    return std::make_unique<Mark>(Work::products,
                                  matrices[0].toTensor().numel() * matrices[1].toTensor().size(-1));
  }
  if (name.starts_with("aten::native_layer_norm")) return std::make_unique<Mark>(Work::norms);
  return around == Work::rest ? std::make_unique<Mark>(Work::elementwise) : nullptr;
}

std::unique_ptr<at::ObserverContext> begin(const at::RecordFunction& call) {
  if (call.scope() == at::RecordScope::FUNCTION) return begin_operator(call);
  const auto work = call.seqNr() < 0 ? Work::rest : surroundings(call.seqNr());
  const bool by_its_operators = work == Work::rest || work == Work::products;
  return by_its_operators ? nullptr : std::make_unique<Mark>(work);
}

}  // namespace

OperatorMarks::OperatorMarks()
    : callback_(at::addGlobalCallback(at::RecordFunctionCallback(&begin).needsInputs(true).scopes(
          {at::RecordScope::FUNCTION, at::RecordScope::BACKWARD_FUNCTION}))) {}

OperatorMarks::~OperatorMarks() { at::removeCallback(callback_); }

}  // namespace groklab
