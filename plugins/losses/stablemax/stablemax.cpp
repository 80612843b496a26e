// Cross-entropy over StableMax, Prieto et al. 2025, arXiv:2501.04697: p = s(z) / Σ s(z) with
// s(x) = x + 1 for x ≥ 0 and 1 / (1 − x) for x < 0, in float64 as there. Its gradient does not sum
// to zero, as p is not blind to a shift of all logits: projecting it would be another loss.
#include <groklab/loss.h>
#include <groklab/nn.h>

namespace {

using groklab::Tensor;

// log s(x): ±log(1 + |x|). Each branch is kept to its own side, for `where` also differentiates the
// one that it does not take.
Tensor log_s(const Tensor& x) {
  return torch::where(x.ge(0), x.clamp_min(0).log1p(), -x.clamp_max(0).neg().log1p());
}

class StableMax final : public groklab::Loss {
 public:
  Tensor forward(const Tensor& logits, const Tensor& targets,
                 const Tensor& row_weights) const override {
    const auto weights = row_weights.to(torch::kFloat64);
    const auto z = groklab::nn::valid_rows(logits.to(torch::kFloat64), weights);
    // s / Σ s is the softmax of log s.
    const auto log_probabilities = log_s(z).log_softmax(2);
    return groklab::nn::negative_log_likelihood(log_probabilities, targets, weights)
        .to(logits.scalar_type());
  }
};

}  // namespace

GROKLAB_PLUGIN(groklab::Loss, StableMax, "stablemax",
               "cross-entropy with powers in place of exponentials, in float64",
               "Prieto et al. 2025, arXiv:2501.04697",
               "−log(s(z_t) / Σ s(z_k)), s(x) = x + 1 for x ≥ 0, else 1 / (1 − x)")
