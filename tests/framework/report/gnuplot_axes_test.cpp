#include "report/gnuplot_axes.h"

#include <gmock/gmock.h>

#include <cmath>
#include <limits>
#include <set>

namespace groklab {
namespace {

Panel panel_of(std::vector<double> y, Scale scale = Scale::linear) {
  Panel panel;
  panel.y.scale = scale;
  auto& series = panel.series.emplace_back();
  series.x.assign(y.size(), 1);
  series.y = std::move(y);
  return panel;
}

Ticks ticks_on(const Panel& panel) {
  return ticks_of(panel.y, span_of(panel, Side::y), "y", 300, 11, 100);
}

// The labels in "set ytics ('1' 1, '2' 2)"; minor ticks have none.
std::vector<std::string> labels_of(const Ticks& ticks) {
  std::vector<std::string> labels;
  const auto& text = ticks.command;
  for (auto from = text.find('\''); from != std::string::npos; from = text.find('\'', from)) {
    const auto to = text.find('\'', from + 1);
    if (to > from + 1) labels.push_back(text.substr(from + 1, to - from - 1));
    from = to + 1;
  }
  return labels;
}

double after(double value) {
  return std::nextafter(value, std::numeric_limits<double>::infinity());
}

// Steps of a unit in the last place are too small for a count of them to grow.
TEST(GnuplotAxes, EndWhereValuesDifferByRounding) {
  for (const double value : {1.0, 0.1, -3e7, 1e17, 1e-200}) {
    for (const auto scale : {Scale::linear, Scale::log}) {
      if (scale == Scale::log && value < 0) continue;
      const auto panel = panel_of({value, after(value)}, scale);
      const auto span = span_of(panel, Side::y);
      EXPECT_GT(span.to - span.from, std::abs(value) / 10) << value;
      EXPECT_GE(labels_of(ticks_on(panel)).size(), 2U) << value;
    }
  }
}

TEST(GnuplotAxes, EndWhereTheirEndsDifferByRounding) {
  auto panel = panel_of({1e17});
  panel.y.from = 1e17;
  panel.y.to = after(1e17);
  EXPECT_GE(labels_of(ticks_on(panel)).size(), 2U);
}

TEST(GnuplotAxes, TellNeighbouringTicksApart) {
  const auto labels = labels_of(ticks_on(panel_of({1, 1 + 1e-7})));
  EXPECT_GE(labels.size(), 2U);
  EXPECT_EQ(std::set(labels.begin(), labels.end()).size(), labels.size());
}

// The quotient of the ends is more than the greatest double.
TEST(GnuplotAxes, AreFiniteWhereALogarithmicRangeIsBeyondADouble) {
  const auto panel = panel_of({1e-299, 1, 1e299}, Scale::log);
  const auto span = span_of(panel, Side::y);
  EXPECT_GT(span.from, 0);
  EXPECT_TRUE(std::isfinite(span.to));
  EXPECT_NEAR(span.place(1), 0.5, 1e-9);
  EXPECT_NEAR(span.place(1e299), 1, 0.01);
  const auto labels = labels_of(ticks_on(panel));
  EXPECT_GE(labels.size(), 2U);
  EXPECT_LE(labels.size(), 20U);
}

}  // namespace
}  // namespace groklab
