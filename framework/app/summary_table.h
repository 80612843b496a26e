#pragma once

#include "store/metrics.h"

#include <string>
#include <utility>
#include <vector>

namespace groklab {

// Names and values in two columns.
std::string two_columns(const std::vector<std::pair<std::string, std::string>>& rows);

// What a run came to, as a table for the terminal.
std::string summary_table(const Summary& summary);

}  // namespace groklab
