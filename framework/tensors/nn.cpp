#include <groklab/nn.h>
#include <groklab/profile.h>

#include <torch/csrc/autograd/custom_function.h>

#include <cmath>
#include <mutex>
#include <utility>

namespace groklab::nn {
namespace {

using torch::autograd::AutogradContext;
using torch::autograd::tensor_list;

// Small constants made on the first call for such a size, dtype and device, and kept: to make them
// anew is work in every step, and a captured step must find them where they were.
class Constants {
 public:
  template <class Make>
  Tensor get(std::int64_t size, const torch::TensorOptions& options, Make make) {
    const std::lock_guard lock(mutex_);
    for (const auto& [made_size, made] : made_) {
      if (made_size == size && made.scalar_type() == c10::typeMetaToScalarType(options.dtype()) &&
          made.device() == options.device()) {
        return made;
      }
    }
    return made_.emplace_back(size, make()).second;
  }

 private:
  std::mutex mutex_;
  std::vector<std::pair<std::int64_t, Tensor>> made_;
};

// Of all sizes. Never destroyed: at the end of the process a device's memory may go before them.
Tensor range(std::int64_t size, const torch::TensorOptions& options) {
  static auto& all = *new Constants;
  return all.get(size, options, [&] { return torch::arange(size, options); });
}

// Forward by lookup, backward by one-hotᵀ · gradient.
struct Lookup : torch::autograd::Function<Lookup> {
  // table [R, V, …], tokens [R, N] → [R, N, …].
  static Tensor forward(AutogradContext* context, const Tensor& table, const Tensor& tokens) {
    context->save_for_backward({tokens});
    context->saved_data["rows"] = table.size(1);
    // Whole rows are copied; `gather` would look up every number by itself.
    return table.index({range(table.size(0), tokens.options()).unsqueeze(1), tokens});
  }

  static tensor_list backward(AutogradContext* context, tensor_list gradients) {
    const auto tokens = context->get_saved_variables()[0];
    const auto& gradient = gradients[0];
    const auto size = context->saved_data["rows"].toInt();
    auto one_hot = torch::empty({tokens.size(0), size, tokens.size(1)}, gradient.options());
    torch::eq_out(one_hot, tokens.unsqueeze(1),
                  range(size, tokens.options()).unsqueeze(1));  // [R, V, N]
    auto sizes = gradient.sizes().vec();
    sizes[1] = size;
    return {one_hot.bmm(gradient.flatten(2)).view(sizes), Tensor()};
  }
};

// 0 on and below the diagonal, −∞ above: [length, length].
Tensor causal_mask(std::int64_t length, const torch::TensorOptions& options) {
  static auto& all = *new Constants;
  return all.get(length, options, [&] {
    return torch::full({length, length}, -INFINITY, options).triu(1);
  });
}

// x [R, N, d] · gain [R, d] + bias [R, d]. One pass forward and four backward, of which autograd
// would make six for the same line.
struct Affine : torch::autograd::Function<Affine> {
  static Tensor forward(AutogradContext* context, const Tensor& x, const Tensor& gain,
                        const Tensor& bias) {
    context->save_for_backward({x, gain});
    return torch::addcmul(bias.unsqueeze(1), x, gain.unsqueeze(1));
  }

  static tensor_list backward(AutogradContext* context, tensor_list gradients) {
    const TimedWork work(Work::norms);
    const auto saved = context->get_saved_variables();
    const auto &x = saved[0], &gain = saved[1], &gradient = gradients[0];
    return {gradient * gain.unsqueeze(1), (gradient * x).sum(1), gradient.sum(1)};
  }
};

// Forward the identity, backward g − mean(g).
struct ZeroSumGradient : torch::autograd::Function<ZeroSumGradient> {
  static Tensor forward(AutogradContext*, const Tensor& x) { return x.view_as(x); }

  static tensor_list backward(AutogradContext*, tensor_list gradients) {
    return {gradients[0] - gradients[0].mean(-1, /*keepdim=*/true)};
  }
};

}  // namespace

Tensor linear(const Tensor& x, const Tensor& weight) { return x.bmm(weight); }

Tensor linear(const Tensor& x, const Tensor& weight, const Tensor& bias) {
  return torch::baddbmm(bias.unsqueeze(1), x, weight);
}

Tensor embedding(const Tensor& table, const Tensor& tokens) { return Lookup::apply(table, tokens); }

Tensor layer_norm(const Tensor& x, const Tensor& gain, const Tensor& bias) {
  const TimedWork work(Work::norms);
  // The library's gain has no replica dimension, so it is applied afterwards.
  return Affine::apply(torch::layer_norm(x, {x.size(-1)}), gain, bias);
}

Tensor causal_attention(const Tensor& qkv, std::int64_t heads) {
  const TimedWork work(Work::attention);
  const auto replicas = qkv.size(0), rows = qkv.size(1), length = qkv.size(2);
  const auto width = qkv.size(3) / 3, head_width = width / heads;
  const auto parts = qkv.view({replicas * rows, length, 3, heads, head_width})
                         .permute({2, 0, 3, 1, 4})  // [3, R N, heads, T, d / heads]
                         .contiguous()              // once, or each product would copy its part
                         .unbind(0);
  const auto mask = causal_mask(length, qkv.options());
  const auto scores = parts[0].matmul(parts[1].transpose(-2, -1));
  const auto scale = 1 / std::sqrt(static_cast<double>(head_width));
  const auto mixture = torch::add(mask, scores, scale).softmax(-1);  // mask + scale · scores
  return mixture.matmul(parts[2]).transpose(1, 2).reshape({replicas, rows, length, width});
}

Tensor sinusoidal_positions(std::int64_t length, std::int64_t width,
                            const torch::TensorOptions& options) {
  const auto wide = torch::TensorOptions().dtype(torch::kFloat64);
  const auto column = torch::arange(width, wide);
  const auto exponent = torch::floor(column / 2) * 2 / static_cast<double>(width);
  const auto angle = torch::arange(length, wide).unsqueeze(1) * torch::pow(10000, -exponent);
  const auto odd = torch::remainder(column, 2).eq(1);
  return torch::where(odd, angle.cos(), angle.sin()).to(options);
}

Tensor valid_rows(const Tensor& logits, const Tensor& row_weights) {
  return logits.masked_fill(row_weights.eq(0).unsqueeze(2), 0);
}

Tensor negative_log_likelihood(const Tensor& log_probabilities, const Tensor& targets,
                               const Tensor& row_weights) {
  // Gradients of nll_loss go to one place a row; those of gather would be added up by atomics.
  const auto losses =
      torch::nll_loss(log_probabilities.flatten(0, 1), targets.flatten(), {}, at::Reduction::None);
  return (losses.view_as(targets) * row_weights).sum(1);
}

Tensor with_zero_sum_gradient(const Tensor& x) { return ZeroSumGradient::apply(x); }

}  // namespace groklab::nn
