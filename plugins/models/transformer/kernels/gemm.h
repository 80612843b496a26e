#pragma once

#include "matrix.h"

namespace transformer {

enum class Into { overwrite, add };

// Products of matrices, by the BLAS that LibTorch brings, each in the calling thread alone.

// c [m, n] ← a [m, k] · b [k, n] (+ c)
template <class T>
void multiply(Reading<T> a, Reading<T> b, Matrix<T> c, Into into = Into::overwrite);

// c [m, n] ← a [m, k] · bᵀ, b [n, k] (+ c)
template <class T>
void multiply_transposed(Reading<T> a, Reading<T> b, Matrix<T> c, Into into = Into::overwrite);

// c [m, n] ← aᵀ · b, a [k, m], b [k, n]
template <class T>
void transposed_multiply(Reading<T> a, Reading<T> b, Matrix<T> c);

}  // namespace transformer
