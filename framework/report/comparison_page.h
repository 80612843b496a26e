#pragma once

#include "report/comparison.h"
#include "report/page.h"

#include <vector>

namespace groklab {

// The page about a comparison of these studies: its figure, and a row a pair of runs with what each
// came to and their curves in one picture.
Page comparison_page(const std::vector<Study>& studies, const Comparison& comparison);

}  // namespace groklab
