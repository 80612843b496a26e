#pragma once

#include <array>
#include <cmath>
#include <cstdint>
#include <type_traits>

namespace transformer {

inline constexpr int kMaxKeys = 4;  // positions of a sequence

// What the heads of a query read: head h the numbers of the query from h · width on, and of a row
// that it attends to the key from h · step on and the value from values + h · step on.
struct Heads {
  std::int64_t count, width, step, values;
  double scale;  // of the scores: 1 / √(d / heads)

  // Rows [2 d]: the keys of all heads, then their values.
  static Heads of_keys_and_values(std::int64_t count, std::int64_t width) {
    return {count, width, width, count * width, 1 / std::sqrt(static_cast<double>(width))};
  }

  // Rows [d] that are key and value of every head, whose queries are [heads · d].
  static Heads of_whole_rows(std::int64_t count, std::int64_t d) {
    return {count, d, 0, 0, 1 / std::sqrt(static_cast<double>(d) / static_cast<double>(count))};
  }
};

// The rows that one query attends to.
template <class T>
struct Keys {
  std::array<T*, kMaxKeys> row;
  int count;

  operator Keys<const T>() const requires(!std::is_const_v<T>) {
    return {{row[0], row[1], row[2], row[3]}, count};
  }
};

// One query q [heads · width] over its keys, by head h:
//   share_j = softmax_j(scale q_h · k_jh),  mix_h = Σ_j share_j v_jh.
// shares [heads · 4] keeps share_j at 4 h + j, for the backward pass; mix as q.
template <class T>
void attend(Heads heads, const T* query, const Keys<const T>& keys, T* shares, T* mix);

// From d_mix:
//   d_share_j = d_mix_h · v_jh,  e_j = share_j (d_share_j − Σ_i share_i d_share_i) scale,
//   d_q_h += Σ_j e_j k_jh,  d_k_jh += e_j q_h,  d_v_jh += share_j d_mix_h.
template <class T>
void attend_backward(Heads heads, const T* query, const Keys<const T>& keys, const T* shares,
                     const T* d_mix, T* d_query, const Keys<T>& d_keys);

}  // namespace transformer
