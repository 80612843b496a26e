#pragma once

#include "app/load_experiment.h"

#include <CLI/CLI.hpp>

#include <cstddef>
#include <filesystem>
#include <string>
#include <vector>

namespace groklab {

// What to train, as `run`, `plan` and `slurm` are told it.
struct SweepOptions {
  std::filesystem::path spec;
  std::vector<std::string> overrides;  // with the one that --device is short for
  std::vector<std::filesystem::path> plugin_path;
  std::size_t pack = 16;
};

// SPEC, OVERRIDES, --device, --plugin-path and --pack. `options` must outlive the parsing.
void add_sweep_options(CLI::App& command, SweepOptions& options);

// --device adds its override to those that an option before it read.
void add_device_option(CLI::App& command, std::vector<std::string>& overrides);

void add_pack_option(CLI::App& command, std::size_t& pack);

// --retry failed sets `retry_failed`.
void add_retry_option(CLI::App& command, bool& retry_failed);

LoadedSweep load_sweep(const SweepOptions& options);

}  // namespace groklab
