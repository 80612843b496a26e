// Cross-entropy, −log softmax(z)[target] in nats.
#include <groklab/loss.h>

namespace {

using groklab::Tensor;

class CrossEntropy final : public groklab::Loss {
 public:
  Tensor forward(const Tensor& logits, const Tensor& targets,
                 const Tensor& row_weights) const override {
    // Gradients of nll_loss go to one place a row; those of gather would be added up by atomics.
    const auto log_probabilities = logits.log_softmax(2).flatten(0, 1);  // [R B, K]
    const auto losses =
        torch::nll_loss(log_probabilities, targets.flatten(), {}, at::Reduction::None);
    return (losses.view_as(targets) * row_weights).sum(1);
  }
};

}  // namespace

GROKLAB_PLUGIN(groklab::Loss, CrossEntropy, "cross_entropy",
               "minus the logarithm of the probability of the right answer")
