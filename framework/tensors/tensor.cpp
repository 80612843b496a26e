#include <groklab/lanes.h>
#include <groklab/tensor.h>

#include <algorithm>

#include <utility>

namespace groklab {
namespace {

thread_local bool operators_only = false;

}  // namespace

bool is_direct(const Tensor& tensor) {
  return tensor.is_cpu() && tensor.is_contiguous() && !operators_only;
}

OperatorsOnly::OperatorsOnly() : before_(std::exchange(operators_only, true)) {}
OperatorsOnly::~OperatorsOnly() { operators_only = before_; }

Tensor broadcast_column(const Tensor& column, const Tensor& tensor) {
  std::vector<std::int64_t> shape(tensor.dim(), 1);
  shape[0] = column.size(0);
  return column.to(tensor.scalar_type()).view(shape);
}

Tensor PerReplica::like(const Tensor& tensor) {
  for (const auto& made : made_) {
    if (made.dim() == tensor.dim() && made.options().type_equal(tensor.options()) &&
        made.device() == tensor.device()) {
      return made;
    }
  }
  const auto column = torch::tensor(values_, torch::kFloat64).to(tensor.device());
  return made_.emplace_back(broadcast_column(column, tensor));
}

bool PerReplica::any_nonzero() const {
  return std::any_of(values_.begin(), values_.end(), [](double value) { return value != 0; });
}

std::vector<double> in_lanes(const std::vector<double>& of_replicas) {
  std::vector<double> lanes;
  for (const auto value : of_replicas) lanes.insert(lanes.end(), kLanes, value);
  return lanes;
}

Tensor first_of_lanes(const Tensor& lanes) { return lanes.view({-1, kLanes}).select(1, 0); }

}  // namespace groklab
