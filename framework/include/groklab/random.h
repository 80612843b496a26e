#pragma once

#include <array>
#include <cstdint>
#include <string_view>

namespace groklab {

// Counter-based random numbers: each is a pure function of (seed, purpose, step, position), never
// of a generator's state. So a replica draws the same numbers alone or in a pack, before or after a
// resume, on any device. The function is Philox4x32-10: Salmon, Moraes, Dror and Shaw, "Parallel
// random numbers: as easy as 1, 2, 3", SC 2011.

std::array<std::uint32_t, 4> philox4x32(std::array<std::uint32_t, 4> counter,
                                        std::array<std::uint32_t, 2> key);

// What the numbers are for. Each purpose has a seed of its own in a spec.
enum class Purpose : std::uint32_t { split = 1, init = 2, batches = 3, noise = 4 };

class RandomStream {
 public:
  RandomStream(std::uint64_t seed, Purpose purpose) : seed_(seed), purpose_(purpose) {}

  // `step`: update, epoch or tensor number, below 2^56. `position`: index within it.
  std::uint64_t bits(std::uint64_t step, std::uint64_t position) const;
  double uniform(std::uint64_t step, std::uint64_t position) const;  // [0, 1), 53 bits
  double normal(std::uint64_t step, std::uint64_t position) const;   // N(0, 1), Box-Muller

 private:
  std::array<std::uint32_t, 4> block(std::uint64_t step, std::uint64_t position) const;

  std::uint64_t seed_;
  Purpose purpose_;
};

// A fixed 32-bit hash (FNV-1a) that turns a name into a part of a position, so that two named
// sources of noise draw different numbers.
std::uint32_t hash_name(std::string_view name);

}  // namespace groklab
