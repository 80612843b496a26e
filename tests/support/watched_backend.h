#pragma once

#include "operators/observer.h"
#include "operators/replay.h"

#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

namespace groklab::test {

// The CPU as a backend that does as it is told, and lists what the last work that it was given to
// run called.
class WatchedBackend final : public Backend {
 public:
  bool records = true;
  bool by_speed = false;

  std::string missing() const override { return ""; }
  torch::Device device() const override { return torch::kCPU; }
  std::string description() const override { return "watched"; }
  void use_tf32(bool) override {}
  void wait() override {}
  bool chooses_by_speed() const override { return by_speed; }
  std::optional<std::int64_t> peak_bytes() const override { return std::nullopt; }

  void run(const std::function<void()>& work) override {
    last_ = std::make_unique<OperatorObserver>();
    work();
    signatures = last_->signatures();
    kernels = last_->kernels();
    forbidden = last_->forbidden();
    product_bytes = last_->bytes(/*of_products=*/true);
    other_bytes = last_->bytes(/*of_products=*/false);
    last_.reset();
  }

  std::unique_ptr<Recording> record(const std::function<void()>& work) override {
    if (!records) throw std::runtime_error("told not to record");
    return ReplayBackend().record(work);
  }

  // Of the last run.
  std::vector<std::string> signatures, kernels, forbidden;
  std::int64_t product_bytes = 0, other_bytes = 0;

 private:
  std::unique_ptr<OperatorObserver> last_;
};

}  // namespace groklab::test
