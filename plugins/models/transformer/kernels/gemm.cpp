#include "gemm.h"

#include <groklab/parallel.h>
#include <groklab/profile.h>

#include <algorithm>
#include <array>

namespace transformer {

using groklab::TimedWork, groklab::Work;

namespace {

constexpr std::int64_t kInner = 128;  // of the inner dimension at a time: b's columns stay in L1

// The left operand: its element (row, inner) is data[row · row_step + inner · inner_step].
template <class T>
struct Left {
  const T* data;
  std::int64_t row_step, inner_step;
};

template <class T, int kBytes>
struct VectorOf {
  typedef T type __attribute__((vector_size(kBytes), aligned(alignof(T)), may_alias));
  static constexpr std::int64_t kNumbers = kBytes / sizeof(T);
};

// Numbers that will be needed soon, asked for from memory a few rows at a time between tiles: rows
// of narrow parts of wide matrices lie too far apart for the processor to foresee them.
template <class T>
struct Ahead {
  const T* data = nullptr;
  std::int64_t step = 0, numbers = 0, rows = 0, at_a_time = 0;

  GROKLAB_INLINE void fetch() {
    constexpr std::int64_t kLine = 64 / sizeof(T);
    for (auto count = std::min(at_a_time, rows); count > 0; --count, --rows, data += step) {
      for (std::int64_t i = 0; i < numbers; i += kLine) __builtin_prefetch(data + i, 0, 2);
    }
  }
};

// kRows rows and two vectors of columns of the result, in registers:
// c ← Σ_inner a(row, inner) · b(inner, ·) (+ c).
template <class T, int kBytes, int kRows>
GROKLAB_INLINE void tile(std::int64_t inner, Left<T> a, const T* b, std::int64_t b_stride, T* c,
                         std::int64_t c_stride, bool add) {
  using Vector = typename VectorOf<T, kBytes>::type;
  constexpr auto kNumbers = VectorOf<T, kBytes>::kNumbers;
  Vector sums[kRows][2];
  for (int r = 0; r < kRows; ++r) {
    const auto* row = reinterpret_cast<const Vector*>(c + r * c_stride);
    sums[r][0] = add ? row[0] : Vector{};
    sums[r][1] = add ? row[1] : Vector{};
  }
  for (std::int64_t i = 0; i < inner; ++i) {
    const auto left = *reinterpret_cast<const Vector*>(b + i * b_stride);
    const auto right = *reinterpret_cast<const Vector*>(b + i * b_stride + kNumbers);
#pragma GCC unroll 16
    for (int r = 0; r < kRows; ++r) {
      const T factor = a.data[r * a.row_step + i * a.inner_step];
      sums[r][0] += factor * left;
      sums[r][1] += factor * right;
    }
  }
  for (int r = 0; r < kRows; ++r) {
    auto* row = reinterpret_cast<Vector*>(c + r * c_stride);
    row[0] = sums[r][0];
    row[1] = sums[r][1];
  }
}

// The same for at most kRows rows.
template <class T, int kBytes, int kRows>
GROKLAB_INLINE void tile_of(std::int64_t rows, std::int64_t inner, Left<T> a, const T* b,
                            std::int64_t b_stride, T* c, std::int64_t c_stride, bool add) {
  if (rows == kRows) {
    tile<T, kBytes, kRows>(inner, a, b, b_stride, c, c_stride, add);
  } else if constexpr (kRows > 1) {
    tile_of<T, kBytes, kRows - 1>(rows, inner, a, b, b_stride, c, c_stride, add);
  }
}

// All rows of two vectors of columns.
template <class T, int kBytes, int kRows>
GROKLAB_INLINE void strip(std::int64_t rows, std::int64_t inner, Left<T> a, const T* b,
                          std::int64_t b_stride, T* c, std::int64_t c_stride, bool add,
                          std::array<Ahead<T>, 2>& next) {
  Ahead<T> results{c, c_stride, 2 * VectorOf<T, kBytes>::kNumbers, rows, kRows};
  for (std::int64_t i = 0; i < rows; i += kRows) {
    results.fetch();
    for (auto& part : next) part.fetch();
    const Left<T> part{a.data + i * a.row_step, a.row_step, a.inner_step};
    tile_of<T, kBytes, kRows>(std::min<std::int64_t>(kRows, rows - i), inner, part, b, b_stride,
                              c + i * c_stride, c_stride, add);
  }
}

// Fewer columns than two vectors hold: by way of buffers of full width.
template <class T, int kBytes, int kRows>
GROKLAB_INLINE void narrow_strip(std::int64_t rows, std::int64_t columns, std::int64_t inner,
                                 Left<T> a, const T* b, std::int64_t b_stride, T* c,
                                 std::int64_t c_stride, bool add) {
  constexpr auto kColumns = 2 * VectorOf<T, kBytes>::kNumbers;
  T wide_b[kInner * kColumns], wide_c[kRows * kColumns];
  for (std::int64_t i = 0; i < inner; ++i) {
    for (std::int64_t j = 0; j < kColumns; ++j) {
      wide_b[i * kColumns + j] = j < columns ? b[i * b_stride + j] : 0;
    }
  }
  for (std::int64_t i = 0; i < rows; i += kRows) {
    const auto count = std::min<std::int64_t>(kRows, rows - i);
    const Left<T> part{a.data + i * a.row_step, a.row_step, a.inner_step};
    for (std::int64_t r = 0; add && r < count; ++r) {
      std::copy_n(c + (i + r) * c_stride, columns, wide_c + r * kColumns);
    }
    tile_of<T, kBytes, kRows>(count, inner, part, wide_b, kColumns, wide_c, kColumns, add);
    for (std::int64_t r = 0; r < count; ++r) {
      std::copy_n(wide_c + r * kColumns, columns, c + (i + r) * c_stride);
    }
  }
}

template <class T, int kBytes, int kRows>
GROKLAB_INLINE void product(std::int64_t inner, Left<T> a, Reading<T> b, Matrix<T> c, bool add) {
  constexpr auto kColumns = 2 * VectorOf<T, kBytes>::kNumbers;
  const auto tiles = ((c.rows + kRows - 1) / kRows) * ((c.columns + kColumns - 1) / kColumns);
  const auto at_a_time = (kInner + tiles - 1) / tiles;
  for (std::int64_t from = 0; from < inner; from += kInner) {
    const auto count = std::min(kInner, inner - from), next = from + count;
    const Left<T> part{a.data + from * a.inner_step, a.row_step, a.inner_step};
    std::array<Ahead<T>, 2> operands;
    if (a.inner_step != 1) {  // weights' gradients, whose operands come from far away
      operands = {{{a.data + next * a.inner_step, a.inner_step, c.rows, inner - next, at_a_time},
                   {b.row(next), b.stride, c.columns, inner - next, at_a_time}}};
    }
    const bool adding = add || from > 0;
    for (std::int64_t j = 0; j < c.columns; j += kColumns) {
      if (c.columns - j >= kColumns) {
        strip<T, kBytes, kRows>(c.rows, count, part, b.row(from) + j, b.stride, c.data + j,
                                c.stride, adding, operands);
      } else {
        narrow_strip<T, kBytes, kRows>(c.rows, c.columns - j, count, part, b.row(from) + j,
                                       b.stride, c.data + j, c.stride, adding);
      }
    }
  }
}

// Compiled once for rows of a and once for columns, so that one of the steps is a constant.
template <class T, int kBytes, int kRows>
GROKLAB_INLINE void either_product(std::int64_t inner, Left<T> a, Reading<T> b, Matrix<T> c,
                                   bool add) {
  if (a.inner_step == 1) {
    product<T, kBytes, kRows>(inner, {a.data, a.row_step, 1}, b, c, add);
  } else {
    product<T, kBytes, kRows>(inner, {a.data, 1, a.inner_step}, b, c, add);
  }
}

// Rows of a tile: as many as the registers of the instruction set hold.
#if defined(__x86_64__)
template <class T>
__attribute__((target("arch=x86-64-v4"))) void product_avx512(std::int64_t inner, Left<T> a,
                                                              Reading<T> b, Matrix<T> c, bool add) {
  either_product<T, 64, 12>(inner, a, b, c, add);
}

template <class T>
__attribute__((target("arch=x86-64-v3"))) void product_avx2(std::int64_t inner, Left<T> a,
                                                            Reading<T> b, Matrix<T> c, bool add) {
  either_product<T, 32, 6>(inner, a, b, c, add);
}
#endif

template <class T>
void product_anywhere(std::int64_t inner, Left<T> a, Reading<T> b, Matrix<T> c, bool add) {
  either_product<T, 16, 4>(inner, a, b, c, add);
}

template <class T>
using Product = void (*)(std::int64_t, Left<T>, Reading<T>, Matrix<T>, bool);

template <class T>
Product<T> best_product() {
#if defined(__x86_64__)
  if (__builtin_cpu_supports("x86-64-v4")) return &product_avx512<T>;
  if (__builtin_cpu_supports("x86-64-v3")) return &product_avx2<T>;
#endif
  return &product_anywhere<T>;
}

template <class T>
const Product<T> kProduct = best_product<T>();

}  // namespace

template <class T>
void multiply(Reading<T> a, Reading<T> b, Matrix<T> c, Into into) {
  const TimedWork work(Work::products, a.rows * a.columns * b.columns);
  kProduct<T>(a.columns, {a.data, a.stride, 1}, b, c, into == Into::add);
}

template <class T>
void transposed_multiply(Reading<T> a, Reading<T> b, Matrix<T> c) {
  const TimedWork work(Work::products, a.rows * a.columns * b.columns);
  kProduct<T>(a.rows, {a.data, 1, a.stride}, b, c, false);
}

namespace {

template <class T>
GROKLAB_INLINE void transpose_part(std::int64_t rows, std::int64_t columns, const T* from,
                                   std::int64_t from_stride, T* to, std::int64_t to_stride) {
  for (std::int64_t j = 0; j < columns; ++j) {
    for (std::int64_t i = 0; i < rows; ++i) to[j * to_stride + i] = from[i * from_stride + j];
  }
}

}  // namespace

template <class T>
GROKLAB_VECTORIZED void transpose(Reading<T> from, Matrix<T> to) {
  const TimedWork work(Work::elementwise);
  constexpr std::int64_t kSide = 8;  // of squares, which the compiler unrolls
  for (std::int64_t i = 0; i < from.rows; i += kSide) {
    for (std::int64_t j = 0; j < from.columns; j += kSide) {
      const auto rows = std::min(kSide, from.rows - i), columns = std::min(kSide, from.columns - j);
      const T* part = from.row(i) + j;
      if (rows == kSide && columns == kSide) {
        transpose_part(kSide, kSide, part, from.stride, to.row(j) + i, to.stride);
      } else {
        transpose_part(rows, columns, part, from.stride, to.row(j) + i, to.stride);
      }
    }
  }
}

#define INSTANTIATE(T)                                                     \
  template void multiply<T>(Reading<T>, Reading<T>, Matrix<T>, Into);      \
  template void transposed_multiply<T>(Reading<T>, Reading<T>, Matrix<T>); \
  template void transpose<T>(Reading<T>, Matrix<T>);
INSTANTIATE(float)
INSTANTIATE(double)

}  // namespace transformer
