// Cross-entropy, −log softmax(z)[target] in nats.
#include <groklab/loss.h>
#include <groklab/parallel.h>

#include <ATen/Dispatch.h>
#include <torch/csrc/autograd/custom_function.h>

#include <algorithm>
#include <cmath>

namespace {

using groklab::Tensor;
using torch::autograd::AutogradContext;
using torch::autograd::tensor_list;

constexpr std::int64_t kRows = 64;  // of an item

// A row's loss, and its gradient in the logits times `weight`: z [K] → d_z [K].
template <class T>
GROKLAB_VECTORIZED T loss_of_row(const T* z, std::int64_t elements, std::int64_t target, T weight,
                                 T* __restrict d_z) {
  const T top = *std::max_element(z, z + elements);
  T all = 0;
  for (std::int64_t k = 0; k < elements; ++k) all += d_z[k] = std::exp(z[k] - top);
  const T factor = weight / all;
  for (std::int64_t k = 0; k < elements; ++k) d_z[k] *= factor;
  d_z[target] -= weight;
  return std::log(all) - (z[target] - top);
}

// The loss and its gradient in one pass over the logits, rows shared among threads.
struct Direct : torch::autograd::Function<Direct> {
  static Tensor forward(AutogradContext* context, const Tensor& logits, const Tensor& targets,
                        const Tensor& row_weights) {
    const auto d_logits = torch::empty_like(logits);
    const auto losses = torch::empty_like(row_weights);
    AT_DISPATCH_FLOATING_TYPES(logits.scalar_type(), "cross_entropy", [&] {
      const auto elements = logits.size(2), rows = targets.numel();
      const auto* z = logits.data_ptr<scalar_t>();
      const auto* target = targets.data_ptr<std::int64_t>();
      const auto* weight = row_weights.data_ptr<scalar_t>();
      auto* d_z = d_logits.data_ptr<scalar_t>();
      auto* loss = losses.data_ptr<scalar_t>();
      groklab::parallel_for((rows + kRows - 1) / kRows, [&](std::int64_t item) {
        for (auto row = item * kRows; row < std::min(rows, (item + 1) * kRows); ++row) {
          loss[row] = weight[row] * loss_of_row(z + row * elements, elements, target[row],
                                                weight[row], d_z + row * elements);
        }
      });
    });
    context->save_for_backward({d_logits});
    return losses.sum(1);
  }

  static tensor_list backward(AutogradContext* context, tensor_list given) {
    TORCH_CHECK(!torch::GradMode::is_enabled(), "cross_entropy has no second derivative here");
    return {context->get_saved_variables()[0] * given[0].view({-1, 1, 1}), Tensor(), Tensor()};
  }
};

class CrossEntropy final : public groklab::Loss {
 public:
  Tensor forward(const Tensor& logits, const Tensor& targets,
                 const Tensor& row_weights) const override {
    using groklab::is_direct;
    if (is_direct(logits) && is_direct(targets) && is_direct(row_weights)) {
      return Direct::apply(logits, targets, row_weights);
    }
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
