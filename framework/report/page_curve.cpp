#include "report/page_curve.h"

#include "report/thinning.h"

#include <algorithm>
#include <array>
#include <limits>
#include <set>

namespace groklab {
namespace {

double value_at(const Curves& curves, const std::vector<double>& column, double step) {
  const auto found = std::lower_bound(curves.steps.begin(), curves.steps.end(), step);
  const bool is_there = found != curves.steps.end() && *found == step;
  return is_there ? column[static_cast<std::size_t>(found - curves.steps.begin())]
                  : std::numeric_limits<double>::quiet_NaN();
}

constexpr std::array kColumns{"train_accuracy", "val_accuracy", "train_loss", "val_loss"};

}  // namespace

std::size_t page_curve_limit(std::size_t rows) {
  constexpr std::size_t kAllRows = 60'000, kLeast = 40, kMost = 400;
  return std::clamp(kAllRows / std::max<std::size_t>(rows, 1), kLeast, kMost);
}

PageCurve page_curve(const std::vector<CurveSource>& sources, std::size_t limit) {
  std::set<double> kept;
  for (const auto& [curves, prefix] : sources) {
    for (const auto* name : kColumns) {
      const auto* column = curves->find(name);
      if (column == nullptr) continue;
      for (const auto i : thinned(curves->steps, *column, limit)) kept.insert(curves->steps[i]);
    }
  }
  PageCurve curve{{kept.begin(), kept.end()}, {}};
  for (const auto& [curves, prefix] : sources) {
    for (const auto* name : kColumns) {
      const auto* column = curves->find(name);
      if (column == nullptr) continue;
      std::vector<double> values;
      for (const double step : curve.steps) values.push_back(value_at(*curves, *column, step));
      curve.columns.emplace_back(prefix + name, std::move(values));
    }
  }
  return curve;
}

}  // namespace groklab
