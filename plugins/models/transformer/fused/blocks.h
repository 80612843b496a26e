#pragma once

#include <algorithm>
#include <cstdint>

namespace transformer {

// `count` things of two rows each (an operand x: its rows at positions 0 and 1; a pair (x, y): its
// rows at positions 2 and 3), cut into blocks of constant size, the items that threads take. In
// memory a block is its first rows and then its second rows; block follows on block.
struct Blocks {
  struct Block {
    std::int64_t first, count;  // things

    std::int64_t begin() const { return 2 * first; }  // rows
    std::int64_t rows() const { return 2 * count; }
  };

  std::int64_t count, size;

  std::int64_t number() const { return (count + size - 1) / size; }

  Block at(std::int64_t index) const {
    const auto first = index * size;
    return {first, std::min(size, count - first)};
  }

  std::int64_t first_row(std::int64_t thing) const { return thing + at(thing / size).first; }
  std::int64_t second_row(std::int64_t thing) const {
    return first_row(thing) + at(thing / size).count;
  }
};

// A block's rows go through a layer in parts whose hidden units stay in the cache until they are
// read again: part(first, count).
template <class Part>
void for_rows_at_once(std::int64_t rows, Part part) {
  constexpr std::int64_t kAtOnce = 96;  // of 512 float32 numbers: 192 KiB
  for (std::int64_t first = 0; first < rows; first += kAtOnce) {
    part(first, std::min(kAtOnce, rows - first));
  }
}

}  // namespace transformer
