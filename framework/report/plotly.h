#pragma once

#include "report/figure.h"

#include <nlohmann/json.hpp>

namespace groklab {

// A figure as Plotly.js takes it: {"data": [traces], "layout": {…}}. Colours of text, grid and
// ground are left to the page, which knows whether it is light or dark.
nlohmann::json to_plotly(const Figure& figure);

}  // namespace groklab
