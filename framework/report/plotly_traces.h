#pragma once

#include "report/figure.h"

#include <nlohmann/json.hpp>

#include <set>
#include <string>
#include <vector>

namespace groklab::plotly {

// A text as it stands in a figure: what Plotly would read as HTML is escaped, and what would leave
// no room for the figure is cut after so many letters.
std::string drawn(const std::string& text, std::size_t longest = 80);

// What a panel's axes are called: "x2", "y2", and the one on the right "y5".
struct AxisNames {
  std::string suffix, right_suffix;

  std::string x() const { return "x" + suffix; }
  std::string y() const { return "y" + suffix; }
  std::string right() const { return "y" + right_suffix; }
};

// Adds the traces of a panel to `data`. A name is in the legend once; `in_legend` has those that
// are. What is drawn of a series, and series of the same name, go and come together there.
void add_traces(const Panel& panel, const AxisNames& names, std::set<std::string>& in_legend,
                nlohmann::json& data);

}  // namespace groklab::plotly
