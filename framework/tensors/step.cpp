#include <groklab/step.h>

#include <stdexcept>

namespace groklab {

Tensor Noise::normal(std::string_view name, const Tensor& like) const {
  if (recording_) throw std::logic_error("noise is drawn on the host, so it cannot be recorded");
  auto numbers = torch::empty(like.sizes(), torch::kFloat64);
  const std::int64_t replicas = like.size(0);
  const std::int64_t count = numbers.numel() / replicas;
  const std::uint64_t source = static_cast<std::uint64_t>(hash_name(name)) << 32;
  auto* out = numbers.data_ptr<double>();
  for (std::int64_t replica = 0; replica < replicas; ++replica) {
    const RandomStream stream(seeds_.at(replica), Purpose::noise);
    for (std::int64_t i = 0; i < count; ++i) *out++ = stream.normal(step_, source + i);
  }
  return numbers.to(like.options());
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
