#pragma once

#include "matrix.h"

namespace transformer {

// x ← max(x, 0)
template <class T>
void relu(Matrix<T> x);

// d ← d where activated > 0, otherwise 0; activated is relu's result.
template <class T>
void relu_backward(Matrix<const T> activated, Matrix<T> d);

// x ← 0
template <class T>
void fill_zero(Matrix<T> x);

// to ← from
template <class T>
void copy(Matrix<const T> from, Matrix<T> to);

// to [d] ← to + from
template <class T>
void add_row(const T* from, T* to, std::int64_t width);

// to ← Σ parts, all of to's shape, in their order. No parts: 0.
template <class T>
void sum_parts(const Matrix<const T>* parts, std::int64_t count, Matrix<T> to);

}  // namespace transformer
