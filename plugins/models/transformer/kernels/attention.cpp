#include "attention.h"

#include "lanes.h"

#include <groklab/profile.h>

#include <algorithm>
#include <cmath>

namespace transformer {

using groklab::TimedWork, groklab::Work;

template <class T>
GROKLAB_VECTORIZED void attend(Heads heads, const T* query, const Keys<const T>& keys, T* shares,
                               T* __restrict mix) {
  const TimedWork work(Work::attention);
  const auto width = heads.width;
  const T scale = static_cast<T>(heads.scale);
  for (std::int64_t h = 0; h < heads.count; ++h) {
    const auto at = h * width, key = h * heads.step, value = heads.values + key;
    T* share = shares + h * kMaxKeys;
    for (int j = 0; j < keys.count; ++j) {
      share[j] = dot(query + at, keys.row[j] + key, width) * scale;
    }
    const T top = *std::max_element(share, share + keys.count);
    T all = 0;
    for (int j = 0; j < keys.count; ++j) all += share[j] = std::exp(share[j] - top);
    for (std::int64_t i = 0; i < width; ++i) mix[at + i] = 0;
    for (int j = 0; j < keys.count; ++j) {
      share[j] /= all;
      add_scaled(share[j], keys.row[j] + value, mix + at, width);
    }
  }
}

template <class T>
GROKLAB_VECTORIZED void attend_backward(Heads heads, const T* query, const Keys<const T>& keys,
                                        const T* shares, const T* d_mix, T* __restrict d_query,
                                        const Keys<T>& d_keys) {
  const TimedWork work(Work::attention);
  const auto width = heads.width;
  const T scale = static_cast<T>(heads.scale);
  for (std::int64_t h = 0; h < heads.count; ++h) {
    const auto at = h * width, key = h * heads.step, value = heads.values + key;
    const T* share = shares + h * kMaxKeys;
    T d_share[kMaxKeys], mean = 0;
    for (int j = 0; j < keys.count; ++j) {
      d_share[j] = dot(d_mix + at, keys.row[j] + value, width);
      mean += share[j] * d_share[j];
    }
    for (int j = 0; j < keys.count; ++j) {
      const T e = share[j] * (d_share[j] - mean) * scale;
      add_scaled(e, keys.row[j] + key, d_query + at, width);
      add_scaled(e, query + at, d_keys.row[j] + key, width);
      add_scaled(share[j], d_mix + at, d_keys.row[j] + value, width);
    }
  }
}

#define INSTANTIATE(T)                                                                            \
  template void attend<T>(Heads, const T*, const Keys<const T>&, T*, T*);                         \
  template void attend_backward<T>(Heads, const T*, const Keys<const T>&, const T*, const T*, T*, \
                                   const Keys<T>&);
INSTANTIATE(float)
INSTANTIATE(double)

}  // namespace transformer
