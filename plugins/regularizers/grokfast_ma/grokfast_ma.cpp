// Grokfast with a moving average, Lee et al. 2024, arXiv:2405.20233: g ← g + λ (mean of the last W
// gradients, this one included). With warmup, as in the authors' code, nothing happens before there
// are W of them, at update W; without, the mean is over those that there are.
#include <groklab/regularizer.h>

namespace {

using groklab::PerReplica;
using groklab::Step;
using groklab::Weights;

class GrokfastMa final : public groklab::Regularizer {
 public:
  static groklab::Schema schema() {
    return groklab::Schema{}
        .integer("window", 100,
                 "W; that many gradients are kept, in memory and in checkpoints: 4 W bytes (8 W in "
                 "float64) and 8 more a parameter, 170 MB for the paper's network",
                 groklab::at_least(1))
        .real("strength", 5.0, "λ, the share of the mean that is added", groklab::non_negative)
        .per_replica()
        .flag("warmup", true, "do nothing until the window is full");
  }

  explicit GrokfastMa(const groklab::Params& params)
      : window_(params.integer("window")),
        strength_(params.per_replica("strength")),
        warmup_(params.flag("warmup")) {}

  void on_gradients(const Weights&, const Weights& gradients, const Step& step) override {
    const auto& gradient = gradients.flat();
    const auto wide = gradient.to(torch::kFloat64);
    auto& last = named_state().at("window", gradient.unsqueeze(1).expand({-1, window_, -1}));
    // In float64: late gradients are smaller than a float32 sum's rounding of early ones.
    auto& sum = named_state().at("sum", wide);
    const auto place = (step.number - 1).remainder(window_).to(torch::kInt64);
    sum.add_(wide - last.index_select(1, place).squeeze(1));
    last.index_copy_(1, place, gradient.unsqueeze(1));
    auto mean = sum / step.number.clamp_max(window_);
    if (warmup_) mean = mean * step.number.ge(window_);
    gradient.add_(mean.to(gradient.scalar_type()) * strength_.like(gradient));
  }

 private:
  std::int64_t window_;
  PerReplica strength_;
  bool warmup_;
};

}  // namespace

GROKLAB_PLUGIN(groklab::Regularizer, GrokfastMa, "grokfast_ma",
               "amplifies the moving average of gradients", "Lee et al. 2024, arXiv:2405.20233",
               "g ← g + λ (mean of the last W gradients)")
