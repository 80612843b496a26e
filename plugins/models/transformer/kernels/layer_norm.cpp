#include "layer_norm.h"

#include "lanes.h"

#include <groklab/profile.h>

#include <cmath>

namespace transformer {

using groklab::TimedWork, groklab::Work;

template <class T>
GROKLAB_VECTORIZED void layer_norm(Matrix<T> x, const T* gain, const T* bias, Matrix<T> scale,
                                   Matrix<T> out) {
  const TimedWork work(Work::norms);
  const auto width = x.columns;
  const auto count = static_cast<T>(width);
  for (std::int64_t r = 0; r < x.rows; ++r) {
    T* __restrict row = x.row(r);
    T* __restrict result = out.row(r);
    const T mean = sum<T>(width, [=](std::int64_t i) { return row[i]; }) / count;
    const T variance =
        sum<T>(width, [=](std::int64_t i) { return (row[i] - mean) * (row[i] - mean); }) / count;
    const T s = 1 / std::sqrt(variance + static_cast<T>(1e-5));
    *scale.row(r) = s;
    for (std::int64_t i = 0; i < width; ++i) {
      row[i] = (row[i] - mean) * s;
      result[i] = row[i] * gain[i] + bias[i];
    }
  }
}

template <class T>
GROKLAB_VECTORIZED void layer_norm_backward(Matrix<const T> d_out, Matrix<const T> normal,
                                            Matrix<const T> scale, const T* gain, Matrix<T> d_x,
                                            T* __restrict d_gain, T* __restrict d_bias) {
  const TimedWork work(Work::norms);
  const auto width = d_out.columns;
  const auto count = static_cast<T>(width);
  for (std::int64_t r = 0; r < d_out.rows; ++r) {
    const T* given = d_out.row(r);
    const T* xhat = normal.row(r);
    T* result = d_x.row(r);
    const T mean = sum<T>(width, [=](std::int64_t i) { return given[i] * gain[i]; }) / count;
    const T slope =
        sum<T>(width, [=](std::int64_t i) { return given[i] * gain[i] * xhat[i]; }) / count;
    const T s = *scale.row(r);
    for (std::int64_t i = 0; i < width; ++i) {
      d_gain[i] += given[i] * xhat[i];
      d_bias[i] += given[i];
    }
    for (std::int64_t i = 0; i < width; ++i) {
      result[i] = s * (given[i] * gain[i] - mean - xhat[i] * slope);
    }
  }
}

#define INSTANTIATE(T)                                                                    \
  template void layer_norm<T>(Matrix<T>, const T*, const T*, Matrix<T>, Matrix<T>);       \
  template void layer_norm_backward<T>(Matrix<const T>, Matrix<const T>, Matrix<const T>, \
                                       const T*, Matrix<T>, T*, T*);
INSTANTIATE(float)
INSTANTIATE(double)

}  // namespace transformer
