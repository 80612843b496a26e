#pragma once

#include "report/figure.h"
#include "report/gnuplot_axes.h"

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

namespace groklab {

// Sizes of type in a figure, in pixels.
struct TypeSizes {
  double title = 14, panel_title = 12.5, label = 12, ticks = 11, legend = 10.5, rule = 9.5;
  double point_label = 9, caption = 10;
};
inline constexpr TypeSizes kType;

// In pixels from the upper left corner of the picture.
struct Box {
  double left = 0, top = 0, width = 0, height = 0;
  double right() const { return left + width; }
  double bottom() const { return top + height; }
};

// The label of a vertical rule, above the panel.
struct RuleLabel {
  std::string text;
  double x, y;  // of its left end and its middle
  std::size_t colour;
};

// Where the parts of a panel are.
struct PanelLayout {
  Box plot;  // between the axes
  Span x, y, right;
  Ticks x_ticks, y_ticks, right_ticks;
  std::vector<std::string> title, x_label, y_label, right_label, shade_label;
  std::vector<RuleLabel> rule_labels;
  std::vector<std::string> legend;           // names as they are shown, one a named series
  std::optional<std::string> legend_corner;  // "left top"; nullopt: beside the plot, at legend_left
  double legend_left = 0;
  std::optional<double> bar_left;  // of the colour bar
};

struct Layout {
  double width = 0, height = 0;
  std::vector<std::string> title, caption;
  double caption_top = 0;
  std::vector<PanelLayout> panels;
};

// Places everything such that nothing lies on anything else: margins as wide as their texts, panels
// of a column and of a row aligned, a legend in a corner that is free, else beside the plot.
Layout lay_out(const Figure& figure);

double line_height(double size);

}  // namespace groklab
