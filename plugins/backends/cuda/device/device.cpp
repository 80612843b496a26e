// The GPU itself: a stream of its own, on which a pack computes everything.
#include "entry.h"
#include "graph.h"

#include <ATen/cuda/CUDAContext.h>
#include <c10/cuda/CUDACachingAllocator.h>
#include <c10/cuda/CUDAFunctions.h>
#include <c10/cuda/CUDAGuard.h>
#include <groklab/error.h>
#include <torch/csrc/autograd/autograd.h>
#include <torch/types.h>

#include <cstdlib>

namespace {

constexpr c10::DeviceIndex kIndex = 0;  // CUDA_VISIBLE_DEVICES says which GPU that is

class Device final : public groklab::Backend {
 public:
  // LibTorch's default stream waits for no other. This thread leaves it for good, so that tensors
  // made outside of run() are there when they are used inside.
  Device() : stream_(c10::cuda::getStreamFromPool(false, kIndex)), recorder_(stream_) {
    c10::cuda::setCurrentCUDAStream(stream_);
  }

  std::string missing() const override { return {}; }
  torch::Device device() const override { return {torch::kCUDA, kIndex}; }
  std::string description() const override { return properties().name; }

  void use_tf32(bool use) override {
    if (use && properties().major < 8) {
      throw groklab::Error(description() + " has no TF32; it takes a GPU of 2020 or later");
    }
    at::globalContext().setAllowTF32CuBLAS(use);
  }

  void run(const std::function<void()>& work) override {
    const c10::cuda::CUDAStreamGuard guard(stream_);
    work();
  }

  std::unique_ptr<groklab::Recording> record(const std::function<void()>& work) override {
    const c10::cuda::CUDAStreamGuard guard(stream_);
    return recorder_.record(work);
  }

  void wait() override { stream_.synchronize(); }

  bool chooses_by_speed() const override { return true; }

  std::optional<std::int64_t> peak_bytes() const override {
    namespace memory = c10::cuda::CUDACachingAllocator;
    constexpr auto kAll = static_cast<std::size_t>(c10::CachingAllocator::StatType::AGGREGATE);
    return memory::getDeviceStats(kIndex).allocated_bytes[kAll].peak;
  }

 private:
  static const cudaDeviceProp& properties() { return *at::cuda::getDeviceProperties(kIndex); }

  c10::cuda::CUDAStream stream_;
  GraphRecorder recorder_;
};

std::string first_line(const std::string& text) { return text.substr(0, text.find('\n')); }

// Empty if there is one.
std::string no_device() {
  int count = 0;
  const auto error = C10_CUDA_ERROR_HANDLED(c10::cuda::GetDeviceCount(&count));
  if (error == cudaSuccess && count > 0) return {};
  C10_CUDA_CLEAR_ERROR();
  const std::string reason = error == cudaSuccess ? "none is visible" : cudaGetErrorString(error);
  return "no GPU (" + reason +
         "); nvidia-smi shows the driver, which must be 580 or later, and its GPUs";
}

// The same bits each time, in full precision. LibTorch's deterministic algorithms stay off: they
// sort where numbers are looked up, which the step's operators do not need (docs/design.md).
void set_numerics() {
  // cuBLAS reads it once, before its first product. Of another workspace it promises no bits.
  ::setenv("CUBLAS_WORKSPACE_CONFIG", ":4096:8", /*overwrite=*/0);
  auto& context = at::globalContext();
  context.setAllowTF32CuBLAS(false);
  context.setAllowTF32CuDNN(false);
  context.setDeterministicCuDNN(true);
  context.setBenchmarkCuDNN(false);
}

// A product and its gradient. Fails on a GPU that LibTorch has no code for, and if gradients were
// computed before LibTorch's CUDA libraries were loaded: autograd counts the devices once.
void try_out() {
  const auto x = torch::ones({8, 8}, torch::device({torch::kCUDA, kIndex}).requires_grad(true));
  torch::autograd::grad({x.mm(x).sum()}, {x})[0].sum().item();
}

}  // namespace

groklab::Backend* groklab_cuda_backend(std::string& missing) {
  try {
    missing = no_device();
    if (!missing.empty()) return nullptr;
    set_numerics();
    auto device = std::make_unique<Device>();
    device->run(try_out);
    return device.release();
  } catch (const c10::Error& error) {
    missing = first_line(error.what_without_backtrace());
  } catch (const std::exception& error) {
    missing = first_line(error.what());
  }
  missing = "the GPU does not compute: " + missing;
  return nullptr;
}
