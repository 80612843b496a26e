// Cross-entropy, −log softmax(z)[target] in nats.
#include <groklab/loss.h>

namespace {

using groklab::Tensor;

class CrossEntropy final : public groklab::Loss {
 public:
  Tensor forward(const Tensor& logits, const Tensor& targets,
                 const Tensor& row_weights) const override {
    const auto log_probabilities = logits.log_softmax(2);  // [R, B, K]
    const auto chosen = log_probabilities.gather(2, targets.unsqueeze(2)).squeeze(2);
    return -(chosen * row_weights).sum(1);
  }
};

}  // namespace

GROKLAB_PLUGIN(groklab::Loss, CrossEntropy, "cross_entropy",
               "minus the logarithm of the probability of the right answer")
