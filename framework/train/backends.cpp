#include "train/backends.h"

#include "operators/replay.h"

#include <groklab/params.h>
#include <spdlog/spdlog.h>

namespace groklab {
namespace {

constexpr const char* kCuda = "cuda";

// A plugin's backend, or why there is none.
struct Found {
  std::shared_ptr<Backend> backend;
  std::string problem;
};

Found find_cuda(const Catalog& catalog) {
  try {
    const auto schema = schema_of(catalog.find(Backend::kKind, kCuda));
    std::shared_ptr<Backend> backend =
        catalog.create<Backend>(kCuda, Params::from_defaults(schema, {}));
    const auto missing = backend->missing();
    if (missing.empty()) return {backend, ""};
    return {nullptr, missing};
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
  if (device == "cpu-replay") found.backend = std::make_shared<ReplayBackend>();
  if (device == kCuda || device == "auto") found = find_cuda(catalog);
  if (device == kCuda && !found.backend) {
    refuse(experiment, "device", found.problem + "; device cpu needs nothing");
  }
  if (device == "auto" && !found.backend) spdlog::debug("no CUDA: {}", found.problem);
  if (experiment.general.text("precision") == "tf32") {
    if (!found.backend || found.backend->device().is_cpu()) {
      refuse(experiment, "precision", "tf32 is there on device cuda only; use float32");
    }
    found.backend->use_tf32();
  }
  return found.backend;
}

std::string device_name(const Backend* backend) {
  return backend == nullptr ? "cpu" : backend->description();
}

}  // namespace groklab
