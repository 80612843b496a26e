// The file bin/groklab. It loads LibTorch, compares the version, and only then loads the rest of
// the program, the library libgroklab_program.so. Were it linked with LibTorch, the dynamic linker
// would end it with `symbol lookup error` before main() where LD_LIBRARY_PATH leads to another
// version.
#include "base/exit_codes.h"

#include <dlfcn.h>
#include <link.h>
#include <torch/version.h>

#include <cstdint>
#include <cstdio>

namespace {

using Main = int(int, char**);
using Version = std::uint64_t();  // the major number in the first byte, the minor one, the patch

constexpr const char* kWayOut =
    "take other folders out of LD_LIBRARY_PATH, or build groklab with that LibTorch";

// The file of a library that is loaded.
const char* path_of(void* library) {
  link_map* entry = nullptr;
  return ::dlinfo(library, RTLD_DI_LINKMAP, &entry) == 0 ? entry->l_name : "LibTorch";
}

int refuse(const char* what) {
  std::fprintf(stderr, "groklab needs LibTorch %s: %s; %s\n", TORCH_VERSION, what, kWayOut);
  return groklab::kUserMistake;
}

int refuse_version(void* libtorch, const char* version) {
  char text[4096];
  std::snprintf(text, sizeof text, "%s is of %s", path_of(libtorch), version);
  return refuse(text);
}

// Symbols are resolved now, so that a missing one is an error here and not the end of a run.
void* load(const char* library) { return ::dlopen(library, RTLD_NOW | RTLD_GLOBAL); }

// kDone, if the LibTorch that is found is the one that groklab was built with.
int check_libtorch() {
  void* libtorch = load("libtorch_cpu.so");
  if (libtorch == nullptr) return refuse(::dlerror());
  auto* version = reinterpret_cast<Version*>(::dlsym(libtorch, "aoti_torch_abi_version"));
  if (version == nullptr) return refuse_version(libtorch, "a version before 2.9");
  const auto number = version();
  const auto part = [&](int i) { return static_cast<int>(number >> (56 - 8 * i) & 0xff); };
  if (part(0) == TORCH_VERSION_MAJOR && part(1) == TORCH_VERSION_MINOR &&
      part(2) == TORCH_VERSION_PATCH) {
    return groklab::kDone;
  }
  char text[64];
  std::snprintf(text, sizeof text, "version %d.%d.%d", part(0), part(1), part(2));
  return refuse_version(libtorch, text);
}

}  // namespace

int main(int argc, char** argv) {
  if (const int code = check_libtorch(); code != groklab::kDone) return code;
  void* program = load("libgroklab_program.so");
  auto* run =
      program == nullptr ? nullptr : reinterpret_cast<Main*>(::dlsym(program, "groklab_main"));
  if (run == nullptr) {
    std::fprintf(stderr, "groklab is not installed whole: %s\n", ::dlerror());
    return groklab::kUserMistake;
  }
  return run(argc, argv);
}
