#pragma once

#include "report/comparison.h"
#include "report/figure.h"

namespace groklab {

// A panel a statistic: for each group of pairs the difference to the base with its interval, the
// folders beside one another; of times the ratio.
Figure comparison_figure(const Comparison& comparison);

}  // namespace groklab
