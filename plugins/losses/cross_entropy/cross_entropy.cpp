// Cross-entropy, −log softmax(z)[target] in nats; label smoothing ε as in Szegedy et al. 2015,
// arXiv:1512.00567, §7: (1 − ε) times that, plus ε times its mean over all K classes as targets.
#include <groklab/loss.h>
#include <groklab/nn.h>
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
          if (weight[row] == 0) {  // its logits may be NaN
            loss[row] = 0;
            std::fill_n(d_z + row * elements, elements, scalar_t{0});
            continue;
          }
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
  static groklab::Schema schema() {
    return groklab::Schema{}
        .choice("precision", "training",
                "dtype of loss and logit gradient, which is rounded to that of the logits "
                "afterwards; training: that of the logits",
                {"training", "float64"})
        .real("label_smoothing", 0.0, "share of the target that is spread over all classes evenly",
              groklab::unit_interval)
        .flag("zero_sum", false,
              "subtract from the logit gradient its mean over the classes, which is 0 but for "
              "rounding");
  }

  explicit CrossEntropy(const groklab::Params& params)
      : float64_(params.text("precision") == "float64"),
        smoothing_(params.real("label_smoothing")),
        zero_sum_(params.flag("zero_sum")) {}

  Tensor forward(const Tensor& logits, const Tensor& targets,
                 const Tensor& row_weights) const override {
    const auto dtype = float64_ ? torch::kFloat64 : logits.scalar_type();
    auto z = logits.to(dtype);
    if (zero_sum_) z = groklab::nn::with_zero_sum_gradient(z);
    return loss(z, targets, row_weights.to(dtype)).to(logits.scalar_type());
  }

 private:
  Tensor loss(const Tensor& z, const Tensor& targets, const Tensor& row_weights) const {
    using groklab::is_direct;
    if (smoothing_ == 0 && is_direct(z) && is_direct(targets) && is_direct(row_weights)) {
      return Direct::apply(z, targets, row_weights);
    }
    const auto log_probabilities = groklab::nn::valid_rows(z, row_weights).log_softmax(2);
    const auto of_targets =
        groklab::nn::negative_log_likelihood(log_probabilities, targets, row_weights);
    if (smoothing_ == 0) return of_targets;
    const auto of_all = -(log_probabilities.mean(2) * row_weights).sum(1);
    return of_targets * (1 - smoothing_) + of_all * smoothing_;
  }

  bool float64_;
  double smoothing_;
  bool zero_sum_;
};

}  // namespace

GROKLAB_PLUGIN(groklab::Loss, CrossEntropy, "cross_entropy",
               "minus the logarithm of the probability of the right answer",
               "smoothing: Szegedy et al. 2015, arXiv:1512.00567", "−log softmax(z)[target]")
