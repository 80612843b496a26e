#pragma once

#include "store/metrics.h"
#include "store/run_set.h"
#include "store/sweep_state.h"

#include <cstddef>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace groklab {

// The metrics of a run, by column. Every column is as long as `steps`; NaN: not measured.
struct Curves {
  std::vector<double> steps;
  std::map<std::string, std::vector<double>> columns;
  std::set<std::string> not_finite;  // columns that were measured somewhere as no finite number

  // nullptr: no run of this name was measured.
  const std::vector<double>* find(const std::string& name) const;
};

// What the folder of one run holds.
struct StudyCell {
  std::size_t index = 0;  // in the plan
  CellState state = CellState::waiting;
  std::string reason;               // why it failed or is damaged
  std::optional<RunRecord> record;  // run.json; nullopt: never started, or damaged
  Curves curves;                    // as far as they can be relied on
  Summary summary;                  // of the curves; meaningless if they are empty

  bool is_measured() const { return !curves.steps.empty(); }
};

// Everything that figures and reports are made of: a sweep, or a single run as one of one cell, as
// its folder was when it was read.
struct Study {
  RunSet runs;
  std::vector<StudyCell> cells;  // in the plan's order

  const SweepPlan& plan() const { return runs.plan; }
  const PlannedCell& planned(const StudyCell& cell) const { return plan().cells[cell.index]; }

  // The value of a setting ("data.train_fraction", "operation.name") as text, from the swept values
  // or the resolved spec. nullopt: there is none, or it is not known as the cell was never started.
  std::optional<std::string> setting(const StudyCell& cell, const std::string& path) const;
  std::optional<double> number(const StudyCell& cell, const std::string& path) const;

  // The swept keys that are not seeds: what tells cells apart that are no repetitions.
  std::vector<std::string> varied_keys() const;
};

// The finite number that a text is as a whole; nullopt: it is none.
std::optional<double> parse_number(const std::string& text);

// Reads metrics with all threads. What is damaged is in the cells' states; throws Error only where
// there is neither a sweep nor a run.
Study read_study(const std::filesystem::path& path);

inline constexpr const char* kFractionKey = "data.train_fraction";

// The cells with the settings of `where`, "key=value,key=value|other value", which are the same as
// texts or as numbers. Throws Error where that is not how it is written.
std::vector<const StudyCell*> cells_where(const Study& study, const std::string& where);

// The plan's keys in which some cells of one group differ.
std::vector<std::string> differing_keys(const Study& study,
                                        const std::vector<std::vector<const StudyCell*>>& groups);

// The keys other than seeds and `allowed` in which runs of one group differ. Such runs are no
// repetitions: a mean, a median or an interval over them would be of no experiment.
std::vector<std::string> pooled_keys(const Study& study,
                                     const std::vector<std::vector<const StudyCell*>>& groups,
                                     const std::vector<std::string>& allowed = {});

// Whether it is a seed: "seed", "seed.split", ….
bool is_seed(const std::string& key);

// Which repetition of its group's others a cell is: the values of its seeds, "3".
std::string seed_of(const Study& study, const StudyCell& cell);

// Cells that have the same values of some keys.
struct CellGroup {
  std::vector<std::string> values;  // of the keys
  std::string label;                // "add, 0.3", or "all" without keys
  std::vector<const StudyCell*> cells;
};

// Groups in the order in which their values are met; where all values of a key are numbers, in
// theirs. Throws Error, with the keys there are, if no cell has such a setting.
std::vector<CellGroup> group_by(const Study& study, const std::vector<const StudyCell*>& cells,
                                const std::vector<std::string>& keys);

}  // namespace groklab
