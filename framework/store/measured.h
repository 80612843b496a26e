#pragma once

#include "store/metrics.h"
#include "store/run_set.h"

#include <cstddef>
#include <filesystem>
#include <set>
#include <string>
#include <vector>

namespace groklab {

// The metrics of a run that can be relied on, and why there are no more of them.
struct MeasuredRows {
  std::vector<MetricsRow> rows;  // in the order of their steps
  std::string damage;            // empty: all is well
};

MeasuredRows read_measured_rows(const std::filesystem::path& run_folder);

// The cells that somebody works on who lives, or may live.
std::set<std::size_t> cells_at_work(const RunSet& runs);

}  // namespace groklab
