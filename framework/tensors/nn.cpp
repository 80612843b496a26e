#include <groklab/nn.h>

#include <torch/csrc/autograd/custom_function.h>

#include <cmath>

namespace groklab::nn {
namespace {

// Forward by gather, backward by one-hotᵀ · gradient.
struct Gather : torch::autograd::Function<Gather> {
  static Tensor forward(torch::autograd::AutogradContext* context, const Tensor& table,
                        const Tensor& tokens) {
    context->save_for_backward({tokens});
    context->saved_data["rows"] = table.size(1);
    const auto index = tokens.unsqueeze(2).expand({-1, -1, table.size(2)});
    return table.gather(1, index);
  }

  static torch::autograd::tensor_list backward(torch::autograd::AutogradContext* context,
                                               torch::autograd::tensor_list gradients) {
    const auto tokens = context->get_saved_variables()[0];
    const auto rows = torch::arange(context->saved_data["rows"].toInt(), tokens.options());
    const auto one_hot = tokens.unsqueeze(1).eq(rows.view({1, -1, 1}));  // [R, V, N]
    return {one_hot.to(gradients[0].scalar_type()).bmm(gradients[0]), Tensor()};
  }
};

}  // namespace

Tensor linear(const Tensor& x, const Tensor& weight) { return x.bmm(weight); }

Tensor linear(const Tensor& x, const Tensor& weight, const Tensor& bias) {
  return torch::baddbmm(bias.unsqueeze(1), x, weight);
}

Tensor embedding(const Tensor& table, const Tensor& tokens) { return Gather::apply(table, tokens); }

Tensor layer_norm(const Tensor& x, const Tensor& gain, const Tensor& bias) {
  // The library's gain has no replica dimension, so it is applied afterwards.
  const auto normal = torch::layer_norm(x, {x.size(-1)});
  return torch::addcmul(bias.unsqueeze(1), normal, gain.unsqueeze(1));
}

Tensor causal_attention(const Tensor& qkv, std::int64_t heads) {
  const auto replicas = qkv.size(0), rows = qkv.size(1), length = qkv.size(2);
  const auto width = qkv.size(3) / 3, head_width = width / heads;
  const auto parts = qkv.view({replicas * rows, length, 3, heads, head_width})
                         .permute({2, 0, 3, 1, 4})  // [3, R N, heads, T, d / heads]
                         .unbind(0);
  const auto scores = parts[0].matmul(parts[1].transpose(-2, -1));
  const auto future = torch::ones({length, length}, qkv.options().dtype(torch::kBool)).triu(1);
  const auto mixture = (scores / std::sqrt(static_cast<double>(head_width)))
                           .masked_fill(future, -INFINITY)
                           .softmax(-1);
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

}  // namespace groklab::nn
