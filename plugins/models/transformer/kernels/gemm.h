#pragma once

#include "matrix.h"

namespace transformer {

enum class Into { overwrite, add };

// Products of matrices, each in the calling thread. Every number of a result is a sum over the
// inner dimension in its order, so it does not depend on how rows are cut into calls. Nothing is
// packed: docs/performance.md has what that gains over LibTorch's BLAS.

// c [m, n] ← a [m, k] · b [k, n] (+ c)
template <class T>
void multiply(Reading<T> a, Reading<T> b, Matrix<T> c, Into into = Into::overwrite);

// c [m, n] ← aᵀ · b, a [k, m], b [k, n]
template <class T>
void transposed_multiply(Reading<T> a, Reading<T> b, Matrix<T> c);

// to [n, m] ← fromᵀ, from [m, n]
template <class T>
void transpose(Reading<T> from, Matrix<T> to);

}  // namespace transformer
