#pragma once

#include "report/gnuplot_layout.h"

namespace groklab {

// Whether lines, points, bars, bands or rules of a panel come into a part of its plot.
bool is_occupied(const Panel& panel, const PanelLayout& layout, const Box& part);

}  // namespace groklab
