#pragma once

#include "store/run_set.h"
#include "store/table_writer.h"

#include <cstddef>
#include <filesystem>
#include <string>
#include <vector>

namespace groklab {

struct WrittenResults {
  std::size_t cells = 0, rows = 0;   // of the two tables
  std::vector<std::string> damages;  // what could not be read, by run
  std::vector<std::filesystem::path> files;
};

// Writes two tables, read from the run folders as they are now; docs/reading_results.md has their
// columns.
//   cells:   a row a run, in the plan's order
//   metrics: a row an evaluation, in the order of the cells and their steps
// Of damaged metrics the rows before the damage are taken. `is_reproducible` leaves out what
// differs when the same runs are made again: times, machines, interruptions. Memory holds the
// metrics of one run at a time.
WrittenResults write_results(const RunSet& runs, bool is_reproducible, TableWriter& writer);

}  // namespace groklab
