#include <groklab/optimizer.h>

namespace groklab {

Optimizer::~Optimizer() = default;

void Optimizer::step(const Weights& weights, const Weights& gradients, const Step& step) {
  weights_ = &weights;
  step_number_ = step.number;
  if (elementwise()) {
    Parameter all{"", weights.flat(), gradients.flat()};
    update(all, broadcast_column(step.learning_rate, all.value));
  } else {
    const auto& entries = weights.layout().entries();
    for (std::size_t i = 0; i < entries.size(); ++i) {
      Parameter one{entries[i].name, weights.at(i), gradients.at(i), entries[i].role};
      update(one, broadcast_column(step.learning_rate, one.value));
    }
  }
  weights_ = nullptr;
}

Tensor Optimizer::shrinkage(const Tensor&) { return {}; }

Tensor& Optimizer::state(const Parameter& weight, std::string_view name) {
  Tensor& flat = state_.at(name, weights_->flat());
  if (weight.name.empty()) return flat;
  Tensor& view = views_[std::string(name) + "/" + weight.name];
  // A restored checkpoint replaces the flat tensor: look again where the view no longer shares it.
  if (!view.defined() || !view.is_alias_of(flat)) {
    for (const auto& entry : weights_->layout().entries()) {
      if (entry.name != weight.name) continue;
      view = flat.narrow(1, entry.offset, entry.count).view(weight.value.sizes());
    }
  }
  return view;
}

}  // namespace groklab
