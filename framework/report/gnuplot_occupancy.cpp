#include "report/gnuplot_occupancy.h"

#include <algorithm>
#include <cmath>

namespace groklab {
namespace {

struct Place {
  double x, y;  // in pixels; NaN: nowhere
};

class Occupancy {
 public:
  Occupancy(const Panel& panel, const PanelLayout& layout, const Box& part)
      : panel_(panel), layout_(layout), part_(part) {}

  bool holds(const Series& series) const {
    const auto& y = value_side(panel_, series) == Side::right ? layout_.right : layout_.y;
    const bool is_line =
        series.mark == SeriesMark::line || series.mark == SeriesMark::line_and_points;
    const bool along_x = is_horizontal(panel_);
    Place previous{NAN, NAN};
    for (std::size_t i = 0; i < series.x.size(); ++i) {
      const auto at = place(series.x[i], series.y[i], y);
      if (is_inside(at) || (is_line && crosses(previous, at))) return true;
      const auto low = i < series.low.size() ? series.low[i] : NAN;
      const auto high = i < series.high.size() ? series.high[i] : NAN;
      const auto interval_crosses = [&](double from, double to) {
        return along_x ? crosses(place(from, series.y[i], y), place(to, series.y[i], y))
                       : crosses(place(series.x[i], from, y), place(series.x[i], to, y));
      };
      if (interval_crosses(low, high)) return true;
      const double value = along_x ? series.x[i] : series.y[i];
      if (series.mark == SeriesMark::bars && interval_crosses(0, value)) return true;
      previous = at;
    }
    return false;
  }

  bool holds(const Rule& rule) const {
    const auto at = place(rule.at, rule.at, layout_.y);
    if (rule.is_vertical) return at.x >= part_.left && at.x <= part_.right();
    return at.y >= part_.top && at.y <= part_.bottom();
  }

 private:
  Place place(double x, double y, const Span& y_span) const {
    const auto clamped = [](const Span& span, double value) {  // bars start at 0, on log axes too
      if (std::isnan(value)) return value;
      return std::clamp(span.place(span.clamped(value)), 0.0, 1.0);
    };
    return {layout_.plot.left + layout_.plot.width * clamped(layout_.x, x),
            layout_.plot.bottom() - layout_.plot.height * clamped(y_span, y)};
  }

  bool is_inside(const Place& at) const {
    return at.x >= part_.left && at.x <= part_.right() && at.y >= part_.top &&
           at.y <= part_.bottom();
  }

  // Looked at every few pixels.
  bool crosses(const Place& from, const Place& to) const {
    const double length = std::hypot(to.x - from.x, to.y - from.y);
    if (std::isnan(length)) return false;
    const int steps = 1 + static_cast<int>(length / 4);
    for (int i = 0; i <= steps; ++i) {
      const double share = static_cast<double>(i) / steps;
      if (is_inside({from.x + share * (to.x - from.x), from.y + share * (to.y - from.y)})) {
        return true;
      }
    }
    return false;
  }

  const Panel& panel_;
  const PanelLayout& layout_;
  const Box& part_;
};

}  // namespace

bool is_occupied(const Panel& panel, const PanelLayout& layout, const Box& part) {
  const Occupancy occupancy(panel, layout, part);
  const auto holds = [&](const auto& drawn) { return occupancy.holds(drawn); };
  return std::any_of(panel.series.begin(), panel.series.end(), holds) ||
         std::any_of(panel.rules.begin(), panel.rules.end(), holds);
}

}  // namespace groklab
