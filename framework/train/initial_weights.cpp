#include "train/initial_weights.h"

#include <groklab/random.h>

#include <cstdint>

namespace groklab {
namespace {

double start_of(const Initializer& initializer, const RandomStream& stream, std::uint64_t source,
                std::uint64_t place) {
  switch (initializer.kind) {
    case Initializer::Kind::normal:
      return initializer.scale * stream.normal(source, place);
    case Initializer::Kind::uniform:
      return initializer.scale * (2 * stream.uniform(source, place) - 1);
    case Initializer::Kind::constant:
      return initializer.scale;
  }
  throw std::logic_error("unknown initializer");
}

}  // namespace

Tensor initial_weights(const ParameterLayout& layout, const std::vector<std::uint64_t>& seeds) {
  const auto count = static_cast<std::int64_t>(seeds.size());
  auto flat = torch::zeros({count, layout.buffer_size()}, torch::kFloat64);
  for (std::int64_t r = 0; r < count; ++r) {
    const RandomStream stream(seeds[r], Purpose::init);
    auto* row = flat[r].data_ptr<double>();
    for (const auto& entry : layout.entries()) {
      const auto source = hash_name(entry.name);
      for (std::int64_t i = 0; i < entry.count; ++i) {
        row[entry.offset + i] = start_of(entry.initializer, stream, source, i);
      }
    }
  }
  return flat;
}

}  // namespace groklab
