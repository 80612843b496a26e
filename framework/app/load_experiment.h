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

// Reads and checks a spec with its overrides, against the schemas of the plugins it names. Throws
// Error with every mistake found in any cell.
LoadedSweep load_sweep(const std::filesystem::path& spec, const std::vector<std::string>& overrides,
                       const std::vector<std::filesystem::path>& plugin_path);

// The same for a spec of one cell. Error if there are more, with overrides that choose one.
LoadedExperiment load_experiment(const std::filesystem::path& spec,
                                 const std::vector<std::string>& overrides,
                                 const std::vector<std::filesystem::path>& plugin_path);

}  // namespace groklab
