// How far float32 sees the training loss: the share of training samples whose loss is exactly zero,
// and whose sum of exponentials is exactly 1 ("softmax collapse", Prieto et al. 2025,
// arXiv:2501.04697); the loss as it would be without rounding; the gap between the target's logit
// and the best other; and how far the gradient in the logits is from its exact zero sum.
//
// Exact zeros depend on the order of a sum, so there is one of our own, whatever device and vector
// width trained. All in float32 (logits z of a float64 run are rounded first), for each sample:
//   m = max z;  e_k = exp(z_k − m), rounded correctly;  S = ((e_0 + e_1) + e_2) + … + e_(K−1);
//   loss = log S − (z_target − m);  gradient_k = e_k / S − [k = target].
#include <groklab/probe.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <vector>

namespace {

using groklab::Tensor;

// The exponential and the logarithm, correctly rounded but for ties that float64 cannot tell.
float exponential(float x) { return static_cast<float>(std::exp(static_cast<double>(x))); }
float logarithm(float x) { return static_cast<float>(std::log(static_cast<double>(x))); }

struct Float32 {
  float sum = 0;               // S
  float loss = 0;              //
  double gradient_sum = 0;     // exact, of the rounded gradient
  double gradient_square = 0;  // of its norm
};

Float32 in_float32(const float* z, std::int64_t elements, std::int64_t target) {
  const float top = *std::max_element(z, z + elements);
  Float32 row;
  for (std::int64_t k = 0; k < elements; ++k) row.sum += exponential(z[k] - top);
  row.loss = logarithm(row.sum) - (z[target] - top);
  for (std::int64_t k = 0; k < elements; ++k) {
    const float probability = exponential(z[k] - top) / row.sum;
    const double gradient = k == target ? probability - 1.0F : probability;
    row.gradient_sum += gradient;
    row.gradient_square += gradient * gradient;
  }
  return row;
}

// (m − z_target) + log(1 + Σ exp(z_k − m) over all k but one where z_k = m).
double exact_loss(const double* z, std::int64_t elements, std::int64_t target) {
  const auto top = std::max_element(z, z + elements) - z;
  double rest = 0;
  for (std::int64_t k = 0; k < elements; ++k) rest += k == top ? 0 : std::exp(z[k] - z[top]);
  return z[top] - z[target] + std::log1p(rest);
}

double logit_gap(const double* z, std::int64_t elements, std::int64_t target) {
  double other = -INFINITY;
  for (std::int64_t k = 0; k < elements; ++k) other = k == target ? other : std::max(other, z[k]);
  return z[target] - other;
}

// Between the two nearest, linearly.
double quantile(const std::vector<double>& sorted, double share) {
  const double place = share * static_cast<double>(sorted.size() - 1);
  const auto below = static_cast<std::size_t>(place);
  const auto above = std::min(below + 1, sorted.size() - 1);
  return std::lerp(sorted[below], sorted[above], place - static_cast<double>(below));
}

constexpr const char* kNames[] = {"zero_loss_share", "collapse_share", "train_loss",
                                  "gap_min",         "gap_5_percent",  "gap_median",
                                  "gap_95_percent",  "gap_max",        "zero_sum_defect"};

// The numbers of one replica, named as above. logits [K², K], targets int64 and mask bool [K²].
std::vector<double> numbers_of(const Tensor& logits, const Tensor& targets, const Tensor& mask) {
  const auto elements = logits.size(1);
  const auto wide = logits.to(torch::kFloat64).contiguous();
  const auto narrow = logits.to(torch::kFloat32).contiguous();
  const auto* target = targets.data_ptr<std::int64_t>();
  const auto* trained = mask.data_ptr<bool>();
  double zero = 0, collapsed = 0, loss = 0, sum_square = 0, gradient_square = 0;
  std::vector<double> gaps;
  for (std::int64_t pair = 0; pair < logits.size(0); ++pair) {
    if (!trained[pair]) continue;
    const auto* z = wide.data_ptr<double>() + pair * elements;
    const auto row = in_float32(narrow.data_ptr<float>() + pair * elements, elements, target[pair]);
    zero += row.loss == 0;
    collapsed += row.sum == 1;
    sum_square += row.gradient_sum * row.gradient_sum;
    gradient_square += row.gradient_square;
    loss += exact_loss(z, elements, target[pair]);
    gaps.push_back(logit_gap(z, elements, target[pair]));
  }
  const bool diverged =
      std::any_of(gaps.begin(), gaps.end(), [](double gap) { return gap != gap; });
  if (diverged) std::fill(gaps.begin(), gaps.end(), NAN);  // NaN has no place in an order
  std::sort(gaps.begin(), gaps.end());
  const auto count = static_cast<double>(gaps.size());
  return {zero / count,         collapsed / count,    loss / count,
          gaps.front(),         quantile(gaps, 0.05), quantile(gaps, 0.5),
          quantile(gaps, 0.95), gaps.back(),          std::sqrt(sum_square / gradient_square)};
}

class SoftmaxCollapse final : public groklab::Probe {
 public:
  Measurements measure(const groklab::Snapshot& snapshot) override {
    const auto logits = snapshot.logits.cpu();
    const auto targets = snapshot.targets.cpu().contiguous();
    const auto mask = snapshot.train_mask.cpu().contiguous();
    std::vector<Tensor> replicas;
    for (std::int64_t r = 0; r < logits.size(0); ++r) {
      replicas.push_back(
          torch::tensor(numbers_of(logits[r], targets[r], mask[r]), torch::kFloat64));
    }
    const auto columns = torch::stack(replicas, 1).unbind(0);
    Measurements all;
    for (std::size_t i = 0; i < columns.size(); ++i) all.emplace_back(kNames[i], columns[i]);
    return all;
  }
};

}  // namespace

GROKLAB_PLUGIN(groklab::Probe, SoftmaxCollapse, "softmax_collapse",
               "exact zeros of the float32 training loss, logit gaps, zero-sum defect",
               "Prieto et al. 2025, arXiv:2501.04697")
