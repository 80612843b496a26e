#pragma once

#include "spec/report_sections.h"

#include <vector>

namespace groklab {

// What a spec may ask of a report, for those who read specs.
std::vector<EntryKind> figure_facts();
std::vector<EntryKind> statistic_facts();

}  // namespace groklab
