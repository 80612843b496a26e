#pragma once

#include "report/comparison.h"

#include <nlohmann/json.hpp>
#include <string>

namespace groklab {

// For the terminal: which folders, what they differ in, how many runs were paired, and a table of
// statistics a folder.
std::string comparison_text(const Comparison& comparison);

// The same numbers; null is what is not known, or a median that is never.
nlohmann::ordered_json comparison_json(const Comparison& comparison);

// The rows alone, as a table.
std::string comparison_csv(const Comparison& comparison);

}  // namespace groklab
