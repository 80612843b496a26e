#pragma once

#include "host/catalog.h"
#include "spec/sweep.h"

#include <filesystem>
#include <string>
#include <vector>

namespace groklab {

// A spec and the plugins it may name.
struct LoadedExperiment {
  Catalog catalog;
  Experiment experiment;
};

// All cells of a spec, and the plugins they may name.
struct LoadedSweep {
  Catalog catalog;
  Sweep sweep;
};

// Reads and checks a spec with its overrides, against the schemas of the plugins it names. The
// spec's own folders of plugins (`plugins:`) are announced on standard error before one is loaded.
// Throws Error with every mistake found in any cell.
LoadedSweep load_sweep(const std::filesystem::path& spec, const std::vector<std::string>& overrides,
                       const std::vector<std::filesystem::path>& plugin_path);

// The rest of the spec: no plugin is loaded, so what sections give to plugins stays unchecked text.
Sweep load_sweep_without_plugins(const std::filesystem::path& spec,
                                 const std::vector<std::string>& overrides);

// The same as load_sweep for a spec of one cell. Error if there are more, with overrides that
// choose one.
LoadedExperiment load_experiment(const std::filesystem::path& spec,
                                 const std::vector<std::string>& overrides,
                                 const std::vector<std::filesystem::path>& plugin_path);

}  // namespace groklab
