#include "train/update.h"

#include <groklab/profile.h>

namespace groklab {

Update update_weights(const Components& components, const Weights& weights, const Batch& batch,
                      const std::vector<Slice>& slices, const Step& step) {
  auto [loss, flat, logits] = compute_gradients(components, weights.flat(), batch, slices, step);
  const torch::NoGradGuard no_grad;
  // Regularisers change a copy, so that the gradient of the loss remains.
  const auto directions = components.regularizers.empty() ? flat : flat.clone();
  const Weights along(components.layout, directions);
  for (const auto& regularizer : components.regularizers) {
    regularizer.call([&](Regularizer& r) { r.on_gradients(weights, along, step); });
  }
  components.optimizer.call([&](Optimizer& optimizer) {
    const TimedWork work(Work::optimizer);
    optimizer.step(weights, along, step);
  });
  for (const auto& regularizer : components.regularizers) {
    regularizer.call([&](Regularizer& r) { r.after_step(weights, step); });
  }
  return {std::move(loss), std::move(logits), std::move(flat), directions};
}

Tensor batch_accuracy(const std::vector<Tensor>& logits, const Batch& batch,
                      const std::vector<Slice>& slices) {
  const torch::NoGradGuard no_grad;
  std::vector<Tensor> parts;
  for (std::size_t i = 0; i < slices.size(); ++i) {
    const auto part = [&](const Tensor& tensor) {
      return tensor.narrow(0, slices[i].first, slices[i].count).narrow(1, 0, slices[i].rows);
    };
    const auto hits = logits[i].argmax(2).eq(part(batch.z));
    parts.push_back((hits * part(batch.row_weights)).sum(1));
  }
  return parts.size() == 1 ? parts.front() : torch::cat(parts, 0);
}

}  // namespace groklab
