// Squared error against one-hot targets, Σ_k (z_k − [k = target])², by default over the K outputs'
// number: PyTorch's MSELoss, as in Liu et al. 2022 (Omnigrok), arXiv:2210.01117.
#include <groklab/loss.h>
#include <groklab/nn.h>

namespace {

using groklab::Tensor;

class SquaredError final : public groklab::Loss {
 public:
  static groklab::Schema schema() {
    return groklab::Schema{}.choice(
        "over_outputs", "mean", "mean or sum of the squares of a row's K outputs", {"mean", "sum"});
  }

  explicit SquaredError(const groklab::Params& params)
      : mean_(params.text("over_outputs") == "mean") {}

  Tensor forward(const Tensor& logits, const Tensor& targets,
                 const Tensor& row_weights) const override {
    const auto one_hot = torch::zeros_like(logits).scatter_(2, targets.unsqueeze(2), 1);
    const auto squares = (groklab::nn::valid_rows(logits, row_weights) - one_hot).square();
    const auto losses = mean_ ? squares.mean(2) : squares.sum(2);
    return (losses * row_weights).sum(1);
  }

 private:
  bool mean_;
};

}  // namespace

GROKLAB_PLUGIN(groklab::Loss, SquaredError, "mse", "squared error against one-hot targets",
               "Liu et al. 2022, arXiv:2210.01117", "Σ_k (z_k − [k = target])², over K")
