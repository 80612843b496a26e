#include "attention.h"

#include "lanes.h"

#include <groklab/profile.h>

#include <algorithm>
#include <cmath>

namespace transformer {

using groklab::TimedWork, groklab::Work;

namespace {

// y ← y + Σ_j factor_j x_j, where x_j is row[j] from `at` on. A pass over y for all keys at once.
template <int kCount, class T>
GROKLAB_INLINE void add_combination(const T* factor, const Keys<const T>& keys, std::int64_t at,
                                    T* __restrict y, std::int64_t width) {
  for (std::int64_t i = 0; i < width; ++i) {
    T sum = y[i];
    for (int j = 0; j < kCount; ++j) sum += factor[j] * keys.row[j][at + i];
    y[i] = sum;
  }
}

template <int kCount, class T>
GROKLAB_INLINE void attend_to(Heads heads, const T* query, const Keys<const T>& keys, T* shares,
                              T* __restrict mix) {
  const auto width = heads.width;
  const T scale = static_cast<T>(heads.scale);
  for (std::int64_t h = 0; h < heads.count; ++h) {
    const auto at = h * width, key = h * heads.step, value = heads.values + key;
    T* share = shares + h * kMaxKeys;
    for (int j = 0; j < kCount; ++j) {
      share[j] = dot(query + at, keys.row[j] + key, width) * scale;
    }
    const T top = *std::max_element(share, share + kCount);
    T all = 0;
    for (int j = 0; j < kCount; ++j) all += share[j] = std::exp(share[j] - top);
    for (int j = 0; j < kCount; ++j) share[j] /= all;
    std::fill_n(mix + at, width, T{0});
    add_combination<kCount>(share, keys, value, mix + at, width);
  }
}

template <int kCount, class T>
GROKLAB_INLINE void attend_to_backward(Heads heads, const T* query, const Keys<const T>& keys,
                                       const T* shares, const T* d_mix, T* __restrict d_query,
                                       const Keys<T>& d_keys) {
  const auto width = heads.width;
  const T scale = static_cast<T>(heads.scale);
  for (std::int64_t h = 0; h < heads.count; ++h) {
    const auto at = h * width, key = h * heads.step, value = heads.values + key;
    const T* share = shares + h * kMaxKeys;
    T d_share[kCount], e[kCount], mean = 0;
    for (int j = 0; j < kCount; ++j) {
      d_share[j] = dot(d_mix + at, keys.row[j] + value, width);
      mean += share[j] * d_share[j];
    }
    for (int j = 0; j < kCount; ++j) e[j] = share[j] * (d_share[j] - mean) * scale;
    add_combination<kCount>(e, keys, key, d_query + at, width);
    for (int j = 0; j < kCount; ++j) {
      add_scaled(e[j], query + at, d_keys.row[j] + key, width);
      add_scaled(share[j], d_mix + at, d_keys.row[j] + value, width);
    }
  }
}

}  // namespace

// Compiled for each number of keys, so that loops over them unroll.
template <class T>
GROKLAB_VECTORIZED void attend(Heads heads, const T* query, const Keys<const T>& keys, T* shares,
                               T* mix) {
  const TimedWork work(Work::attention);
  switch (keys.count) {
    case 1:
      return attend_to<1>(heads, query, keys, shares, mix);
    case 2:
      return attend_to<2>(heads, query, keys, shares, mix);
    case 3:
      return attend_to<3>(heads, query, keys, shares, mix);
    default:
      return attend_to<4>(heads, query, keys, shares, mix);
  }
}

template <class T>
GROKLAB_VECTORIZED void attend_backward(Heads heads, const T* query, const Keys<const T>& keys,
                                        const T* shares, const T* d_mix, T* d_query,
                                        const Keys<T>& d_keys) {
  const TimedWork work(Work::attention);
  switch (keys.count) {
    case 1:
      return attend_to_backward<1>(heads, query, keys, shares, d_mix, d_query, d_keys);
    case 2:
      return attend_to_backward<2>(heads, query, keys, shares, d_mix, d_query, d_keys);
    case 3:
      return attend_to_backward<3>(heads, query, keys, shares, d_mix, d_query, d_keys);
    default:
      return attend_to_backward<4>(heads, query, keys, shares, d_mix, d_query, d_keys);
  }
}

#define INSTANTIATE(T)                                                                            \
  template void attend<T>(Heads, const T*, const Keys<const T>&, T*, T*);                         \
  template void attend_backward<T>(Heads, const T*, const Keys<const T>&, const T*, const T*, T*, \
                                   const Keys<T>&);
INSTANTIATE(float)
INSTANTIATE(double)

}  // namespace transformer
