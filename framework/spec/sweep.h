#pragma once

#include "spec/experiment.h"
#include "spec/reader.h"

#include <string>
#include <utility>
#include <vector>

namespace groklab {

// One experiment of a sweep, fully resolved, with what the sweep set in it: each swept key and its
// value as text, in the order of the axes.
struct Cell {
  Experiment experiment;
  std::vector<std::pair<std::string, std::string>> coordinates;
};

struct Sweep {
  std::vector<std::string> keys;               // the swept ones, in the order of the axes
  std::vector<Cell> cells;                     // the last axis changes fastest
  std::vector<Section> figures, expectations;  // what `figures:` and `expect:` ask for
                                               // (spec/report_sections.h)
};

// Resolves every cell that a merged tree declares: the spec with a value of each axis set in it, as
// the command line sets values; names of plugins come first, and wholes (seed) before their parts
// (seed.init). Without `sweep:` there is one cell without coordinates.
//
// Adds each mistake to `problems`, also two cells that are the same experiment; the sweep is
// complete only if there are none.
Sweep expand_sweep(const YamlNode& root, const SchemaLookup& lookup, Problems& problems);

// What the reader kept or left out, of all cells, each note once.
std::vector<std::string> notes_of(const Sweep& sweep);

// "operation.name=add seed=0": as overrides of a command line, quoted where a shell needs it.
std::string to_text(const std::vector<std::pair<std::string, std::string>>& coordinates);

}  // namespace groklab
