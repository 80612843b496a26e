#pragma once

#include <groklab/parallel.h>

#include <cstdint>

namespace transformer {

// Sums in a fixed order: by 16 lanes, then the lanes pairwise. The order is that of every
// instruction set, and the loops over lanes become vector instructions.
inline constexpr int kLanes = 16;

template <class T>
GROKLAB_INLINE T sum_lanes(const T (&lanes)[kLanes]) {
  T pairs[kLanes / 2];
  for (int j = 0; j < 8; ++j) pairs[j] = lanes[j] + lanes[j + 8];
  for (int j = 0; j < 4; ++j) pairs[j] += pairs[j + 4];
  return (pairs[0] + pairs[2]) + (pairs[1] + pairs[3]);
}

// Σ term(i) over i < count.
template <class T, class Term>
GROKLAB_INLINE T sum(std::int64_t count, Term term) {
  T lanes[kLanes] = {};
  std::int64_t i = 0;
  for (; i + kLanes <= count; i += kLanes) {
    for (int j = 0; j < kLanes; ++j) lanes[j] += term(i + j);
  }
  for (int j = 0; i + j < count; ++j) lanes[j] += term(i + j);
  return sum_lanes(lanes);
}

template <class T>
GROKLAB_INLINE T dot(const T* a, const T* b, std::int64_t count) {
  return sum<T>(count, [=](std::int64_t i) { return a[i] * b[i]; });
}

// y ← y + factor · x
template <class T>
GROKLAB_INLINE void add_scaled(T factor, const T* __restrict x, T* __restrict y,
                               std::int64_t count) {
  for (std::int64_t i = 0; i < count; ++i) y[i] += factor * x[i];
}

}  // namespace transformer
