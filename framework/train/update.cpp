#include "train/update.h"

#include <groklab/profile.h>

#include <algorithm>

namespace groklab {
namespace {

// Tells who changed the weights by how much: a copy is kept, and differences are taken from it.
class Accounts {
 public:
  Accounts(const Weights& weights, bool kept) : weights_(weights), kept_(kept) {
    if (kept_) parts_.before = last_ = weights_.flat().clone();
  }

  // What has changed since the last account, added to `part`.
  void add_to(Tensor UpdateParts::*part) {
    if (!kept_) return;
    const auto change = weights_.flat() - last_;
    auto& sum = parts_.*part;
    sum = sum.defined() ? sum + change : change;
    last_ = weights_.flat().clone();
  }

  // The part of the optimiser's change that its decay makes of the weights as they are now.
  Tensor decay(Optimizer& optimizer, const Step& step) const {
    if (!kept_) return {};
    const auto rate = broadcast_column(step.learning_rate, weights_.flat());
    const auto share = optimizer.shrinkage(rate);
    if (!share.defined()) return torch::zeros_like(weights_.flat());
    return weights_.flat() * (1 - share) - weights_.flat();  // rounded as optimisers do it
  }

  UpdateParts parts(const Tensor& decay) {
    if (!kept_) return {};
    parts_.from_decay = decay;
    parts_.from_optimizer = parts_.from_optimizer - decay;
    return parts_;
  }

 private:
  const Weights& weights_;
  bool kept_;
  Tensor last_;
  UpdateParts parts_;
};

}  // namespace

Update update_weights(const Components& components, const Weights& weights, const Batch& batch,
                      const std::vector<Slice>& slices, const Step& step, bool with_parts) {
  auto [loss, flat, logits] = compute_gradients(components, weights.flat(), batch, slices, step);
  const torch::NoGradGuard no_grad;
  // Regularisers change a copy, so that the gradient of the loss remains.
  const auto directions = components.regularizers.empty() ? flat : flat.clone();
  const Weights along(components.layout, directions);
  Accounts accounts(weights, with_parts);
  for (const auto& regularizer : components.regularizers) {
    regularizer.call([&](Regularizer& r) { r.on_gradients(weights, along, step); });
  }
  accounts.add_to(&UpdateParts::from_regularizers);
  const auto decay = components.optimizer.call([&](Optimizer& optimizer) {
    const TimedWork work(Work::optimizer);
    const auto by_decay = accounts.decay(optimizer, step);
    optimizer.step(weights, along, step);
    return by_decay;
  });
  accounts.add_to(&UpdateParts::from_optimizer);
  for (const auto& regularizer : components.regularizers) {
    regularizer.call([&](Regularizer& r) { r.after_step(weights, step); });
  }
  accounts.add_to(&UpdateParts::from_regularizers);
  return {std::move(loss), std::move(logits), std::move(flat), directions, accounts.parts(decay)};
}

bool reads_update(const Components& components) {
  return std::any_of(components.probes.begin(), components.probes.end(), [](const auto& probe) {
    return probe.call([](Probe& p) { return p.reads_update(); });
  });
}

}  // namespace groklab
