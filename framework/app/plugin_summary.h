#pragma once

#include "host/library.h"

#include <string>

namespace groklab {

// What a plugin is, in one line: its own, or the formula of an operation that has none.
std::string summary_of(const Library& library);

}  // namespace groklab
