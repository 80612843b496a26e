#pragma once

#include "host/catalog.h"

#include <string>

namespace groklab {

// Of an operation as its default parameters make it; what it refuses them with if it does. Empty
// for other kinds, and where a parameter has no default.
std::string formula_of(const Library& library);

// The plugin's own line, or the formula of an operation that has none.
std::string summary_of(const Library& library);

}  // namespace groklab
