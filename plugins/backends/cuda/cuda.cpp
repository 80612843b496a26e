// An NVIDIA GPU, with LibTorch's CUDA libraries and CUDA graphs.
//
// All that needs those libraries is in device/, a library of its own. They take seconds to load and
// are not on every machine, but this file is loaded on every machine, and says what is missing.
#include "device/entry.h"

#include <dlfcn.h>

#include <filesystem>

namespace {

using groklab::Recording;

// The library stays loaded for the life of the process, as plugins do.
void* load(const std::string& name) { return ::dlopen(name.c_str(), RTLD_NOW | RTLD_LOCAL); }

// lib/groklab/libgroklab_cuda.so, seen from lib/groklab/plugins/backends/cuda.so.
std::filesystem::path device_library() {
  static const char inside_of_this_library = 0;
  Dl_info self{};
  ::dladdr(&inside_of_this_library, &self);
  const auto folder = std::filesystem::path(self.dli_fname).parent_path();
  return (folder / "../../libgroklab_cuda.so").lexically_normal();
}

class Cuda final : public groklab::Backend {
 public:
  Cuda() : missing_(find_device()) {}

  std::string missing() const override { return missing_; }
  torch::Device device() const override { return device_->device(); }
  std::string description() const override { return device_->description(); }
  void use_tf32(bool use) override { device_->use_tf32(use); }
  void run(const std::function<void()>& work) override { device_->run(work); }
  std::unique_ptr<Recording> record(const std::function<void()>& work) override {
    return device_->record(work);
  }
  void wait() override { device_->wait(); }
  bool chooses_by_speed() const override { return device_->chooses_by_speed(); }
  std::optional<std::int64_t> peak_bytes() const override { return device_->peak_bytes(); }

 private:
  // Returns what is missing. The driver comes first: without it nothing of LibTorch is loaded.
  std::string find_device() {
    if (load("libcuda.so.1") == nullptr) {
      return std::string("no NVIDIA driver (") + ::dlerror() +
             "); install it, or compute on the CPU";
    }
    const auto file = device_library();
    const std::string way_out = "; run scripts/setup --cuda and build again";
    if (!std::filesystem::exists(file)) {
      return "this groklab was built without CUDA: there is no " + file.string() + way_out;
    }
    void* library = load(file.string());
    if (library == nullptr) return "CUDA cannot be loaded: " + std::string(::dlerror()) + way_out;
    void* make = ::dlsym(library, "groklab_cuda_backend");
    if (make == nullptr) return file.string() + " is of another groklab" + way_out;

    std::string missing;
    device_.reset(reinterpret_cast<decltype(&groklab_cuda_backend)>(make)(missing));
    return missing;
  }

  std::unique_ptr<groklab::Backend> device_;  // null if something is missing
  std::string missing_;
};

}  // namespace

GROKLAB_PLUGIN(groklab::Backend, Cuda, "cuda", "an NVIDIA GPU, steps recorded as CUDA graphs")
