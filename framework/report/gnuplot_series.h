#pragma once

#include "report/gnuplot_layout.h"

#include <string>
#include <vector>

namespace groklab {

// The parts of a gnuplot script that draw the series of a panel.
struct DrawnSeries {
  std::string data;                         // here-documents, for before the first picture
  std::vector<std::string> elements;        // of one `plot` command, what is behind first
  std::vector<std::string> legend_entries;  // of the same command
  std::string labels;                       // commands, for before it
};

// `prefix` of the names of here-documents: "panel1".
DrawnSeries draw_series(const Panel& panel, const PanelLayout& layout, const std::string& prefix);

// "rgb '#0072B2'", or that colour half transparent.
std::string colour(std::size_t index, bool is_faint = false);

}  // namespace groklab
