#pragma once

#include <array>
#include <cstdint>
#include <type_traits>

namespace transformer {

inline constexpr int kMaxKeys = 4;  // positions of a sequence

// Heads side by side in a row of width · count numbers.
struct Heads {
  std::int64_t count, width;
  std::int64_t total() const { return count * width; }
};

// What one query attends to: rows [2 d], the key in the first half and the value in the second.
template <class T>
struct Keys {
  std::array<T*, kMaxKeys> row;
  int count;

  operator Keys<const T>() const requires(!std::is_const_v<T>) {
    return {{row[0], row[1], row[2], row[3]}, count};
  }
};

// One query q [d] over its keys, by head h:
//   share_j = softmax_j(q_h · k_jh / √width),  mix_h = Σ_j share_j v_jh.
// shares [heads · 4] keeps share_j at 4 h + j, for the backward pass; mix [d].
template <class T>
void attend(Heads heads, const T* query, const Keys<const T>& keys, T* shares, T* mix);

// From d_mix [d]:
//   d_share_j = d_mix_h · v_jh,  e_j = share_j (d_share_j − Σ_i share_i d_share_i) / √width,
//   d_q_h += Σ_j e_j k_jh,  d_k_jh += e_j q_h,  d_v_jh += share_j d_mix_h.
template <class T>
void attend_backward(Heads heads, const T* query, const Keys<const T>& keys, const T* shares,
                     const T* d_mix, T* d_query, const Keys<T>& d_keys);

}  // namespace transformer
