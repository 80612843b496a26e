#include "elementwise.h"

#include <groklab/parallel.h>
#include <groklab/profile.h>

#include <algorithm>

namespace transformer {

using groklab::TimedWork, groklab::Work;

// `add_row` is too short for a mark.

template <class T>
GROKLAB_VECTORIZED void relu(Matrix<T> x) {
  const TimedWork work(Work::elementwise);
  for (std::int64_t r = 0; r < x.rows; ++r) {
    T* row = x.row(r);
    for (std::int64_t i = 0; i < x.columns; ++i) row[i] = row[i] < 0 ? 0 : row[i];  // NaN stays
  }
}

template <class T>
GROKLAB_VECTORIZED void relu_backward(Matrix<const T> activated, Matrix<T> d) {
  const TimedWork work(Work::elementwise);
  for (std::int64_t r = 0; r < d.rows; ++r) {
    const T* __restrict on = activated.row(r);
    T* __restrict row = d.row(r);
    for (std::int64_t i = 0; i < d.columns; ++i) row[i] = on[i] > 0 ? row[i] : 0;
  }
}

template <class T>
void fill_zero(Matrix<T> x) {
  const TimedWork work(Work::elementwise);
  for (std::int64_t r = 0; r < x.rows; ++r) std::fill(x.row(r), x.row(r) + x.columns, T{0});
}

template <class T>
void copy(Matrix<const T> from, Matrix<T> to) {
  const TimedWork work(Work::elementwise);
  for (std::int64_t r = 0; r < to.rows; ++r) {
    std::copy(from.row(r), from.row(r) + to.columns, to.row(r));
  }
}

template <class T>
GROKLAB_VECTORIZED void add_row(const T* __restrict from, T* __restrict to, std::int64_t width) {
  for (std::int64_t i = 0; i < width; ++i) to[i] += from[i];
}

template <class T>
void sum_parts(const Matrix<const T>* parts, std::int64_t count, Matrix<T> to) {
  const TimedWork work(Work::elementwise);
  for (std::int64_t r = 0; r < to.rows; ++r) {
    std::fill(to.row(r), to.row(r) + to.columns, T{0});
    for (std::int64_t part = 0; part < count; ++part) {
      add_row(parts[part].row(r), to.row(r), to.columns);
    }
  }
}

#define INSTANTIATE(T)                                        \
  template void relu<T>(Matrix<T>);                           \
  template void relu_backward<T>(Matrix<const T>, Matrix<T>); \
  template void fill_zero<T>(Matrix<T>);                      \
  template void copy<T>(Matrix<const T>, Matrix<T>);          \
  template void add_row<T>(const T*, T*, std::int64_t);       \
  template void sum_parts<T>(const Matrix<const T>*, std::int64_t, Matrix<T>);
INSTANTIATE(float)
INSTANTIATE(double)

}  // namespace transformer
