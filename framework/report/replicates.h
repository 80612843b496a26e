#pragma once

#include "report/statistics.h"
#include "report/study.h"

#include <functional>
#include <string>
#include <vector>

namespace groklab {

// Runs at one point of a figure over the fraction of the table that is trained on.
struct FractionRuns {
  double fraction = 0;
  std::vector<const StudyCell*> cells;
};

struct FractionSeries {
  std::string label;
  std::vector<FractionRuns> fractions;  // rising
};

// `series`: swept keys between commas; empty: those that are varied besides the fraction, seeds
// aside. Throws Error in the name of `kind` if there are fewer than two fractions, or if runs at
// one point differ in more than seeds.
std::vector<FractionSeries> by_fraction(const Study& study,
                                        const std::vector<const StudyCell*>& cells,
                                        const std::string& series, const std::string& kind);

// "n = 3 runs a point, which differ in seed", "n = 1 to 3 runs a point, …", "n = 1 run a point".
std::string runs_text(const Study& study, const std::vector<FractionSeries>& all);

// The steps that the runs were given: "100000 steps", "1000 to 5000 steps".
std::string budget_text(const Study& study, const std::vector<FractionSeries>& all);

// Hands over `resamples` times what is drawn with replacement from each stratum by itself; the same
// for the same values in any order.
using StrataVisitor = std::function<void(const std::vector<std::vector<double>>& drawn)>;
void visit_resamples(std::vector<std::vector<double>> strata, const StrataVisitor& visit,
                     std::size_t resamples = 2000);

// The experiment's name with the settings that all cells share: "demo: divide, adamw".
std::string shared_title(const Study& study, const std::vector<const StudyCell*>& cells);

// Whether it sweeps the fraction: what figures over it are about.
bool varies_fraction(const Study& study);

// "seed, operation.name" of a study, or "nothing".
std::string varied_text(const Study& study);

}  // namespace groklab
