#pragma once

#include "report/projection.h"
#include "store/analysis.h"

#include <cstdint>
#include <string>
#include <vector>

namespace groklab {

// Elements that are drawn as one series.
struct ElementGroup {
  std::string name;
  std::size_t colour = 0;  // of kPalette
  std::vector<std::size_t> elements;
  std::vector<double> shades;  // as Series::shade; empty: one colour
};

struct ElementColours {
  std::vector<ElementGroup> groups;  // each element is in one
  std::string shade_label, caption;  // what the colours are
};

// How elements are told apart: residue, discrete_logarithm, coset, parity, none; auto: coset where
// the names are permutations, else residue. `subgroup_order` 0: 10 of 120 elements, else the
// largest below K.
struct ElementColouring {
  std::string by;
  std::int64_t subgroup_order = 0;
};

// `rows`: those that are drawn; they choose among subgroups. Throws Error if the elements cannot be
// told apart so.
ElementColours element_colours(const Analysis& analysis, const Points& rows,
                               const ElementColouring& colouring);

}  // namespace groklab
