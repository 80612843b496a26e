#pragma once

#include "report/quantity.h"
#include "report/study.h"
#include "report/times.h"

#include <groklab/params.h>

#include <string>
#include <vector>

namespace groklab {

// Quantities of runs that are over. All but rank_correlation take them for repetitions of one
// experiment, data_needed and time_slope at each fraction. Each throws Error if the runs do not
// have what it needs.

Quantity best_accuracy(const std::vector<const StudyCell*>& cells);  // mean

// Of runs in which something happened; its interval is Clopper and Pearson's. A run with an
// unfinished stretch counts as not there in the lower bound, and as there in the upper.
Quantity event_share(const std::vector<const StudyCell*>& cells, Event event);

// Medians over runs. What a run did not reach takes it more steps than it was given.
Quantity steps_until(const Study& study, const std::vector<const StudyCell*>& cells, Event event);
Quantity delay(const Study& study, const std::vector<const StudyCell*>& cells, Event from,
               Event until);

// RankedGroup's (report/ranking.h).
Quantity data_needed(const Study& study, const std::vector<const StudyCell*>& cells,
                     double threshold);

// Percent more steps for each hundredth of the table less, between two fractions. A median that was
// not reached is later than the budget, which bounds the slope from one side.
Quantity time_slope(const Study& study, const std::vector<const StudyCell*>& cells, Event event,
                    double from, double to);

// The mean of what `take` says of a column: last, first, greatest, least, rise (greatest / first),
// fall (greatest / last); or of steps or best_val_accuracy, of which `take` must be last.
Quantity column_mean(const std::vector<const StudyCell*>& cells, const std::string& column,
                     const std::string& take);

// Spearman's, each run taken as independent, of numbers_to_rank (report/run_numbers.h).
Quantity rank_correlation(const Study& study, const std::vector<const StudyCell*>& cells,
                          const std::string& x, const std::string& y);

}  // namespace groklab
