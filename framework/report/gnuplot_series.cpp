#include "report/gnuplot_series.h"

#include "report/gnuplot_text.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <numeric>

namespace groklab {
namespace {

constexpr double kFilled = 0.8;  // of the room between two bars

using Row = std::vector<double>;

// Bars of several series at one place are beside each other.
struct BarPlaces {
  double width = 1;       // of one
  std::size_t count = 0;  // series with bars
};

BarPlaces bar_places(const Panel& panel) {
  BarPlaces places;
  std::vector<double> positions;
  const bool along_x = is_horizontal(panel);
  for (const auto& series : panel.series) {
    if (series.mark != SeriesMark::bars) continue;
    ++places.count;
    const auto& more = along_x ? series.y : series.x;
    positions.insert(positions.end(), more.begin(), more.end());
  }
  std::erase_if(positions, [](double position) { return !std::isfinite(position); });
  std::sort(positions.begin(), positions.end());
  double gap = 0;
  for (std::size_t i = 1; i < positions.size(); ++i) {
    const double between = positions[i] - positions[i - 1];
    if (between > 0 && (gap == 0 || between < gap)) gap = between;
  }
  const bool has_words = (along_x ? panel.y : panel.x).scale == Scale::category;
  if (gap == 0 || has_words) gap = 1;
  if (places.count > 0) places.width = kFilled * gap / static_cast<double>(places.count);
  return places;
}

// One series: its here-documents and what draws them.
class SeriesScript {
 public:
  SeriesScript(const Panel& panel, const PanelLayout& layout, const Series& series,
               std::string name)
      : layout_(layout),
        series_(series),
        y_(value_side(panel, series) == Side::right ? layout.right : layout.y),
        axes_(value_side(panel, series) == Side::right ? " axes x1y2" : ""),
        name_(std::move(name)),
        along_x_(is_horizontal(panel)) {}

  std::string data;
  std::vector<std::string> bands, marks;

  void draw(double shift, double bar_width) {
    shift_ = shift;
    if (series_.mark == SeriesMark::bars) draw_bars(bar_width);
    if (is_line()) draw_band();
    if (!is_line()) draw_whiskers();
    if (is_line()) draw_line();
    if (series_.mark == SeriesMark::points) draw_points();
    draw_bounds();
  }

  std::string legend_entry() const {
    const auto all = [](const std::vector<bool>& flags) {
      return !flags.empty() && std::all_of(flags.begin(), flags.end(), std::identity());
    };
    const auto shade = series_.shade.empty() ? lc() : "lc rgb '#666666'";
    if (series_.mark == SeriesMark::bars) return fmt::format("with boxes {}", bar_style());
    if (all(series_.is_bound)) return fmt::format("with points {} {}", bound_style(), lc());
    if (series_.mark == SeriesMark::points) return fmt::format("with points pt 7 ps 0.7 {}", shade);
    return line_style();
  }

 private:
  bool is_line() const {
    return series_.mark == SeriesMark::line || series_.mark == SeriesMark::line_and_points;
  }
  bool is_bound(std::size_t i) const { return i < series_.is_bound.size() && series_.is_bound[i]; }
  double x(std::size_t i) const {
    return layout_.x.has_place(series_.x[i]) ? series_.x[i] + (along_x_ ? 0 : shift_) : NAN;
  }
  double y(std::size_t i) const {
    return y_.has_place(series_.y[i]) ? series_.y[i] + (along_x_ ? shift_ : 0) : NAN;
  }

  std::string lc() const { return "lc " + colour(series_.colour, series_.is_faint); }
  const char* bound_style() const { return along_x_ ? "pt '▷' ps 1.1 lw 1" : "pt 8 ps 1.1 lw 1.3"; }
  std::string line_style() const {
    const bool has_points = series_.mark == SeriesMark::line_and_points;
    return fmt::format("with {} {}lw {} {}{}", has_points ? "linespoints" : "lines",
                       has_points ? "pt 7 ps 0.55 " : "", series_.is_faint ? 1 : 1.8,
                       series_.is_dashed ? "dt (14,7) " : "", lc());
  }
  std::string bar_style() const {
    return fmt::format("fs transparent solid {} border lw 0.8 f{}", series_.is_faint ? 0.25 : 0.75,
                       "c " + colour(series_.colour));
  }

  // A here-document; a row with a value that has no place interrupts what is drawn.
  std::string block(const char* part, const char* columns, const std::vector<Row>& rows) {
    const auto name = fmt::format("${}{}", name_, part);
    std::string lines;
    bool is_interrupted = true;
    for (const auto& row : rows) {
      const bool is_whole =
          std::all_of(row.begin(), row.end(), [](double v) { return std::isfinite(v); });
      if (is_whole) {
        lines += fmt::format("{}\n", fmt::join(row, " "));
      } else if (!is_interrupted) {
        lines += "\n";
      }
      is_interrupted = !is_whole;
    }
    if (lines.empty()) return "";
    data += fmt::format("{} << EOD\n# {}\n{}EOD\n", name, columns, lines);
    return name;
  }

  void add(std::vector<std::string>& elements, const std::string& block, const std::string& style) {
    if (!block.empty()) elements.push_back(fmt::format("{} {}{} notitle", block, style, axes_));
  }

  // Intervals of which an end is beyond the axis end there.
  std::vector<Row> interval_rows() const {
    const auto& span = along_x_ ? layout_.x : y_;
    std::vector<Row> rows;
    for (std::size_t i = 0; i < std::min(series_.low.size(), series_.high.size()); ++i) {
      const bool has_none = is_bound(i) && series_.low[i] == series_.high[i];
      rows.push_back({x(i), y(i), has_none ? NAN : span.clamped(series_.low[i]),
                      span.clamped(series_.high[i])});
    }
    return rows;
  }

  void draw_band() {
    auto rows = interval_rows();
    for (auto& row : rows) row.erase(row.begin() + 1);
    add(bands, block("_band", "x low high", rows),
        fmt::format("using 1:2:3 with filledcurves fc {} fs transparent solid {} noborder",
                    colour(series_.colour), series_.is_faint ? 0.08 : 0.18));
  }

  void draw_whiskers() {
    add(marks, block("_interval", "x y low high", interval_rows()),
        fmt::format("using {} with vectors heads size screen 0.004,90 lw 1.2 {}",
                    along_x_ ? "3:2:($4-$3):(0)" : "1:3:(0):($4-$3)",
                    series_.mark == SeriesMark::bars ? "lc rgb '#333333'" : lc()));
  }

  void draw_line() {
    std::vector<Row> rows;
    for (std::size_t i = 0; i < series_.x.size(); ++i) rows.push_back({x(i), y(i)});
    add(marks, block("", "x y", rows), "using 1:2 " + line_style());
  }

  void draw_points() {
    const bool has_shades = !series_.shade.empty();
    std::vector<Row> rows;
    for (std::size_t i = 0; i < series_.x.size(); ++i) {
      if (is_bound(i)) continue;
      rows.push_back({x(i), y(i)});
      if (has_shades) rows.back().push_back(series_.shade[i]);
    }
    const double size = series_.is_faint ? 0.45 : 0.7;
    if (has_shades) {
      add(marks, block("", "x y shade", rows),
          fmt::format("using 1:2:3 with points pt 7 ps {} lc palette", size));
    } else {
      add(marks, block("", "x y", rows),
          fmt::format("using 1:2 with points pt 7 ps {} {}", size, lc()));
    }
  }

  void draw_bounds() {
    std::vector<Row> rows;
    for (std::size_t i = 0; i < series_.x.size(); ++i) {
      if (is_bound(i)) rows.push_back({x(i), y(i)});
    }
    add(marks, block("_bounds", "x y, which the truth lies beyond", rows),
        fmt::format("using 1:2 with points {} {}", bound_style(), lc()));
  }

  void draw_bars(double width) {
    std::vector<Row> rows;
    const auto& span = along_x_ ? layout_.x : y_;
    const double base = span.clamped(0);  // a log axis begins above it
    for (std::size_t i = 0; i < series_.x.size(); ++i) {
      if (is_bound(i)) continue;
      const double at = along_x_ ? y(i) : x(i), end = along_x_ ? x(i) : y(i);
      const double from = std::min(base, end), to = std::max(base, end);
      const double before = at - width / 2, after = at + width / 2;
      rows.push_back(along_x_ ? Row{end, at, from, to, before, after}
                              : Row{at, end, before, after, from, to});
    }
    add(marks, block("", "x y left right bottom top", rows),
        "using 1:2:3:4:5:6 with boxxyerror " + bar_style());
  }

  const PanelLayout& layout_;
  const Series& series_;
  const Span& y_;
  std::string axes_, name_;
  bool along_x_;
  double shift_ = 0;
};

// Beside each point, on the side where there is room for it.
std::string label_commands(const Panel& panel, const PanelLayout& layout, const Series& series) {
  std::string commands;
  if (!series.shows_labels) return commands;
  const bool is_right = value_side(panel, series) == Side::right;
  const auto& y_span = is_right ? layout.right : layout.y;
  for (std::size_t i = 0; i < series.labels.size(); ++i) {
    const double x = series.x[i], y = series.y[i];
    if (series.labels[i].empty() || !layout.x.has_place(x) || !y_span.has_place(y)) continue;
    const auto word = shortened(series.labels[i], layout.plot.width / 2, kType.point_label);
    const bool is_near_end =
        layout.plot.width * (1 - layout.x.place(x)) < text_width(word, kType.point_label) + 6;
    commands +=
        fmt::format("set label {} at {},{}{:g} {} offset {},0.35 noenhanced font ',{}'\n",
                    literal(word), x, is_right ? "second " : "", y, is_near_end ? "right" : "left",
                    is_near_end ? -0.5 : 0.5, kType.point_label);
  }
  return commands;
}

}  // namespace

std::string colour(std::size_t index, bool is_faint) {
  const std::string code = kPalette[index % kPalette.size()];
  return fmt::format("rgb '#{}{}'", is_faint ? "A0" : "", code.substr(1));
}

DrawnSeries draw_series(const Panel& panel, const PanelLayout& layout, const std::string& prefix) {
  DrawnSeries drawn;
  std::vector<std::string> behind, in_front;
  const auto places = bar_places(panel);
  std::size_t bars = 0, names = 0;
  for (std::size_t i = 0; i < panel.series.size(); ++i) {
    const auto& series = panel.series[i];
    SeriesScript script(panel, layout, series, fmt::format("{}_series{}", prefix, i + 1));
    double shift = 0;
    if (series.mark == SeriesMark::bars) {
      const double middle = (static_cast<double>(places.count) - 1) / 2;
      shift = places.width * (static_cast<double>(bars++) - middle);
    }
    script.draw(shift, places.width);
    drawn.data += script.data;
    std::move(script.bands.begin(), script.bands.end(), std::back_inserter(drawn.elements));
    auto& level = series.is_faint ? behind : in_front;
    std::move(script.marks.begin(), script.marks.end(), std::back_inserter(level));
    if (!series.name.empty()) {
      drawn.legend_entries.push_back(fmt::format("keyentry {} title {} noenhanced",
                                                 script.legend_entry(),
                                                 literal(layout.legend[names++])));
    }
    drawn.labels += label_commands(panel, layout, series);
  }
  drawn.elements.insert(drawn.elements.end(), behind.begin(), behind.end());
  drawn.elements.insert(drawn.elements.end(), in_front.begin(), in_front.end());
  return drawn;
}

}  // namespace groklab
