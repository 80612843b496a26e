#pragma once

#include <cstdint>
#include <type_traits>

namespace transformer {

// Rows of numbers, one after another `stride` apart; somebody else's memory.
template <class T>
struct Matrix {
  T* data = nullptr;
  std::int64_t rows = 0, columns = 0, stride = 0;

  T* row(std::int64_t index) const { return data + index * stride; }

  Matrix rows_from(std::int64_t first, std::int64_t count) const {
    return {row(first), count, columns, stride};
  }
  Matrix columns_from(std::int64_t first, std::int64_t count) const {
    return {data + first, rows, count, stride};
  }

  operator Matrix<const T>() const requires(!std::is_const_v<T>) {
    return {data, rows, columns, stride};
  }
};

// For arguments that let a Matrix<T> become a Matrix<const T>.
template <class T>
using Reading = Matrix<const std::type_identity_t<T>>;

}  // namespace transformer
