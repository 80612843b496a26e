#include "train/run_facts.h"

#include "base/version.h"
#include "host/loaded_files.h"
#include "host/program_content.h"
#include "train/backends.h"

#include <ATen/Version.h>
#include <dlfcn.h>
#include <fmt/format.h>
#include <groklab/parallel.h>
#include <torch/version.h>

#include <cstdint>
#include <string>

namespace groklab {
namespace {

template <class Function>
Function* loaded_function(const char* name) {
  return reinterpret_cast<Function*>(::dlsym(RTLD_DEFAULT, name));
}

// The clone of a GROKLAB_VECTORIZED function that runs here.
std::string vector_instructions() {
#if defined(__x86_64__)
  if (__builtin_cpu_supports("x86-64-v4")) return "x86-64-v4";
  if (__builtin_cpu_supports("x86-64-v3")) return "x86-64-v3";
  return "x86-64";
#else
  return "aarch64";
#endif
}

// By which instructions MKL, a part of LibTorch, makes products, as a number of MKL's (its
// MKL_CBWR_… constants); empty: LibTorch has no MKL.
std::string mkl_branch() {
  const auto branch = loaded_function<int()>("mkl_serv_cbwr_get_auto_branch");
  return branch == nullptr ? "" : fmt::format(", MKL branch {}", branch());
}

// Of the library that is loaded, not of the headers that groklab was compiled with.
std::string libtorch_version() {
  const auto function = loaded_function<std::uint64_t()>("aoti_torch_abi_version");
  if (function == nullptr) return TORCH_VERSION;
  const auto version = function();
  return fmt::format("{}.{}.{}", version >> 56 & 0xff, version >> 48 & 0xff, version >> 40 & 0xff);
}

}  // namespace

nlohmann::ordered_json facts_of(const Trainer& trainer, std::size_t r) {
  const auto& split = trainer.splits().at(r);
  nlohmann::ordered_json facts{
      {"groklab", kVersion},
      {"build", program_content()},
      {"libtorch", libtorch_version()},
      {"libtorch_library", loaded_file("libtorch_cpu.so").string()},
      {"instructions", fmt::format("{}, LibTorch {}{}", vector_instructions(),
                                   at::get_cpu_capability(), mkl_branch())},
      {"device", device_name(trainer.backend())},
      {"execution", trainer.execution()},
      {"threads", thread_count()},
      {"pack_replicas", trainer.replicas()},
      {"parameters", trainer.components().layout->count()},
      {"train_rows", split.train.size()},
      {"val_rows", split.validation.size()},
      {"outliers", outliers(trainer.components().tables.at(r))},
      {"batch_size", trainer.sampler(r).batch_size()}};
  const auto backend = backend_content(trainer.backend());
  if (!backend.empty()) facts["backend"] = backend;
  return facts;
}

}  // namespace groklab
