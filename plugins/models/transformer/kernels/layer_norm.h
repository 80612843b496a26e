#pragma once

#include "matrix.h"

namespace transformer {

// Layer normalisation, Ba et al. 2016, arXiv:1607.06450, by rows of d numbers, as PyTorch has it:
//   x̂ = (x − mean(x)) · s,  s = 1 / √(var(x) + 1e-5),  out = x̂ · gain + bias,
// with the biased variance.

// x [m, d] becomes x̂; out [m, d]; scale [m, 1] gets s.
template <class T>
void layer_norm(Matrix<T> x, const T* gain, const T* bias, Matrix<T> scale, Matrix<T> out);

// From d_out [m, d] the gradient of x,
//   d_x = s · (g − mean(g) − x̂ · mean(g x̂)),  g = d_out · gain,
// and d_gain [d] += Σ_rows d_out · x̂, d_bias [d] += Σ_rows d_out.
template <class T>
void layer_norm_backward(Matrix<const T> d_out, Matrix<const T> normal, Matrix<const T> scale,
                         const T* gain, Matrix<T> d_x, T* d_gain, T* d_bias);

}  // namespace transformer
