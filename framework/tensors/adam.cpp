#include <groklab/adam.h>
#include <groklab/lanes.h>
#include <groklab/parallel.h>

#include <ATen/Dispatch.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <utility>
#include <vector>

namespace groklab {
namespace {

// What the update of one replica multiplies and divides by, in the dtype of the weights.
template <class T>
struct Factors {
  T kept;  // κ
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
    value[i] = value[i] * by.kept - first[i] * by.step / scale;
  }
}

template <class T>
void update_on_cpu(const Tensor& value, const Tensor& gradient, const Tensor& first,
                   const Tensor& second, const std::array<Tensor, 6>& factors) {
  constexpr std::int64_t kNumbers = 16384;  // of an item
  const auto replicas = value.size(0), count = value.numel() / replicas;
  const auto items = (count + kNumbers - 1) / kNumbers;
  parallel_for(replicas * items, [&](std::int64_t item) {
    const auto replica = item / items, from = item % items * kNumbers;
    const auto of_replica = [&](int i) {  // one number for all replicas, or one for each
      return factors[i].data_ptr<T>()[factors[i].numel() == 1 ? 0 : replica];
    };
    const auto at = [&](const Tensor& tensor) {
      return tensor.data_ptr<T>() + replica * count + from;
    };
    update_numbers<T>(
        {of_replica(0), of_replica(1), of_replica(2), of_replica(3), of_replica(4), of_replica(5)},
        std::min(kNumbers, count - from), at(gradient), at(value), at(first), at(second));
  });
}

std::vector<double> both_betas(const Params& params) {
  auto betas = params.per_replica("beta1");
  const auto second = params.per_replica("beta2");
  betas.insert(betas.end(), second.begin(), second.end());
  return betas;
}

}  // namespace

Schema AdamUpdate::declared_in(Schema schema) {
  schema.real("beta1", 0.9, "decay of the first moment", unit_interval)
      .per_replica()
      .real("beta2", 0.98, "decay of the second moment", unit_interval)
      .per_replica()
      .real("epsilon", 1e-8, "added to the root of the second moment", positive)
      .per_replica();
  return schema;
}

AdamUpdate::AdamUpdate(const Params& params)
    : beta1_(params.per_replica("beta1")),
      beta2_(params.per_replica("beta2")),
      both_betas_(in_lanes(both_betas(params))),
      epsilon_(params.per_replica("epsilon")) {}

Tensor AdamUpdate::bias_corrections(const Tensor& number, const Tensor& like) {
  const auto corrections = 1 - both_betas_.like(number).pow(number);
  return broadcast_column(first_of_lanes(corrections), like).contiguous();
}

void AdamUpdate::apply(const Tensor& value, const Tensor& gradient, const Tensor& first,
                       const Tensor& second, const Tensor& number, const Tensor& learning_rate,
                       const Tensor& kept) {
  const auto beta1 = beta1_.like(value);
  const auto beta2 = beta2_.like(value);
  const auto epsilon = epsilon_.like(value);

  // The moments start at zero; these undo the bias that gives them.
  const auto corrections = bias_corrections(number, value).chunk(2);
  const auto step = learning_rate / corrections[0];
  const auto& correction2 = corrections[1];

  if (is_direct(value) && is_direct(gradient) && is_direct(first) && is_direct(second)) {
    AT_DISPATCH_FLOATING_TYPES(value.scalar_type(), "adam", [&] {
      update_on_cpu<scalar_t>(value, gradient, first, second,
                              {kept, beta1, beta2, step, correction2, epsilon});
    });
    return;
  }
  // In as few passes over memory as operators allow.
  first.lerp_(gradient, 1 - beta1);
  second.lerp_(gradient.square(), 1 - beta2);
  const auto scale = torch::addcmul(epsilon, second.sqrt(), correction2.rsqrt());
  value.mul_(kept).addcdiv_(first * step, scale, -1);
}

}  // namespace groklab
