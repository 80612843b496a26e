#pragma once

#include "store/run_set.h"
#include "store/sweep_state.h"

#include <cstddef>
#include <nlohmann/json.hpp>
#include <string>

namespace groklab {

// "24 runs: 12 done, 8 running, 4 waiting; 1204.5 steps/s, 0:42 left".
std::string sweep_line(const SweepState& state);

// The folder of a run and its coordinates as a command line says them: "runs/a/cells/01 seed=3".
std::string cell_text(const RunSet& runs, std::size_t cell);

// The end of a list of which only the first `shown` are named: "  and 3 more"; empty if all are.
std::string rest_text(std::size_t all, std::size_t shown);

// How far the runs are, as a text of some lines: counts, who is at work on what, what failed and
// why. Long lists are cut short.
std::string sweep_status_text(const RunSet& runs, const SweepState& state);

// The same, whole, with the state of every cell.
nlohmann::ordered_json sweep_status_json(const RunSet& runs, const SweepState& state);

}  // namespace groklab
