#include "train/backends.h"

#include "operators/replay.h"

#include <groklab/params.h>
#include <spdlog/spdlog.h>

#include <cstdlib>
#include <map>

namespace groklab {
namespace {

constexpr const char* kCuda = "cuda";

// A plugin's backend, or why there is none.
struct Found {
  std::shared_ptr<Backend> backend;
  std::string problem;
};

// By their libraries. One for the process, as it is the device. Never destroyed: at the end of the
// process the device's libraries may go before it.
std::map<const Library*, Found>& made_backends() {
  static auto& made = *new std::map<const Library*, Found>;
  return made;
}

Found make_once(const Catalog& catalog, const Library& library) {
  auto& made = made_backends();
  if (const auto known = made.find(&library); known != made.end()) return known->second;
  const auto params = Params::from_defaults(schema_of(library), {});
  Found found{catalog.create<Backend>(library.descriptor->name, params), ""};
  found.problem = found.backend->missing();
  if (!found.problem.empty()) found.backend = nullptr;
  return made.emplace(&library, found).first->second;
}

Found find_backend(const Catalog& catalog, const std::string& name) {
  try {
    return make_once(catalog, catalog.find(Backend::kKind, name));
  } catch (const Error& error) {
    return {nullptr, error.what()};
  }
}

[[noreturn]] void refuse(const Experiment& experiment, const std::string& key,
                         const std::string& problem) {
  Problems problems;
  problems.add(experiment.general.at(key).mark, key, problem);
  problems.throw_if_any();
  std::abort();  // there is one
}

}  // namespace

std::shared_ptr<Backend> choose_backend(const Catalog& catalog, const Experiment& experiment) {
  const auto device = experiment.general.text("device");
  Found found;
  if (device == "cpu-replay") {
    found.backend = std::make_shared<ReplayBackend>();
  } else if (device == "auto") {
    found = find_backend(catalog, kCuda);
    if (!found.backend) spdlog::debug("no CUDA: {}", found.problem);
  } else if (device != "cpu") {
    found = find_backend(catalog, device);
    if (!found.backend) refuse(experiment, "device", found.problem + "; device cpu needs nothing");
  }
  const bool tf32 = experiment.general.text("precision") == "tf32";
  if (tf32 && (!found.backend || found.backend->device().is_cpu())) {
    refuse(experiment, "precision", "tf32 is there on device cuda only; use float32");
  }
  if (found.backend) found.backend->use_tf32(tf32);
  return found.backend;
}

std::string backend_content(const Backend* backend) {
  for (const auto& [library, found] : made_backends()) {
    if (backend != nullptr && found.backend.get() == backend) return library->content;
  }
  return "";
}

std::string device_name(const Backend* backend) {
  return backend == nullptr ? "cpu" : backend->description();
}

}  // namespace groklab
