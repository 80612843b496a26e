#pragma once

#include "host/catalog.h"
#include "spec/experiment.h"

#include <filesystem>
#include <string>
#include <vector>

namespace groklab {

// A spec and the plugins it may name.
struct LoadedExperiment {
  Catalog catalog;
  Experiment experiment;
};

// Reads and checks a spec with its overrides, against the schemas of the plugins it names. Throws
// Error with every mistake found.
LoadedExperiment load_experiment(const std::filesystem::path& spec,
                                 const std::vector<std::string>& overrides,
                                 const std::vector<std::filesystem::path>& plugin_path);

}  // namespace groklab
