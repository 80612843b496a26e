// What the last update was made of: the norms of the optimiser's part without its decay (for AdamW
// |η m̂ / (√v̂ + ε)|), of its decay (|η λ θ|) and of the regularisers' part; and whether they push
// the weights outwards: cosines of −g and of the optimiser's part with θ before the update, and of
// the optimiser's part with −g. g is the gradient that the optimiser was given. After "Grokking at
// the edge of numerical stability", Prieto et al. 2025, arXiv:2501.04697, where −g aligned with θ
// is naive loss minimisation. Not a number before the first step, and a cosine of a zero vector.
#include <groklab/probe.h>

#include <limits>

namespace {

using groklab::Tensor;

Tensor length(const Tensor& a) { return a.norm(2, {1}); }
Tensor cosine(const Tensor& a, const Tensor& b) { return (a * b).sum(1) / (length(a) * length(b)); }

class UpdateAnatomy final : public groklab::Probe {
 public:
  bool reads_logits() const override { return false; }
  bool reads_update() const override { return true; }

  Measurements measure(const groklab::Snapshot& snapshot) override {
    const auto unknown =
        torch::full_like(snapshot.weights.flat(), std::numeric_limits<double>::quiet_NaN());
    // float64, as squares of small numbers are 0 in float32.
    const auto known = [&](const Tensor& part) {
      return (part.defined() ? part : unknown).to(torch::kFloat64);
    };
    const auto before = known(snapshot.update.before);
    const auto optimizer = known(snapshot.update.from_optimizer);
    const auto decay = known(snapshot.update.from_decay);
    const auto regularizers = known(snapshot.update.from_regularizers);
    const auto descent = -known(snapshot.gradients);
    return {{"", length(optimizer + decay + regularizers)},
            {"optimizer", length(optimizer)},
            {"decay", length(decay)},
            {"regularizers", length(regularizers)},
            {"descent_along_weights", cosine(descent, before)},
            {"optimizer_along_weights", cosine(optimizer, before)},
            {"optimizer_along_descent", cosine(optimizer, descent)}};
  }
};

}  // namespace

GROKLAB_PLUGIN(groklab::Probe, UpdateAnatomy, "update_anatomy",
               "sizes and directions of the parts of the last update",
               "Prieto et al. 2025, arXiv:2501.04697")
