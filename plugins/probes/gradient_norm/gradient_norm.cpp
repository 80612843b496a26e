// The Euclidean norm of the gradient that the optimiser was given last, and of each parameter
// tensor's part of it; the share of its numbers that are exactly zero (zero_share). In float64, as
// the square of 1e-23 is 0 in float32. Not a number before the first step.
#include <groklab/probe.h>

#include <limits>

namespace {

class GradientNorm final : public groklab::Probe {
 public:
  bool reads_logits() const override { return false; }

  Measurements measure(const groklab::Snapshot& snapshot) override {
    constexpr double kUnknown = std::numeric_limits<double>::quiet_NaN();
    const auto& weights = snapshot.weights;
    const groklab::Weights gradients(weights.shared_layout(),
                                     snapshot.gradients.defined()
                                         ? snapshot.gradients.to(torch::kFloat64)
                                         : torch::full_like(weights.flat(), kUnknown));
    const auto& layout = weights.layout();
    const auto numbers = gradients.flat().narrow(1, 0, layout.count());  // without the padding
    const auto zeros = numbers.eq(0).to(torch::kFloat64).masked_fill(numbers.isnan(), kUnknown);
    Measurements all{{"", numbers.norm(2, {1})}, {"zero_share", zeros.mean(1)}};
    for (std::size_t i = 0; i < layout.entries().size(); ++i) {
      all.emplace_back(layout.entries()[i].name, gradients.at(i).flatten(1).norm(2, {1}));
    }
    return all;
  }
};

}  // namespace

GROKLAB_PLUGIN(groklab::Probe, GradientNorm, "gradient_norm",
               "norms of the optimiser's gradient, and its share of exact zeros")
