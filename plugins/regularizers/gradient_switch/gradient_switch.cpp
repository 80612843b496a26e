// The gradient of the data loss switched off once the training data are known by heart: g ← 0 from
// the update on at which the accuracy of the last `steps` batches, this one included, was at least
// `threshold`. Penalties, decay and noise go on, and an optimiser's momentum still moves the
// weights for some updates (Adam's by 1 / (1 − β₁) or so; Lion's, which keeps only signs, without
// end; Muon's, made of unit size, for long). An experiment of this project: does a
// residue of the loss drive what Power et al. 2022, arXiv:2201.02177, saw long after perfect
// training accuracy?
#include <groklab/regularizer.h>

namespace {

using groklab::PerReplica;
using groklab::Step;
using groklab::Tensor;
using groklab::Weights;

// Of an accuracy, whose shares 1 / rows are float32. One row of 10,000 is 1e-4.
constexpr double kRounding = 1e-6;

class GradientSwitch final : public groklab::Regularizer {
 public:
  static groklab::Schema schema() {
    return groklab::Schema{}
        .real("threshold", 1.0, "the share of a batch that has to be answered rightly",
              groklab::between(0, 1))
        .per_replica()
        .integer("steps", 10, "updates in a row at which it has to be", groklab::at_least(1))
        .flag("latch", true, "stay off; otherwise come back with the first batch below threshold");
  }

  explicit GradientSwitch(const groklab::Params& params)
      : threshold_(params.per_replica("threshold")),
        steps_(params.integer("steps")),
        latch_(params.flag("latch")) {}

  bool reads_accuracy() const override { return true; }

  void on_loss_gradients(const Weights& gradients, const Tensor& accuracy, const Step&) override {
    auto& streak = named_state().at("streak", accuracy);
    auto& off = named_state().at("off", accuracy);
    streak.add_(1).mul_(accuracy.ge(threshold_.like(accuracy) - kRounding));
    const auto now = streak.ge(steps_);
    off.copy_(latch_ ? now.logical_or(off.gt(0)) : now);
    gradients.flat().masked_fill_(off.gt(0).unsqueeze(1), 0);
  }

 private:
  PerReplica threshold_;
  std::int64_t steps_;
  bool latch_;
};

}  // namespace

GROKLAB_PLUGIN(groklab::Regularizer, GradientSwitch, "gradient_switch",
               "the data loss's gradient off once training accuracy is reached", "",
               "g ← 0 once batches are answered rightly")
