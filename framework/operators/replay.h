#pragma once

#include <groklab/backend.h>

namespace groklab {

// The CPU as a device that replays: it records the operators of a step with their arguments as they
// were and calls them again, on the same memory, which is what a CUDA graph does. So a step can be
// proven to bear that where there is no GPU. It is no faster than calling them.
class ReplayBackend final : public Backend {
 public:
  std::string missing() const override { return ""; }
  torch::Device device() const override { return torch::kCPU; }
  std::string description() const override;
  void use_tf32(bool use) override;
  void run(const std::function<void()>& work) override { work(); }
  std::unique_ptr<Recording> record(const std::function<void()>& work) override;
  void wait() override {}
  bool chooses_by_speed() const override { return false; }
  std::optional<std::int64_t> peak_bytes() const override { return std::nullopt; }
};

}  // namespace groklab
