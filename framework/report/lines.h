#pragma once

#include "report/figure.h"
#include "report/study.h"

#include <cstddef>
#include <string>
#include <vector>

namespace groklab {

// What figures over the step are made of: which runs make a line, and what is drawn of them.

// Groups of cells that each get a colour, by "key, key"; by default the varied keys, or the first
// of them that makes no more groups than there are colours, or all cells together. For points, each
// of which is one run. Throws Error if more groups were asked for than there are colours, with the
// ways out.
std::vector<CellGroup> coloured_groups(const Study& study,
                                       const std::vector<const StudyCell*>& cells,
                                       const std::string& series);

// Groups of repetitions, for lines that average runs: as coloured_groups, but by default by every
// key in which the cells differ, seeds aside. Throws Error in the name of `kind` if there are more
// groups than colours, or if runs of one group differ in more than seeds, with what to name.
std::vector<CellGroup> averaged_groups(const Study& study,
                                       const std::vector<const StudyCell*>& cells,
                                       const std::string& series, const std::string& kind);

// The rule of every figure that averages runs: those of one group differ in seeds alone (and in
// `allowed` keys). Throws Error in the name of `kind` otherwise, with the keys to name in `option`.
void require_repetitions(const Study& study,
                         const std::vector<std::vector<const StudyCell*>>& groups,
                         const std::string& kind, const std::string& option,
                         std::vector<std::string> named,
                         const std::vector<std::string>& allowed = {});

// How many runs a group has, and the swept keys in which runs of one group differ: "3 runs each,
// which differ in seed", "2 to 5 runs each, which …", "one run each".
std::string repetitions_text(const Study& study, const std::vector<CellGroup>& groups);

// The runs of a group along the steps at which any of them was measured (but step 0, which has no
// logarithm), thinned to what a picture can show. A run that has ended has no part in what follows.
struct GroupCurve {
  std::vector<double> steps, middle, low, high;  // NaN: not measured, or not finite in all runs
};

// The mean, and its 95 % percentile bootstrap interval.
GroupCurve mean_curve(const CellGroup& group, const std::string& column);

// The median, and the least and the greatest value.
GroupCurve median_curve(const CellGroup& group, const std::string& column);

// A line with a band, on the left axis; `name` in the legend.
Series line_of(const GroupCurve& curve, const std::string& name, std::size_t colour);

Axis step_axis();

// Points of a line, more than a picture has columns of pixels to show.
inline constexpr std::size_t kLinePoints = 400;

// Logarithmic if all values are positive and span more than two decades.
Scale scale_for(const std::vector<double>& values);

// Every value of a column over some cells after step 0, where it was measured.
std::vector<double> measured_values(const std::vector<const StudyCell*>& cells,
                                    const std::string& column);

}  // namespace groklab
