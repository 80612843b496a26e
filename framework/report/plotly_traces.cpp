#include "report/plotly_traces.h"

#include "base/text.h"

#include <fmt/format.h>

#include <cmath>

namespace groklab::plotly {
namespace {

using Json = nlohmann::json;

constexpr double kFaint = 0.35, kBand = 0.18;  // opacities

Json number(double value) { return std::isfinite(value) ? Json(value) : Json(nullptr); }

Json numbers(const std::vector<double>& values) {
  auto json = Json::array();
  for (const double value : values) json.push_back(number(value));
  return json;
}

const char* colour_of(const Series& series) { return kPalette[series.colour % kPalette.size()]; }

// "#0072B2" → "rgba(0,114,178,0.18)".
std::string transparent(const char* colour) {
  const auto rgb = std::stoul(colour + 1, nullptr, 16);
  return fmt::format("rgba({},{},{},{})", rgb >> 16, rgb >> 8 & 255, rgb & 255, kBand);
}

bool is_line(const Series& series) {
  return series.mark == SeriesMark::line || series.mark == SeriesMark::line_and_points;
}

bool has_band(const Panel& panel, const Series& series) {
  return is_line(series) && !series.low.empty() && panel.y.scale != Scale::category;
}

// 1000000, 0.0123457, or the name of a category.
std::string read_out(const Axis& axis, double value) {
  if (!std::isfinite(value)) return "none";
  if (axis.scale == Scale::category) {
    const auto i = static_cast<std::size_t>(std::max(0.0, std::round(value)));
    if (i < axis.categories.size()) return axis.categories[i];
  }
  const bool is_integer = value == std::round(value) && std::abs(value) < 1e15;
  return is_integer ? fmt::format("{:.0f}", value) : fmt::format("{:.6g}", value);
}

const Axis& y_axis(const Panel& panel, const Series& series) {
  return series.is_on_right && panel.right ? *panel.right : panel.y;
}

// Whether it is along x that the truth lies beyond value i, if it is a bound.
bool is_bound_sideways(const Panel& panel, const Series& series, std::size_t i) {
  return panel.y.scale == Scale::category ||
         (i < series.is_bound_of_x.size() && series.is_bound_of_x[i]);
}

// What is said of value i under the pointer.
std::string hover_text(const Panel& panel, const Series& series, std::size_t i) {
  std::string text = series.name.empty() ? "" : "<b>" + escape_markup(series.name) + "</b><br>";
  const auto say = [&](const std::string& label, const std::string& value) {
    text += escape_markup(label.empty() ? value : label + ": " + value) + "<br>";
  };
  if (i < series.labels.size()) say("", series.labels[i]);
  const auto& y = y_axis(panel, series);
  const bool is_bound = i < series.is_bound.size() && series.is_bound[i];
  const bool is_sideways = is_bound_sideways(panel, series, i);
  const auto measured = [&](const Axis& axis, double value, bool is_measure) {
    say(axis.label, (is_bound && is_measure ? "beyond " : "") + read_out(axis, value));
  };
  if (!panel.is_square) {
    measured(panel.x, series.x[i], is_sideways);
    measured(y, series.y[i], !is_sideways);
  }
  if (i < series.low.size() && std::isfinite(series.low[i]) && std::isfinite(series.high[i])) {
    const auto& axis = panel.y.scale == Scale::category ? panel.x : y;
    say("interval", read_out(axis, series.low[i]) + " to " + read_out(axis, series.high[i]));
  }
  if (i < series.shade.size()) say(panel.shade_label, read_out({}, series.shade[i]));
  return text.substr(0, text.rfind("<br>"));
}

Json whiskers(const std::vector<double>& values, const Series& series) {
  auto up = Json::array(), down = Json::array();
  for (std::size_t i = 0; i < series.low.size(); ++i) {
    up.push_back(number(series.high[i] - values[i]));
    down.push_back(number(values[i] - series.low[i]));
  }
  return {{"type", "data"},     {"symmetric", false},         {"array", up},
          {"arrayminus", down}, {"color", colour_of(series)}, {"thickness", 1.5},
          {"width", 4}};
}

Json marker(const Panel& panel, const AxisNames& names, const Series& series) {
  Json json{{"color", colour_of(series)}, {"size", series.mark == SeriesMark::points ? 8 : 5}};
  if (!series.shade.empty()) {
    json["color"] = numbers(series.shade);
    json["coloraxis"] = "coloraxis" + names.suffix;
  }
  if (!series.is_bound.empty()) {
    auto symbols = Json::array(), sizes = Json::array();
    for (std::size_t i = 0; i < series.is_bound.size(); ++i) {
      const auto* beyond =
          is_bound_sideways(panel, series, i) ? "triangle-right-open" : "triangle-up-open";
      symbols.push_back(series.is_bound[i] ? beyond : "circle");
      sizes.push_back(series.is_bound[i] ? 11 : 7);
    }
    json.update({{"symbol", symbols}, {"size", sizes}});
  }
  return json;
}

// One outline for each part without gaps: along `high`, and back along `low`.
Json band(const Series& series) {
  auto x = Json::array(), y = Json::array();
  const auto is_there = [&](std::size_t i) {
    return std::isfinite(series.x[i]) && std::isfinite(series.low[i]) &&
           std::isfinite(series.high[i]);
  };
  for (std::size_t i = 0; i < series.low.size(); ++i) {
    if (!is_there(i)) continue;
    auto end = i;
    while (end < series.low.size() && is_there(end)) ++end;
    if (!x.empty()) x.push_back(nullptr), y.push_back(nullptr);
    for (auto j = i; j < end; ++j) x.push_back(series.x[j]), y.push_back(series.high[j]);
    for (auto j = end; j-- > i;) x.push_back(series.x[j]), y.push_back(series.low[j]);
    i = end;
  }
  return {{"type", "scatter"},
          {"mode", "lines"},
          {"x", x},
          {"y", y},
          {"fill", "toself"},
          {"fillcolor", transparent(colour_of(series))},
          {"line", {{"width", 0}}},
          {"hoverinfo", "skip"},
          {"showlegend", false}};
}

Json scatter(const Panel& panel, const AxisNames& names, const Series& series) {
  std::string mode = is_line(series) ? "lines" : "markers";
  if (series.mark == SeriesMark::line_and_points) mode += "+markers";
  Json json{{"type", "scatter"},
            {"line", {{"color", colour_of(series)}, {"width", series.is_faint ? 1 : 2}}},
            {"marker", marker(panel, names, series)}};
  if (series.is_dashed) json["line"]["dash"] = "dash";
  if (!series.labels.empty() && series.shows_labels) {
    mode += "+text";
    json["text"] = Json::array();
    for (const auto& label : series.labels) json["text"].push_back(drawn(label));
    json.update({{"textposition", "top center"}, {"textfont", {{"size", 10}}}});
    json["cliponaxis"] = false;
  }
  json["mode"] = mode;
  return json;
}

Json bars(const Panel& panel, const AxisNames& names, const Series& series) {
  auto colours = marker(panel, names, series);
  colours.erase("size");
  colours.erase("symbol");
  return {{"type", "bar"},
          {"orientation", panel.y.scale == Scale::category ? "h" : "v"},
          {"marker", colours}};
}

Json trace(const Panel& panel, const AxisNames& names, const Series& series) {
  auto json =
      series.mark == SeriesMark::bars ? bars(panel, names, series) : scatter(panel, names, series);
  json.update({{"x", numbers(series.x)}, {"y", numbers(series.y)}, {"hoverinfo", "text"}});
  json["hovertext"] = Json::array();
  for (std::size_t i = 0; i < series.x.size(); ++i) {
    json["hovertext"].push_back(hover_text(panel, series, i));
  }
  if (series.is_faint) json["opacity"] = kFaint;
  if (!series.low.empty() && !has_band(panel, series)) {
    const bool is_sideways = panel.y.scale == Scale::category;
    json[is_sideways ? "error_x" : "error_y"] = whiskers(is_sideways ? series.x : series.y, series);
  }
  return json;
}

// A series without a name goes with the one series of its colour that has one.
std::string group_of(const Panel& panel, const Series& series) {
  if (!series.name.empty()) return series.name;
  std::set<std::string> names;
  for (const auto& other : panel.series) {
    if (other.colour == series.colour && !other.name.empty()) names.insert(other.name);
  }
  return names.size() == 1 ? *names.begin() : "";
}

}  // namespace

std::string drawn(const std::string& text, std::size_t longest) {
  std::size_t end = 0, letters = 0;
  for (; end < text.size(); ++end) {
    const bool starts_letter = (text[end] & 0xC0) != 0x80;  // of UTF-8
    if (starts_letter && ++letters > longest) break;
  }
  return escape_markup(text.substr(0, end)) + (end < text.size() ? "…" : "");
}

void add_traces(const Panel& panel, const AxisNames& names, std::set<std::string>& in_legend,
                Json& data) {
  for (const auto& series : panel.series) {
    auto json = trace(panel, names, series);
    json["name"] = drawn(series.name);
    json["showlegend"] = !series.name.empty() && in_legend.insert(series.name).second;
    std::vector<Json> traces;
    if (has_band(panel, series)) traces.push_back(band(series));
    traces.push_back(std::move(json));
    for (auto& part : traces) {
      part["xaxis"] = names.x();
      part["yaxis"] = series.is_on_right && panel.right ? names.right() : names.y();
      const auto group = group_of(panel, series);
      if (!group.empty()) part["legendgroup"] = escape_markup(group);
      data.push_back(std::move(part));
    }
  }
}

}  // namespace groklab::plotly
