#pragma once

#include "store/sweep_plan.h"

#include <cstddef>
#include <filesystem>

namespace groklab {

// Runs whose results are read together: those of a sweep, or a single one as a plan of one cell.
struct RunSet {
  std::filesystem::path path;
  SweepPlan plan;
  bool is_sweep = true;

  std::filesystem::path folder_of(std::size_t cell) const;
};

// Throws Error if there is neither a sweep nor a run, or if plan.json or the single run.json is
// damaged.
RunSet read_run_set(const std::filesystem::path& path);

}  // namespace groklab
