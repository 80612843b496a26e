#pragma once

#include "report/kinds.h"
#include "report/projection.h"
#include "store/analysis.h"

#include <optional>
#include <string>

namespace groklab {

// The one run whose elements a figure is about.
struct ElementCell {
  const StudyCell* cell;
  Analysis analysis;
  std::string label;  // which cell, and at which step: for captions
};

// What every such kind may be given besides common_figure_schema():
//   cell   the first letters of its id; by default, of the cells that `where` leaves, the one that
//          generalised first, or else came closest
Schema element_figure_schema();

// Throws Error if no cell or several have such an id, or if there is no checkpoint to read.
ElementCell chosen_element_cell(const Study& study, const Params& options);

// Whether some cell generalised and its checkpoint can be read: its analysis; else nothing.
std::optional<Analysis> natural_analysis(const Study& study);

// "embedding" or "output". Throws Error if they are not finite.
Points element_points(const Analysis& analysis, const std::string& rows);

}  // namespace groklab
