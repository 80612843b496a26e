// Orthogonal gradient, Prieto et al. 2025, arXiv:2501.04697: g⊥ = g − (w·g) / (w·w + 1e-30) w, then
// g ← g⊥ |g| / (|g⊥| + 1e-30), for each parameter tensor by itself. It sees the gradient with
// penalties and removes what of them is along the weights. Of a gradient wholly along the weights
// (always so in a tensor of one number) rounding is left and grows to |g|, as the paper's rule has
// it.
#include <groklab/regularizer.h>

namespace {

using groklab::Step;
using groklab::Tensor;
using groklab::Weights;

constexpr double kEpsilon = 1e-30;

class OrthogonalGradient final : public groklab::Regularizer {
 public:
  void on_gradients(const Weights& weights, const Weights& gradients, const Step&) override {
    for (std::size_t i = 0; i < weights.layout().entries().size(); ++i) {
      const auto replicas = weights.flat().size(0);
      const auto w = weights.at(i).view({replicas, -1});
      const auto g = gradients.at(i).view({replicas, -1});
      const auto across = g - (dot(w, g) / (dot(w, w) + kEpsilon)).to(g.scalar_type()) * w;
      const auto scale = dot(g, g).sqrt() / (dot(across, across).sqrt() + kEpsilon);
      g.copy_(across * scale);
    }
  }

 private:
  // [R, n] · [R, n] → float64 [R, 1]: the square of 1e-23 is 0 in float32.
  static Tensor dot(const Tensor& a, const Tensor& b) {
    return (a.to(torch::kFloat64) * b.to(torch::kFloat64)).sum(1, /*keepdim=*/true);
  }
};

}  // namespace

GROKLAB_PLUGIN(groklab::Regularizer, OrthogonalGradient, "orthogonal_gradient",
               "the gradient's part across the weights, of the gradient's norm",
               "Prieto et al. 2025, arXiv:2501.04697",
               "g⊥ = g − (w·g) / (w·w) w, g ← g⊥ |g| / |g⊥|")
