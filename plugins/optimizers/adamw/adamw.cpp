// AdamW: Adam with decoupled weight decay, Loshchilov and Hutter 2019, arXiv:1711.05101; with
// weight_decay 0 it is Adam, Kingma and Ba 2015, arXiv:1412.6980.
#include <groklab/optimizer.h>
#include <groklab/parallel.h>

#include <ATen/Dispatch.h>

#include <algorithm>
#include <array>
#include <cmath>

namespace {

using groklab::is_direct;
using groklab::Parameter;
using groklab::PerReplica;
using groklab::Tensor;

// What the update of one replica multiplies and divides by, in the dtype of the weights.
template <class T>
struct Factors {
  T decay;  // 1 − η λ
  T beta1, beta2;
  T step;         // η / (1 − β₁ᵗ)
  T correction2;  // 1 − β₂ᵗ
  T epsilon;
};

// The same update as with tensors below, in one pass over memory.
template <class T>
GROKLAB_VECTORIZED void update_numbers(const Factors<T>& by, std::int64_t count,
                                       const T* __restrict gradient, T* __restrict value,
                                       T* __restrict first, T* __restrict second) {
  for (std::int64_t i = 0; i < count; ++i) {
    const T g = gradient[i];
    first[i] += (1 - by.beta1) * (g - first[i]);
    second[i] = second[i] * by.beta2 + g * (g * (1 - by.beta2));
    const T scale = std::sqrt(second[i] / by.correction2) + by.epsilon;
    value[i] = value[i] * by.decay - first[i] * by.step / scale;
  }
}

class AdamW final : public groklab::Optimizer {
 public:
  static groklab::Schema schema() {
    return groklab::Schema{}
        .real("learning_rate", 1e-3, "peak step size", groklab::positive)
        .per_replica()
        .real("beta1", 0.9, "decay of the first moment", groklab::unit_interval)
        .per_replica()
        .real("beta2", 0.98, "decay of the second moment", groklab::unit_interval)
        .per_replica()
        .real("epsilon", 1e-8, "added to the root of the second moment", groklab::positive)
        .per_replica()
        .real("weight_decay", 0.0, "decoupled, towards the origin", groklab::non_negative)
        .per_replica();
  }

  explicit AdamW(const groklab::Params& params)
      : beta1_(params.per_replica("beta1")),
        beta2_(params.per_replica("beta2")),
        epsilon_(params.per_replica("epsilon")),
        weight_decay_(params.per_replica("weight_decay")) {}

  Tensor shrinkage(const Tensor& learning_rate) override {
    return learning_rate * weight_decay_.like(learning_rate);
  }

 private:
  void update(Parameter& weight, const Tensor& learning_rate) override {
    auto& first = state(weight, "first_moment");
    auto& second = state(weight, "second_moment");
    const auto beta1 = beta1_.like(weight.value);
    const auto beta2 = beta2_.like(weight.value);
    const auto epsilon = epsilon_.like(weight.value);
    const auto decay = 1 - learning_rate * weight_decay_.like(weight.value);

    // The moments start at zero; these undo the bias that gives them.
    const auto step = learning_rate / bias_correction(beta1_, weight.value);
    const auto correction2 = bias_correction(beta2_, weight.value);

    if (is_direct(weight.value) && is_direct(weight.grad) && is_direct(first) &&
        is_direct(second)) {
      AT_DISPATCH_FLOATING_TYPES(weight.value.scalar_type(), "adamw", [&] {
        update_on_cpu<scalar_t>(weight, first, second,
                                {decay, beta1, beta2, step, correction2, epsilon});
      });
      return;
    }
    // In as few passes over memory as operators allow.
    first.lerp_(weight.grad, 1 - beta1);
    second.lerp_(weight.grad.square(), 1 - beta2);
    const auto scale = torch::addcmul(epsilon, second.sqrt(), correction2.rsqrt());
    weight.value.mul_(decay).addcdiv_(first * step, scale, -1);
  }

  template <class T>
  static void update_on_cpu(const Parameter& weight, const Tensor& first, const Tensor& second,
                            const std::array<Tensor, 6>& factors) {
    constexpr std::int64_t kNumbers = 16384;  // of an item
    const auto replicas = weight.value.size(0), count = weight.value.numel() / replicas;
    const auto items = (count + kNumbers - 1) / kNumbers;
    groklab::parallel_for(replicas * items, [&](std::int64_t item) {
      const auto replica = item / items, from = item % items * kNumbers;
      const auto of_replica = [&](int i) {  // one number for all replicas, or one for each
        return factors[i].data_ptr<T>()[factors[i].numel() == 1 ? 0 : replica];
      };
      const auto at = [&](const Tensor& tensor) {
        return tensor.data_ptr<T>() + replica * count + from;
      };
      update_numbers<T>({of_replica(0), of_replica(1), of_replica(2), of_replica(3), of_replica(4),
                         of_replica(5)},
                        std::min(kNumbers, count - from), at(weight.grad), at(weight.value),
                        at(first), at(second));
    });
  }

  // 1 − βᵗ, taken in float64 because float32 loses it for β near 1: [R, 1, …].
  Tensor bias_correction(PerReplica& beta, const Tensor& like) {
    const auto correction = 1 - beta.like(step_number()).pow(step_number());  // [R]
    return groklab::broadcast_column(correction, like);
  }

  PerReplica beta1_, beta2_, epsilon_, weight_decay_;
};

}  // namespace

GROKLAB_PLUGIN(groklab::Optimizer, AdamW, "adamw", "Adam with decoupled weight decay")
