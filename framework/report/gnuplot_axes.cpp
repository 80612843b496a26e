#include "report/gnuplot_axes.h"

#include "report/gnuplot_text.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <utility>

namespace groklab {
namespace {

constexpr double kRoom = 0.04;  // beyond the data, as a share of the span

// Values that differ by less, as a share of their size, differ by rounding alone: an axis could not
// tell them apart either.
constexpr double kResolution = 1e-9;

constexpr double kLargest = 1e300;  // beyond it spans and gnuplot's ticks overflow

bool can_be_told_apart(double from, double to) {
  return to - from > kResolution * std::max(std::abs(from), std::abs(to));
}

// Values that an axis has to hold, with those from which its bars start.
std::vector<double> values_on(const Panel& panel, Side side) {
  std::vector<double> values;
  const auto add = [&](const std::vector<double>& more) {
    values.insert(values.end(), more.begin(), more.end());
  };
  const bool along_x = is_horizontal(panel);
  for (const auto& series : panel.series) {
    const bool is_value = side != Side::x && value_side(panel, series) == side;
    if (side == Side::x) add(series.x);
    if (is_value) add(series.y);
    if (along_x ? side == Side::x : is_value) {
      add(series.low);
      add(series.high);
      if (series.mark == SeriesMark::bars) values.push_back(0);
    }
  }
  for (const auto& rule : panel.rules) {
    if (side == (rule.is_vertical ? Side::x : Side::y)) values.push_back(rule.at);
  }
  return values;
}

bool has_bars(const Panel& panel) {
  return std::any_of(panel.series.begin(), panel.series.end(),
                     [](const Series& series) { return series.mark == SeriesMark::bars; });
}

// Half of a bar's width beyond the first and the last.
double room_for_bars(const std::vector<double>& positions) {
  auto sorted = positions;
  std::erase_if(sorted, [](double value) { return !std::isfinite(value); });
  std::sort(sorted.begin(), sorted.end());
  double least = 0;
  for (std::size_t i = 1; i < sorted.size(); ++i) {
    const double gap = sorted[i] - sorted[i - 1];
    if (gap > 0 && (least == 0 || gap < least)) least = gap;
  }
  return least == 0 ? 0.5 : least / 2;
}

// How many powers of ten lie between two numbers, whose quotient may be beyond what a double holds.
double decades(double from, double to) { return std::log10(to) - std::log10(from); }

Span padded(double least, double greatest, bool is_log) {
  const bool is_one_value = !can_be_told_apart(least, greatest);
  if (is_log) {
    const double factor = is_one_value ? 2 : std::pow(10, decades(least, greatest) * kRoom);
    return {std::max(least / factor, 1 / kLargest), std::min(greatest * factor, kLargest), true};
  }
  double room = (greatest - least) * kRoom;
  if (is_one_value) room = least == 0 ? 1 : std::abs(least) / 10;
  // Bars and shares that start at 0 stand on the axis.
  return {least == 0 ? 0 : least - room, greatest == 0 ? 0 : greatest + room, false};
}

// 1, 2 or 5 times a power of ten, so that an axis has about `count` steps.
double nice_step(double span, double count) {
  const double power = std::pow(10, std::floor(std::log10(span / count)));
  const double rest = span / count / power;
  return power * (rest < 1.5 ? 1 : rest < 3.5 ? 2 : rest < 7.5 ? 5 : 10);
}

// What is shown at each place of an axis; minor ones have no label.
class TickList {
 public:
  explicit TickList(std::string name) : name_(std::move(name)) {}

  void add(double at, const std::string& label) {
    add_item(fmt::format("'{}' {:.15g}", label, at));
    ++labels_;
  }
  void add_minor(double at) { add_item(fmt::format("'' {:.10g} 1", at)); }

  std::size_t labels() const { return labels_; }
  std::string command() const { return fmt::format("set {}tics ({})\n", name_, list_); }

 private:
  void add_item(const std::string& item) { list_ += (list_.empty() ? "" : ", ") + item; }

  std::string name_, list_;
  std::size_t labels_ = 0;
};

Ticks linear_ticks(const Span& span, const std::string& name, double length, double size) {
  const double step = nice_step(span.to - span.from, std::max(2.0, length / 65));
  const double greatest = std::max(std::abs(span.from), std::abs(span.to));
  const int digits = std::max(6, 1 + static_cast<int>(std::ceil(std::log10(greatest / step))));
  Ticks ticks;
  TickList list(name);
  for (double i = std::ceil(span.from / step - 1e-6); i * step <= span.to + 1e-6 * step; ++i) {
    const double at = i * step + 0.0;  // not −0
    const auto label = fmt::format("{:.{}g}", at, digits);
    list.add(at, label);
    ticks.widest = std::max(ticks.widest, text_width(label, size));
  }
  ticks.command = list.command();
  return ticks;
}

// At some multiples of powers of ten: 2×10^3.
TickList multiples(const Span& span, const std::string& name, const std::vector<int>& mantissas) {
  TickList list(name);
  const int first = static_cast<int>(std::floor(std::log10(span.from)));
  const int last = static_cast<int>(std::ceil(std::log10(span.to)));
  for (int exponent = first; exponent <= last; ++exponent) {
    for (const int mantissa : mantissas) {
      const double at = mantissa * std::pow(10, exponent);
      if (at < span.from || at > span.to) continue;
      list.add(at, fmt::format("{}10^{{{}}}", mantissa == 1 ? "" : fmt::format("{}×", mantissa),
                               exponent));
    }
  }
  return list;
}

// Where there are fewer than two powers of ten.
Ticks fine_log_ticks(const Span& span, const std::string& name, double length, double size) {
  for (const auto& mantissas : {std::vector{1, 2, 5}, {1, 2, 3, 4, 5, 6, 7, 8, 9}}) {
    const auto list = multiples(span, name, mantissas);
    if (list.labels() >= 2) return {list.command(), text_width("2×10", size) + size};
  }
  return linear_ticks(span, name, length, size);
}

Ticks log_ticks(const Span& span, const std::string& name, double length, double size) {
  const int first = static_cast<int>(std::ceil(std::log10(span.from) - 1e-9));
  const int last = static_cast<int>(std::floor(std::log10(span.to) + 1e-9));
  if (last - first < 1) return fine_log_ticks(span, name, length, size);
  const int step =
      static_cast<int>(std::ceil(decades(span.from, span.to) / std::max(2.0, length / 38)));
  TickList list(name);
  for (int exponent = first - 1; exponent <= last; ++exponent) {
    if (exponent >= first && exponent % step == 0) {
      list.add(std::pow(10, exponent), fmt::format("10^{{{}}}", exponent));
    }
    for (int mantissa = 2; mantissa < 10 && step == 1; ++mantissa) {
      const double at = mantissa * std::pow(10, exponent);
      if (at > span.from && at < span.to) list.add_minor(at);
    }
  }
  return {list.command(), text_width("10", size) + 1.3 * size};
}

Ticks category_ticks(const Axis& axis, const std::string& name, double length, double size,
                     double widest) {
  Ticks ticks;
  const auto count = static_cast<double>(std::max<std::size_t>(1, axis.categories.size()));
  std::string list;
  for (std::size_t i = 0; i < axis.categories.size(); ++i) {
    const auto word = shortened(axis.categories[i], widest, size);
    ticks.widest = std::max(ticks.widest, text_width(word, size));
    std::string format;  // which a tick's label is to gnuplot
    for (const char letter : word) format += letter == '%' ? "%%" : std::string(1, letter);
    list += fmt::format("{}{} {}", i == 0 ? "" : ", ", literal(format), i);
  }
  ticks.is_rotated = name == "x" && ticks.widest > length / count - size / 2;
  ticks.command = fmt::format("set {}tics ({}) noenhanced scale 0{}\n", name, list,
                              ticks.is_rotated ? " rotate by 45 right" : "");
  if (axis.categories.empty()) ticks.command = fmt::format("unset {}tics\n", name);
  return ticks;
}

}  // namespace

double Span::place(double value) const {
  return is_log ? decades(from, value) / decades(from, to) : (value - from) / (to - from);
}

bool Span::has_place(double value) const {
  return std::abs(value) < kLargest && (!is_log || value > 1 / kLargest);
}

double Span::clamped(double value) const {
  return std::isnan(value) ? value : std::clamp(value, from, to);
}

const Axis& axis_of(const Panel& panel, Side side) {
  if (side == Side::right) return *panel.right;
  return side == Side::x ? panel.x : panel.y;
}

Side value_side(const Panel& panel, const Series& series) {
  return series.is_on_right && panel.right ? Side::right : Side::y;
}

bool is_horizontal(const Panel& panel) { return panel.y.scale == Scale::category; }

Span span_of(const Panel& panel, Side side) {
  const auto& axis = axis_of(panel, side);
  if (axis.scale == Scale::category) {
    const auto count = static_cast<double>(std::max<std::size_t>(1, axis.categories.size()));
    return {axis.from.value_or(-0.6), axis.to.value_or(count - 0.4)};
  }
  Span span{0, 1, axis.scale == Scale::log};
  auto values = values_on(panel, side);
  std::erase_if(values, [&](double value) { return !span.has_place(value); });
  if (values.empty()) {
    if (span.is_log) span = {1, 10, true};
  } else {
    const auto [least, greatest] = std::minmax_element(values.begin(), values.end());
    span = padded(*least, *greatest, span.is_log);
    if (side == Side::x && has_bars(panel) && !is_horizontal(panel) && !span.is_log) {
      const double room = room_for_bars(values);
      span = {*least - room, *greatest + room};
    }
  }
  if (axis.from && span.has_place(*axis.from)) span.from = *axis.from;
  if (axis.to && span.has_place(*axis.to)) span.to = *axis.to;
  if (!can_be_told_apart(span.from, span.to)) {
    span.to = span.is_log ? span.from * 10 : span.from + std::max(1.0, std::abs(span.from) / 10);
  }
  return span;
}

void make_square(Span& x, Span& y) {
  const double side = std::max(x.to - x.from, y.to - y.from);
  for (auto* span : {&x, &y}) {
    const double middle = (span->from + span->to) / 2;
    *span = {middle - side / 2, middle + side / 2};
  }
}

Ticks ticks_of(const Axis& axis, const Span& span, const std::string& name, double length,
               double size, double widest) {
  if (axis.scale == Scale::category) return category_ticks(axis, name, length, size, widest);
  return span.is_log ? log_ticks(span, name, length, size) : linear_ticks(span, name, length, size);
}

}  // namespace groklab
