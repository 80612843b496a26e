#include "report/quantity.h"

#include "report/replicates.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace groklab {
namespace {

using Strata = std::vector<std::vector<double>>;

// Both are drawn from independently, also where their runs share seeds.
Quantity combined(const Quantity& a, const Quantity& b, Bounds (*combine)(Bounds, Bounds)) {
  Quantity result{a.strata, {}};
  result.strata.insert(result.strata.end(), b.strata.begin(), b.strata.end());
  const auto middle = static_cast<std::ptrdiff_t>(a.strata.size());
  result.of = [a = a.of, b = b.of, middle, combine](const Strata& drawn) {
    return combine(a({drawn.begin(), drawn.begin() + middle}),
                   b({drawn.begin() + middle, drawn.end()}));
  };
  return result;
}

}  // namespace

std::string to_text(const Bounds& bounds) {
  if (std::isnan(bounds.low) || std::isnan(bounds.high)) return "undefined";
  if (bounds.is_known()) return fmt::format("{:.4g}", bounds.low);
  if (std::isinf(bounds.high)) return fmt::format("≥ {:.4g}", bounds.low);
  if (bounds.low == 0) return fmt::format("≤ {:.4g}", bounds.high);
  return fmt::format("{:.4g} to {:.4g}", bounds.low, bounds.high);
}

Quantity ratio(const Quantity& numerator, const Quantity& denominator) {
  return combined(numerator, denominator, [](Bounds a, Bounds b) {
    return Bounds{a.low / b.high, a.high / b.low};
  });
}

Quantity difference(const Quantity& minuend, const Quantity& subtrahend) {
  return combined(minuend, subtrahend, [](Bounds a, Bounds b) {
    return Bounds{a.low - b.high, a.high - b.low};
  });
}

Estimate estimate(const Quantity& quantity) {
  const auto low = stratified_interval(quantity.strata,
                                       [&](const Strata& drawn) { return quantity.of(drawn).low; });
  const auto high = stratified_interval(
      quantity.strata, [&](const Strata& drawn) { return quantity.of(drawn).high; });
  Estimate result{quantity.of(quantity.strata), {low.low, high.high}};
  if (quantity.strata.empty()) return result;
  result.samples =
      std::min_element(quantity.strata.begin(), quantity.strata.end(),
                       [](const auto& a, const auto& b) { return a.size() < b.size(); })
          ->size();
  return result;
}

}  // namespace groklab
