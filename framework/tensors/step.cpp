#include <groklab/parallel.h>
#include <groklab/step.h>

#include <algorithm>
#include <stdexcept>

namespace groklab {
namespace {

constexpr std::int64_t kNumbersOfAnItem = 4096;

}  // namespace

// `draw` makes a number of a stream's step and position.
template <class Draw>
Tensor Noise::numbers(std::string_view name, const Tensor& like, Draw draw) const {
  if (recording_) throw std::logic_error("noise is drawn on the host, so it cannot be recorded");
  auto numbers = torch::empty(like.sizes(), torch::kFloat64);
  const std::int64_t replicas = like.size(0);
  const std::int64_t count = numbers.numel() / replicas;
  const std::int64_t items = (count + kNumbersOfAnItem - 1) / kNumbersOfAnItem;
  const std::uint64_t source = static_cast<std::uint64_t>(hash_name(name)) << 32;
  auto* out = numbers.data_ptr<double>();
  parallel_for(replicas * items, [&](std::int64_t item) {
    const auto replica = item / items, first = item % items * kNumbersOfAnItem;
    const RandomStream stream(seeds_.at(replica), Purpose::noise);
    for (auto i = first; i < std::min(count, first + kNumbersOfAnItem); ++i) {
      out[replica * count + i] = draw(stream, step_, source + i);
    }
  });
  return numbers.to(like.options());
}

Tensor Noise::normal(std::string_view name, const Tensor& like) const {
  return numbers(name, like,
                 [](const RandomStream& stream, auto... at) { return stream.normal(at...); });
}

Tensor Noise::uniform(std::string_view name, const Tensor& like) const {
  return numbers(name, like,
                 [](const RandomStream& stream, auto... at) { return stream.uniform(at...); });
}

Noise Noise::narrow(std::int64_t first, std::int64_t count) const {
  Noise part({seeds_.begin() + first, seeds_.begin() + first + count}, step_);
  part.recording_ = recording_;
  return part;
}

Noise Noise::while_recording() const {
  Noise same = *this;
  same.recording_ = true;
  return same;
}

}  // namespace groklab
