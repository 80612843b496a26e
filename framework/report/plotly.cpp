#include "report/plotly.h"

#include "report/plotly_traces.h"

#include <algorithm>
#include <cmath>
#include <set>

namespace groklab {
namespace {

using Json = nlohmann::json;
using plotly::AxisNames;

// Shares of the width and of one row's height, for the numbers and labels between panels.
constexpr double kGapBetweenColumns = 0.09, kMoreForARightAxis = 0.07;
constexpr double kGapBetweenRows = 0.3;
constexpr double kColourBar = 0.02;
constexpr std::size_t kLongestCategory = 40;  // letters

// Those of panel i are x, y, x2, y2, …; right axes are counted on from there.
std::vector<AxisNames> axis_names(const Figure& figure) {
  std::vector<AxisNames> names;
  auto last = figure.panels.size();
  for (std::size_t i = 0; i < figure.panels.size(); ++i) {
    const auto suffix = i == 0 ? "" : std::to_string(i + 1);
    names.push_back({suffix, figure.panels[i].right ? std::to_string(++last) : ""});
  }
  return names;
}

bool has_shade(const Panel& panel) {
  return std::any_of(panel.series.begin(), panel.series.end(),
                     [](const Series& series) { return !series.shade.empty(); });
}

Json range(const Axis& axis) {
  const auto end = [&](const std::optional<double>& value) -> Json {
    if (!value || (axis.scale == Scale::log && *value <= 0)) return nullptr;
    return axis.scale == Scale::log ? std::log10(*value) : *value;
  };
  return {end(axis.from), end(axis.to)};
}

Json axis_layout(const Axis& axis) {
  Json json{{"title", {{"text", plotly::drawn(axis.label)}}},
            {"type", axis.scale == Scale::log ? "log" : "linear"},
            {"exponentformat", "power"},
            {"automargin", true}};
  if (axis.scale == Scale::category) {
    auto ticks = Json::array(), texts = Json::array();
    for (const auto& category : axis.categories) {
      ticks.push_back(ticks.size());
      texts.push_back(plotly::drawn(category, kLongestCategory));
    }
    json["range"] = {-0.5, static_cast<double>(axis.categories.size()) - 0.5};
    json.update({{"tickmode", "array"}, {"tickvals", ticks}, {"ticktext", texts}});
    json.update({{"zeroline", false}, {"showgrid", false}});
  } else if (const auto ends = range(axis); ends != Json{nullptr, nullptr}) {
    json["range"] = ends;
  }
  return json;
}

void add_axes(const Panel& panel, const AxisNames& names, Json& layout) {
  auto x = axis_layout(panel.x), y = axis_layout(panel.y);
  x["anchor"] = names.y();
  y["anchor"] = names.x();
  if (panel.is_square) {
    for (auto* axis : {&x, &y}) {
      axis->update({{"showticklabels", false}, {"showgrid", false}, {"zeroline", false}});
      axis->update({{"constrain", "domain"}, {"showline", false}, {"ticks", ""}});
    }
    y["scaleanchor"] = names.x();
  }
  layout["xaxis" + names.suffix] = std::move(x);
  layout["yaxis" + names.suffix] = std::move(y);
  if (!panel.right) return;
  auto right = axis_layout(*panel.right);
  right.update({{"anchor", names.x()}, {"overlaying", names.y()}, {"side", "right"}});
  right.update({{"showgrid", false}, {"zeroline", false}});
  layout["yaxis" + names.right_suffix] = std::move(right);
}

Json rule_shape(const Rule& rule, const AxisNames& names) {
  const auto colour = kPalette[rule.colour % kPalette.size()];
  Json shape{{"type", "line"}, {"line", {{"color", colour}, {"width", 1.5}, {"dash", "dot"}}}};
  if (!rule.label.empty()) {
    shape["label"] = {{"text", plotly::drawn(rule.label)},
                      {"textposition", "end"},
                      {"xanchor", "right"},
                      {"yanchor", "bottom"},
                      {"font", {{"color", colour}, {"size", 11}}}};
  }
  const auto* across = rule.is_vertical ? "x" : "y";
  const auto* along = rule.is_vertical ? "y" : "x";
  const auto key = [](const char* axis, const char* what) { return std::string(axis) + what; };
  shape[key(across, "ref")] = across + names.suffix;
  shape[key(across, "0")] = shape[key(across, "1")] = rule.at;
  shape[key(along, "ref")] = along + names.suffix + " domain";
  shape[key(along, "0")] = 0;
  shape[key(along, "1")] = 1;
  return shape;
}

void add_panel(const Panel& panel, const AxisNames& names, Json& layout) {
  add_axes(panel, names, layout);
  for (const auto& rule : panel.rules) {
    const auto& axis = rule.is_vertical ? panel.x : panel.y;
    if (axis.scale == Scale::log && rule.at <= 0) continue;
    layout["shapes"].push_back(rule_shape(rule, names));
  }
  if (!panel.title.empty()) {
    layout["annotations"].push_back({{"text", plotly::drawn(panel.title)},
                                     {"showarrow", false},
                                     {"font", {{"size", 13}}},
                                     {"xref", names.x() + " domain"},
                                     {"x", 0},
                                     {"xanchor", "left"},
                                     {"yref", names.y() + " domain"},
                                     {"y", 1},
                                     {"yanchor", "bottom"}});
  }
  if (!has_shade(panel)) return;
  auto scale = Json::array();
  for (std::size_t i = 0; i < kShades.size(); ++i) {
    scale.push_back({static_cast<double>(i) / (kShades.size() - 1), kShades[i]});
  }
  const Json title{{"text", plotly::drawn(panel.shade_label)}, {"side", "right"}};
  layout["coloraxis" + names.suffix] = {
      {"colorscale", scale},
      {"colorbar", {{"title", title}, {"thickness", 12}, {"outlinewidth", 0}, {"xpad", 4}}}};
}

// Where the panels are with that many columns, as Plotly.relayout takes it: {"xaxis.domain": …}.
Json placement(const Figure& figure, const std::vector<AxisNames>& names, std::size_t columns) {
  const auto as_number = [](std::size_t count) { return static_cast<double>(count); };
  const auto rows = (figure.panels.size() + columns - 1) / columns;
  double gap = columns > 1 ? kGapBetweenColumns : 0;
  bool has_bars = false;
  for (const auto& panel : figure.panels) {
    has_bars |= has_shade(panel);
    if (columns > 1 && (panel.right || has_shade(panel))) {
      gap = kGapBetweenColumns + kMoreForARightAxis;
    }
  }
  const double outside = has_bars && columns > 1 ? kMoreForARightAxis : 0;
  const double width = (1 - outside - gap * as_number(columns - 1)) / as_number(columns);
  const double height = 1 / (as_number(rows) + kGapBetweenRows * as_number(rows - 1));
  auto json = Json::object();
  for (std::size_t i = 0; i < figure.panels.size(); ++i) {
    const double left = as_number(i % columns) * (width + gap);
    const double top = 1 - as_number(i / columns) * height * (1 + kGapBetweenRows);
    const double bottom = std::max(0.0, top - height);
    json["xaxis" + names[i].suffix + ".domain"] = {left, std::min(1.0, left + width)};
    json["yaxis" + names[i].suffix + ".domain"] = {bottom, top};
    if (!has_shade(figure.panels[i])) continue;
    const auto bar = "coloraxis" + names[i].suffix + ".colorbar.";
    json[bar + "x"] = left + width + (columns > 1 ? kColourBar / as_number(columns) : kColourBar);
    json[bar + "y"] = (top + bottom) / 2;
    json[bar + "len"] = top - bottom;
  }
  return json;
}

// The axes that numbers are read from, each with the label that it has in common with its like.
Json numeric_axes(const Figure& figure, const std::vector<AxisNames>& names) {
  auto axes = Json::array();
  for (std::size_t i = 0; i < figure.panels.size(); ++i) {
    const auto& panel = figure.panels[i];
    if (panel.is_square) continue;
    const auto add = [&](const std::string& name, const Axis& axis) {
      if (axis.scale != Scale::category) axes.push_back({{"name", name}, {"label", axis.label}});
    };
    add("xaxis" + names[i].suffix, panel.x);
    add("yaxis" + names[i].suffix, panel.y);
    if (panel.right) add("yaxis" + names[i].right_suffix, *panel.right);
  }
  return axes;
}

}  // namespace

Json to_plotly(const Figure& figure) {
  const auto names = axis_names(figure);
  const auto columns = std::max<std::size_t>(1, std::min(figure.columns, figure.panels.size()));
  Json data = Json::array(), layout{{"shapes", Json::array()}, {"annotations", Json::array()}};
  std::set<std::string> in_legend;
  bool has_maps = false;
  for (std::size_t i = 0; i < figure.panels.size(); ++i) {
    add_panel(figure.panels[i], names[i], layout);
    plotly::add_traces(figure.panels[i], names[i], in_legend, data);
    has_maps |= figure.panels[i].is_square;
  }
  const auto places = placement(figure, names, columns);
  for (const auto& [path, value] : places.items()) {
    auto pointer = "/" + path;
    std::replace(pointer.begin(), pointer.end(), '.', '/');
    layout[Json::json_pointer(pointer)] = value;
  }
  layout["showlegend"] = !in_legend.empty();
  layout["hovermode"] = "closest";
  layout["barmode"] = "group";
  layout["meta"] = {{"rows", (figure.panels.size() + columns - 1) / columns},
                    {"columns", columns},
                    {"panels", figure.panels.size()},
                    {"has_maps", has_maps},
                    {"numeric_axes", numeric_axes(figure, names)},
                    {"one_column", placement(figure, names, 1)}};
  return {{"data", std::move(data)}, {"layout", std::move(layout)}};
}

}  // namespace groklab
