#pragma once

#include "spec/figures_section.h"

#include <vector>

namespace groklab {

// The kinds of figures of report/kinds.h, as specs may ask for them.
std::vector<FigureFacts> figure_facts();

}  // namespace groklab
