#pragma once

#include <groklab/tensor.h>

#include <cstdint>

// Building blocks of models. Each treats the replica dimension R as one more batch dimension and is
// differentiable; no block lets one replica see another.
namespace groklab::nn {

// x [R, N, in] · weight [R, in, out] (+ bias [R, out]) → [R, N, out].
Tensor linear(const Tensor& x, const Tensor& weight);
Tensor linear(const Tensor& x, const Tensor& weight, const Tensor& bias);

// Rows of table [R, V, …] at tokens int64 [R, N] → [R, N, …]. The gradient is a product with the
// one-hot tokens: deterministic on every device, no atomics.
Tensor embedding(const Tensor& table, const Tensor& tokens);

// (x − mean) / √(variance + 1e-5) · gain + bias over the last dimension, biased variance as in
// PyTorch. x [R, N, d], gain and bias [R, d].
Tensor layer_norm(const Tensor& x, const Tensor& gain, const Tensor& bias);

// Causal self-attention, softmax(q kᵀ / √(d / heads)) v by head, with −∞ above the diagonal.
// qkv [R, N, T, 3 d], the three blocks side by side → [R, N, T, d].
Tensor causal_attention(const Tensor& qkv, std::int64_t heads);

// Sinusoidal positions of Vaswani et al. 2017, arXiv:1706.03762, §3.5: sin(t / 10000^(2i/d)) at
// column 2i, the cosine at 2i + 1. [length, width].
Tensor sinusoidal_positions(std::int64_t length, std::int64_t width,
                            const torch::TensorOptions& options);

}  // namespace groklab::nn
