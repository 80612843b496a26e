#pragma once

#include "store/metrics.h"

#include <cstddef>
#include <string>
#include <utility>
#include <vector>

namespace groklab {

// Names and values in two columns.
std::string two_columns(const std::vector<std::pair<std::string, std::string>>& rows);

// Cells in columns, each as wide as its widest, two spaces before each; the first `left` columns
// are aligned to the left, the others to the right. All rows have as many cells.
std::string columns_text(const std::vector<std::vector<std::string>>& rows, std::size_t left = 1);

// What a run came to, as a table for the terminal.
std::string summary_table(const Summary& summary);

}  // namespace groklab
