#pragma once

#include <groklab/tensor.h>

#include <cstdint>

// Building blocks of models and losses. Each treats the replica dimension R as one more batch
// dimension and is differentiable; no block lets one replica see another.
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

// logits [R, B, K] with zeros in the rows of weight 0, row_weights [R, B]: so that a loss there is
// finite whatever the logits are, and the gradient that reaches them exactly 0.
Tensor valid_rows(const Tensor& logits, const Tensor& row_weights);

// Σ over a replica's rows of weight · −log_probabilities[target]: log_probabilities [R, B, K],
// targets int64 [R, B], row_weights [R, B] → [R].
Tensor negative_log_likelihood(const Tensor& log_probabilities, const Tensor& targets,
                               const Tensor& row_weights);

// x itself; the gradient g that comes back is projected on what sums to zero over the last
// dimension, P g = g − mean(g), and so is a second derivative, P H P.
Tensor with_zero_sum_gradient(const Tensor& x);

}  // namespace groklab::nn
