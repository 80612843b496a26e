#pragma once

#include "store/figure_request.h"

#include <string>
#include <vector>

namespace groklab {

// Figures as a command line asks for them, each "KIND key=value key=value", checked as those of a
// spec are. Throws Error with every mistake.
std::vector<FigureRequest> requested_figures(const std::vector<std::string>& arguments);

}  // namespace groklab
