#pragma once

#include "report/study.h"

#include <cstddef>
#include <string>
#include <vector>

namespace groklab {

// The same run in two studies, but for what these differ in.
struct CellPair {
  const StudyCell* base;
  const StudyCell* other;
};

// A setting in which pairs differ: its values over them, each once; "" where there is none.
struct SettingDifference {
  std::string path;
  std::vector<std::string> base, other;
};

// A few of a setting's values in a line: "0.1, (none), … 12 in all".
std::string shown_values(const std::vector<std::string>& values);

// Which runs of two studies belong together. It points into them.
struct Matching {
  std::vector<std::string> keys;                // by whose values they were matched
  std::vector<CellPair> pairs;                  // of runs with a result, in the base's order
  std::size_t without_result = 0;               // pairs of which a run has none (yet)
  std::size_t base_alone = 0, other_alone = 0;  // runs without a counterpart
  std::vector<SettingDifference> differences;   // over the pairs, by path
};

// Finished, and measured.
bool has_result(const StudyCell& cell);

// Matches runs that have the same values of all keys that either study sweeps, seeds included. A
// key that one does not sweep has its fixed value there. Throws Error, with the keys and their
// values, if nothing matches or two runs of a study could be the counterpart.
Matching match_cells(const Study& base, const Study& other);

}  // namespace groklab
