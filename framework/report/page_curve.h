#pragma once

#include "report/page.h"
#include "report/study.h"

#include <cstddef>
#include <string>
#include <vector>

namespace groklab {

// A run whose accuracies and losses are shown, alone or in one curve with those of others.
struct CurveSource {
  const Curves* curves;
  std::string prefix{};  // before the names of its columns
};

// Points of each column, so many that a page of this many rows stays small.
std::size_t page_curve_limit(std::size_t rows);

// Thinned to `limit` points of each column, at all steps that any keeps. NaN: not measured there.
PageCurve page_curve(const std::vector<CurveSource>& sources, std::size_t limit);

}  // namespace groklab
