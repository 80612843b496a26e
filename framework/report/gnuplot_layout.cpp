#include "report/gnuplot_layout.h"

#include "report/gnuplot_occupancy.h"
#include "report/gnuplot_text.h"

#include <algorithm>
#include <tuple>
#include <utility>

namespace groklab {
namespace {

constexpr double kGap = 8;              // between parts
constexpr double kEdge = 12;            // of the picture
constexpr double kSample = 34;          // of a line in the legend
constexpr double kWidestName = 260;     // in the legend
constexpr double kWidestWord = 200;     // of a category
constexpr double kBar = 14;             // the colour bar's width
constexpr double kCategoryHeight = 24;  // of a y axis

// Around a plot.
struct Margins {
  double left = 0, right = 0, top = 0, bottom = 0;

  void include(const Margins& other) {
    left = std::max(left, other.left);
    right = std::max(right, other.right);
    top = std::max(top, other.top);
    bottom = std::max(bottom, other.bottom);
  }
};

double lines_height(const std::vector<std::string>& lines, double size) {
  return static_cast<double>(lines.size()) * line_height(size);
}

// Of the plot, without what is around it.
std::pair<double, double> plot_size(const Panel& panel, std::size_t columns) {
  const double width = columns == 1 ? 460 : columns == 2 ? 380 : 300;
  if (panel.is_square) return {width * 0.9, width * 0.9};
  const auto categories = [](const Axis& axis) {
    return axis.scale == Scale::category ? static_cast<double>(axis.categories.size()) : 0;
  };
  const double height = columns == 1 ? 280 : columns == 2 ? 240 : 210;
  return {std::max(width, 18 * categories(panel.x)),
          categories(panel.y) > 0 ? std::max(90.0, kCategoryHeight * categories(panel.y)) : height};
}

bool has_shades(const Panel& panel) {
  return std::any_of(panel.series.begin(), panel.series.end(),
                     [](const Series& series) { return !series.shade.empty(); });
}

double legend_width(const std::vector<std::string>& names) {
  double widest = 0;
  for (const auto& name : names) widest = std::max(widest, text_width(name, kType.legend));
  return kSample + kGap + widest + kGap;
}

double legend_height(const std::vector<std::string>& names) {
  return lines_height(names, kType.legend) + kGap;
}

// Ends of labels of vertical rules, in rows above the plot such that none meets another.
void place_rule_labels(const Panel& panel, PanelLayout& layout) {
  std::vector<std::vector<std::pair<double, double>>> rows;
  for (const auto& rule : panel.rules) {
    if (!rule.is_vertical || rule.label.empty() || !layout.x.has_place(rule.at)) continue;
    const double share = layout.x.place(rule.at);
    if (share < 0 || share > 1) continue;
    const auto text = shortened(rule.label, layout.plot.width, kType.rule);
    const double width = text_width(text, kType.rule);
    const double left = std::clamp(layout.plot.width * share - width / 2, 0.0,
                                   std::max(0.0, layout.plot.width - width));
    std::size_t row = 0;
    const auto is_free = [&](const std::pair<double, double>& other) {
      return left > other.second + kGap || left + width < other.first - kGap;
    };
    while (row < rows.size() && !std::all_of(rows[row].begin(), rows[row].end(), is_free)) ++row;
    if (row == rows.size()) rows.emplace_back();
    rows[row].emplace_back(left, left + width);
    const double height = line_height(kType.rule);
    layout.rule_labels.push_back({text, left, -height * (static_cast<double>(row) + 0.6),
                                  rule.colour});  // of the plot's corner; moved with it
  }
}

double rule_rows_height(const PanelLayout& layout) {
  double height = 0;
  for (const auto& label : layout.rule_labels) {
    height = std::max(height, line_height(kType.rule) * 0.5 - label.y);
  }
  return height;
}

// A corner of the plot in which the legend meets nothing.
std::optional<std::string> free_corner(const Panel& panel, const PanelLayout& layout) {
  const auto& plot = layout.plot;
  const double width = legend_width(layout.legend), height = legend_height(layout.legend);
  if (width > plot.width * 0.6 || height > plot.height * 0.6) return std::nullopt;
  const double right = plot.right() - width - kGap / 2, bottom = plot.bottom() - height - kGap / 2;
  const double left = plot.left + kGap / 2, top = plot.top + kGap / 2;
  const std::pair<const char*, Box> corners[]{{"left top", {left, top, width, height}},
                                              {"right top", {right, top, width, height}},
                                              {"right bottom", {right, bottom, width, height}},
                                              {"left bottom", {left, bottom, width, height}}};
  for (const auto& [name, box] : corners) {
    if (!is_occupied(panel, layout, box)) return name;
  }
  return std::nullopt;
}

// All but the place in the picture; the plot's upper left corner is at (0, 0).
PanelLayout measure(const Panel& panel, std::size_t columns) {
  PanelLayout layout;
  std::tie(layout.plot.width, layout.plot.height) = plot_size(panel, columns);
  const auto& [left, top, width, height] = layout.plot;
  layout.x = span_of(panel, Side::x);
  layout.y = span_of(panel, Side::y);
  if (panel.is_square) make_square(layout.x, layout.y);
  layout.x_ticks = ticks_of(panel.x, layout.x, "x", width, kType.ticks, kWidestWord);
  layout.y_ticks = ticks_of(panel.y, layout.y, "y", height, kType.ticks, kWidestWord);
  layout.x_label = wrapped(panel.x.label, width + 40, kType.label, 3);
  layout.y_label = wrapped(panel.y.label, height + 30, kType.label, 3);
  if (panel.right) {
    layout.right = span_of(panel, Side::right);
    layout.right_ticks =
        ticks_of(*panel.right, layout.right, "y2", height, kType.ticks, kWidestWord);
    layout.right_label = wrapped(panel.right->label, height + 30, kType.label, 3);
  }
  layout.title = wrapped(panel.title, width, kType.panel_title, 3);
  if (has_shades(panel)) {
    layout.bar_left = 0;
    layout.shade_label = wrapped(panel.shade_label, height, kType.label, 2);
  }
  place_rule_labels(panel, layout);
  for (const auto& series : panel.series) {
    if (!series.name.empty()) {
      layout.legend.push_back(shortened(series.name, kWidestName, kType.legend));
    }
  }
  if (!layout.legend.empty()) layout.legend_corner = free_corner(panel, layout);
  return layout;
}

// Sets where bar and legend are, from the plot's right edge.
Margins margins_of(const Panel& panel, PanelLayout& layout) {
  Margins margins;
  const double y_ticks = panel.is_square ? 0 : layout.y_ticks.widest + kGap;
  margins.left = kGap + lines_height(layout.y_label, kType.label) + y_ticks + kGap / 2;
  margins.top = lines_height(layout.title, kType.panel_title) + rule_rows_height(layout) + kGap;
  const double x_words = layout.x_ticks.is_rotated ? layout.x_ticks.widest * 0.71 + kType.ticks
                                                   : line_height(kType.ticks);
  margins.bottom =
      (panel.is_square ? 0 : x_words) + lines_height(layout.x_label, kType.label) + 2 * kGap;
  double right = 0;
  if (panel.right) {
    right +=
        layout.right_ticks.widest + kGap + lines_height(layout.right_label, kType.label) + kGap;
  }
  if (layout.bar_left) {
    layout.bar_left = right + kGap;
    right += 2 * kGap + kBar + text_width("0.00000", kType.ticks) +
             lines_height(layout.shade_label, kType.label);
  }
  if (!layout.legend.empty() && !layout.legend_corner) {
    layout.legend_left = right + kGap;
    right += kGap + legend_width(layout.legend);
    margins.bottom =
        std::max(margins.bottom, legend_height(layout.legend) - layout.plot.height + kGap);
  }
  margins.right = std::max(right + kGap, 2 * kGap);
  return margins;
}

// A row or a column of panels: all have its size.
struct Track {
  double before = 0, plot = 0, after = 0;
  double size() const { return before + plot + after; }
};

void include(Track& track, double before, double plot, double after) {
  track.before = std::max(track.before, before);
  track.plot = std::max(track.plot, plot);
  track.after = std::max(track.after, after);
}

// Moves a panel, and what was measured from its plot's corner and right edge, into the picture.
void move_to(PanelLayout& layout, double left, double top) {
  layout.plot.left = left;
  layout.plot.top = top;
  for (auto& label : layout.rule_labels) {
    label.x += left;
    label.y += top;
  }
  layout.legend_left += layout.plot.right();
  if (layout.bar_left) *layout.bar_left += layout.plot.right();
}

}  // namespace

double line_height(double size) { return 1.3 * size; }

Layout lay_out(const Figure& figure) {
  Layout layout;
  const auto columns =
      std::clamp<std::size_t>(figure.columns, 1, std::max<std::size_t>(1, figure.panels.size()));
  std::vector<Track> across(columns), down((figure.panels.size() + columns - 1) / columns);
  for (std::size_t i = 0; i < figure.panels.size(); ++i) {
    auto& panel = layout.panels.emplace_back(measure(figure.panels[i], columns));
    const auto margins = margins_of(figure.panels[i], panel);
    include(across[i % columns], margins.left, panel.plot.width, margins.right);
    include(down[i / columns], margins.top, panel.plot.height, margins.bottom);
  }
  layout.width = 2 * kEdge;
  for (const auto& track : across) layout.width += track.size();
  layout.title = wrapped(figure.title, layout.width - 2 * kEdge, kType.title, 4);
  double top = kEdge + lines_height(layout.title, kType.title);
  for (std::size_t row = 0; row < down.size(); ++row) {
    double left = kEdge;
    for (std::size_t i = row * columns; i < std::min((row + 1) * columns, figure.panels.size());
         ++i) {
      const auto& track = across[i - row * columns];
      move_to(layout.panels[i], left + track.before, top + down[row].before);
      left += track.size();
    }
    top += down[row].size();
  }
  layout.caption = wrapped(figure.caption, layout.width - 2 * kEdge, kType.caption, 40);
  layout.caption_top = top + kGap / 2;
  layout.height = layout.caption_top + lines_height(layout.caption, kType.caption) + kEdge;
  return layout;
}

}  // namespace groklab
