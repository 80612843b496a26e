#include "report/quantity.h"

#include "report/replicates.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <numeric>

namespace groklab {
namespace {

constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();

using Strata = std::vector<std::vector<double>>;

using Combine = Bounds (*)(const Bounds&, const Bounds&);

Quantity combined_apart(const Quantity& a, const Quantity& b, Combine combine) {
  Quantity result{a.strata, {}};
  if (a.interval && b.interval) {
    const auto [low, high] =
        combine({a.interval->low, a.interval->high}, {b.interval->low, b.interval->high});
    result.interval = Interval{low, high};
  }
  result.strata.insert(result.strata.end(), b.strata.begin(), b.strata.end());
  const auto middle = static_cast<std::ptrdiff_t>(a.strata.size());
  result.of = [a = a.of, b = b.of, middle, combine](const Strata& drawn) {
    return combine(a({drawn.begin(), drawn.begin() + middle}),
                   b({drawn.begin() + middle, drawn.end()}));
  };
  return result;
}

Quantity combined_together(const Quantity& a, const Quantity& b, Combine combine) {
  const auto pairs = first_numbers(a.strata.front().size());
  return {{pairs}, [a, b, combine](const Strata& drawn) {
            Strata of_a(1), of_b(1);
            for (const double pair : drawn.front()) {
              of_a.front().push_back(a.strata.front()[static_cast<std::size_t>(pair)]);
              of_b.front().push_back(b.strata.front()[static_cast<std::size_t>(pair)]);
            }
            return combine(a.of(of_a), b.of(of_b));
          }};
}

Quantity combined(const Quantity& a, const Quantity& b, Combine combine, Draws draws) {
  return draws == Draws::apart ? combined_apart(a, b, combine) : combined_together(a, b, combine);
}

Interval interval_of(const Quantity& quantity) {
  if (quantity.interval) return *quantity.interval;
  std::vector<double> lows, highs;
  bool is_defined = true;
  visit_resamples(quantity.strata, [&](const Strata& drawn) {
    const auto [low, high] = quantity.of(drawn);
    is_defined = is_defined && !std::isnan(low) && !std::isnan(high);
    lows.push_back(low);
    highs.push_back(high);
  });
  if (!is_defined) return {kNaN, kNaN};
  return {quantile(lows, 0.025), quantile(highs, 0.975)};
}

// A statistic of the lower bounds of numbers, and of their upper bounds.
Quantity of_bounds(std::vector<Bounds> numbers, double (*statistic)(const std::vector<double>&)) {
  const auto places = first_numbers(numbers.size());
  return {{places}, [numbers = std::move(numbers), statistic](const Strata& drawn) {
            std::vector<double> lows, highs;
            for (const double place : drawn.front()) {
              lows.push_back(numbers[static_cast<std::size_t>(place)].low);
              highs.push_back(numbers[static_cast<std::size_t>(place)].high);
            }
            return Bounds{statistic(lows), statistic(highs)};
          }};
}

}  // namespace

std::string number_text(double number) {
  if (std::isinf(number)) return number > 0 ? "∞" : "-∞";
  const double size = std::abs(number);
  return size >= 1e4 && size < 1e9 ? fmt::format("{:.0f}", number) : fmt::format("{:.4g}", number);
}

std::string to_text(const Bounds& bounds) {
  if (std::isnan(bounds.low) || std::isnan(bounds.high)) return "undefined";
  if (bounds.is_known()) return number_text(bounds.low);
  if (std::isinf(bounds.high)) {
    const bool is_above = bounds.low == beyond(without_rounding(bounds.low));
    return (is_above ? "> " : "≥ ") + number_text(bounds.low);
  }
  if (bounds.low == 0) return "≤ " + number_text(bounds.high);
  return fmt::format("{} to {}", number_text(bounds.low), number_text(bounds.high));
}

double beyond(double number) { return std::nextafter(number, kNever); }

double without_rounding(double number) {
  return std::isfinite(number) ? std::strtod(fmt::format("{:.15g}", number).c_str(), nullptr)
                               : number;
}

Bounds operator/(const Bounds& a, const Bounds& b) {
  const auto quotient = [](double x, double y, double unknown) {
    const bool is_unknown = (x == 0 && y == 0) || (std::isinf(x) && std::isinf(y));
    return is_unknown ? unknown : x / y;
  };
  return {quotient(a.low, b.high, 0), quotient(a.high, b.low, kNever)};
}

Bounds operator-(const Bounds& a, const Bounds& b) { return {a.low - b.high, a.high - b.low}; }

std::vector<double> first_numbers(std::size_t count) {
  std::vector<double> numbers(count);
  std::iota(numbers.begin(), numbers.end(), 0.0);
  return numbers;
}

Quantity mean_of(std::vector<Bounds> numbers) { return of_bounds(std::move(numbers), mean); }
Quantity median_of(std::vector<Bounds> numbers) { return of_bounds(std::move(numbers), median); }

Quantity ratio(const Quantity& numerator, const Quantity& denominator, Draws draws) {
  return combined(numerator, denominator, operator/, draws);
}

Quantity difference(const Quantity& minuend, const Quantity& subtrahend, Draws draws) {
  return combined(minuend, subtrahend, operator-, draws);
}

Estimate estimate(const Quantity& quantity) {
  Estimate result{quantity.of(quantity.strata), interval_of(quantity)};
  if (quantity.strata.empty()) return result;
  result.samples =
      std::min_element(quantity.strata.begin(), quantity.strata.end(),
                       [](const auto& a, const auto& b) { return a.size() < b.size(); })
          ->size();
  return result;
}

}  // namespace groklab
