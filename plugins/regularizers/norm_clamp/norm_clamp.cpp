// The norm of the weights held after each update, θ ← θ ρ / |θ|: Liu et al. 2022 (Omnigrok),
// arXiv:2210.01117, where ρ is fixed and |θ| that of all weights. `at_most` shrinks only.
#include <groklab/regularizer.h>

#include <vector>

namespace {

using groklab::PerReplica;
using groklab::Step;
using groklab::Tensor;
using groklab::Weights;

class NormClamp final : public groklab::Regularizer {
 public:
  static groklab::Schema schema() {
    return groklab::Schema{}
        .real("norm", 1.0, "ρ, or what the norm at initialisation is multiplied by",
              groklab::positive)
        .per_replica()
        .flag("relative", true, "to the norm at initialisation; otherwise norm is ρ itself")
        .choice("mode", "fixed", "the norm is ρ after each update, or is at most ρ",
                {"fixed", "at_most"})
        .choice(
            "scope", "total",
            "the norm of all weights, or of each tensor: relative, one that starts at zero stays",
            {"total", "tensor"});
  }

  explicit NormClamp(const groklab::Params& params)
      : norm_(params.per_replica("norm")),
        relative_(params.flag("relative")),
        fixed_(params.text("mode") == "fixed"),
        total_(params.text("scope") == "total") {}

  void begin(const Weights& initial) override {
    targets_.clear();
    for (const auto& part : parts(initial)) {
      const auto norm = norm_.like(part);
      targets_.push_back(relative_ ? norm * norm_of(part) : norm);
    }
  }

  void after_step(const Weights& weights, const Step&) override {
    const auto all = parts(weights);
    for (std::size_t i = 0; i < all.size(); ++i) {
      const auto norm = norm_of(all[i]);
      auto factor = targets_.at(i) / norm;
      if (!fixed_) factor = factor.clamp_max(1);
      factor = torch::where(norm > 0, factor, torch::ones_like(norm));  // zero has no direction
      all[i].mul_(factor);
    }
  }

 private:
  // What has a norm of its own: [R, n] each.
  std::vector<Tensor> parts(const Weights& weights) const {
    if (total_) return {weights.flat()};
    std::vector<Tensor> tensors;
    for (std::size_t i = 0; i < weights.layout().entries().size(); ++i) {
      tensors.push_back(weights.at(i).view({weights.flat().size(0), -1}));
    }
    return tensors;
  }

  static Tensor norm_of(const Tensor& part) {
    return part.square().sum(1, /*keepdim=*/true).sqrt();  // [R, 1]
  }

  PerReplica norm_;
  bool relative_, fixed_, total_;
  std::vector<Tensor> targets_;  // [R, 1] for each part
};

}  // namespace

GROKLAB_PLUGIN(groklab::Regularizer, NormClamp, "norm_clamp",
               "holds the norm of the weights, or bounds it", "Liu et al. 2022, arXiv:2210.01117",
               "θ ← θ ρ / |θ|")
