#include <groklab/random.h>

#include <cmath>
#include <numbers>

namespace groklab {
namespace {

// Constants of Philox4x32 (Salmon et al. 2011, table 2) and of its key schedule.
constexpr std::uint32_t kMultiplier0 = 0xD2511F53;
constexpr std::uint32_t kMultiplier1 = 0xCD9E8D57;
constexpr std::uint32_t kWeyl0 = 0x9E3779B9;
constexpr std::uint32_t kWeyl1 = 0xBB67AE85;

double to_unit(std::uint64_t bits) { return static_cast<double>(bits >> 11) * 0x1p-53; }

std::uint64_t join(std::uint32_t high, std::uint32_t low) {
  return static_cast<std::uint64_t>(high) << 32 | low;
}

}  // namespace

std::array<std::uint32_t, 4> philox4x32(std::array<std::uint32_t, 4> counter,
                                        std::array<std::uint32_t, 2> key) {
  for (int round = 0; round < 10; ++round) {
    const std::uint64_t product0 = static_cast<std::uint64_t>(kMultiplier0) * counter[0];
    const std::uint64_t product1 = static_cast<std::uint64_t>(kMultiplier1) * counter[2];
    counter = {static_cast<std::uint32_t>(product1 >> 32) ^ counter[1] ^ key[0],
               static_cast<std::uint32_t>(product1),
               static_cast<std::uint32_t>(product0 >> 32) ^ counter[3] ^ key[1],
               static_cast<std::uint32_t>(product0)};
    key[0] += kWeyl0;
    key[1] += kWeyl1;
  }
  return counter;
}

std::array<std::uint32_t, 4> RandomStream::block(std::uint64_t step, std::uint64_t position) const {
  return philox4x32(
      {static_cast<std::uint32_t>(position), static_cast<std::uint32_t>(position >> 32),
       static_cast<std::uint32_t>(step),
       static_cast<std::uint32_t>(purpose_) << 24 | static_cast<std::uint32_t>(step >> 32)},
      {static_cast<std::uint32_t>(seed_), static_cast<std::uint32_t>(seed_ >> 32)});
}

std::uint64_t RandomStream::bits(std::uint64_t step, std::uint64_t position) const {
  const auto words = block(step, position);
  return join(words[1], words[0]);
}

double RandomStream::uniform(std::uint64_t step, std::uint64_t position) const {
  return to_unit(bits(step, position));
}

double RandomStream::normal(std::uint64_t step, std::uint64_t position) const {
  const auto words = block(step, position);
  const double radius = std::sqrt(-2 * std::log1p(-to_unit(join(words[1], words[0]))));
  return radius * std::cos(2 * std::numbers::pi * to_unit(join(words[3], words[2])));
}

std::uint32_t hash_name(std::string_view name) {
  std::uint32_t hash = 0x811C9DC5;
  for (const char letter : name) {
    hash = (hash ^ static_cast<unsigned char>(letter)) * 0x01000193;
  }
  return hash;
}

}  // namespace groklab
