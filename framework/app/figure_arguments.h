#pragma once

#include "store/request.h"

#include <string>
#include <vector>

namespace groklab {

// Figures as a command line asks for them, each "KIND key=value key=value", checked as those of a
// spec are. Throws Error with every mistake.
std::vector<Request> requested_figures(const std::vector<std::string>& arguments);

}  // namespace groklab
