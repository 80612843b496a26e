#pragma once

#include "report/figure.h"

#include <string>
#include <vector>

namespace groklab {

// From where to where an axis goes.
struct Span {
  double from = 0, to = 1;
  bool is_log = false;

  double place(double value) const;  // 0 at `from`, 1 at `to`
  bool has_place(double value) const;
  double clamped(double value) const;  // NaN stays NaN
};

enum class Side { x, y, right };

const Axis& axis_of(const Panel& panel, Side side);
Side value_side(const Panel& panel, const Series& series);

// Whether the intervals and bars of a panel lie along x.
bool is_horizontal(const Panel& panel);

// What the axis says, or else what its data, their intervals and the rules need, with some room.
Span span_of(const Panel& panel, Side side);

// Makes spans of x and y such that a unit is as long on both, on a square.
void make_square(Span& x, Span& y);

// Numbers or words along an axis. Widths in pixels.
struct Ticks {
  std::string command;      // that sets them
  double widest = 0;        // of the labels, unrotated
  bool is_rotated = false;  // words below each other rather than beside
};

// `length` of the axis and the `size` of the type in pixels; `widest` is what a word may take.
Ticks ticks_of(const Axis& axis, const Span& span, const std::string& name, double length,
               double size, double widest);

}  // namespace groklab
