#pragma once

#include "report/quantity.h"
#include "report/study.h"

#include <optional>
#include <string>
#include <vector>

namespace groklab {

// Numbers of one run by name: those of its summary (best_val_accuracy, steps, steps_to_generalize,
// sustained_steps_to_generalize, steps_to_memorize, sustained_steps_to_memorize), and every column
// of its metrics.

// Of a column the value at the last evaluation. nullopt: never reached, not measured, not finite.
std::optional<double> number_of(const StudyCell& cell, const std::string& name);

// The same where a step may not have been reached, as of steps_of (report/times.h).
std::optional<Bounds> bounds_of(const Study& study, const StudyCell& cell, const std::string& name);

// The number of each run for its rank among them: ∞ for a step that was never reached. Throws Error
// if a run has no such number, or if its rank is not known: the unfinished stretch of a sustained
// step begins before other runs got there.
std::vector<double> numbers_to_rank(const Study& study, const std::vector<const StudyCell*>& cells,
                                    const std::string& name);

bool is_summary_number(const std::string& name);
bool is_step_number(const std::string& name);  // that a run may never reach

// Throws Error in the name of `option`, with the nearest name, if no cell has such a number.
void require_number(const std::vector<const StudyCell*>& cells, const std::string& option,
                    const std::string& name);

}  // namespace groklab
