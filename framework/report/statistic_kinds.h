#pragma once

#include "report/quantity.h"
#include "report/study.h"

#include <groklab/params.h>

#include <string>
#include <vector>

namespace groklab {

// In what the runs of a statistic may differ: only in seeds; in the training fraction too; or in
// anything, as each is taken as independent.
enum class Runs { repetitions, by_fraction, independent };

// A statistic of some runs, which `expect:` of a spec names.
struct StatisticKind {
  std::string name, summary;
  Schema schema;
  Runs runs;

  // Of runs that are over. Throws Error if they do not have what it needs, with what that is.
  Quantity (*measure)(const Study& study, const std::vector<const StudyCell*>& cells,
                      const Params& options);

  std::string (*text)(const Params& options);  // "median steps to generalise"
};

// All of them.
const std::vector<StatisticKind>& statistic_kinds();

// What every statistic may be given:
//   claim     in words; of the statistic by default
//   where     "key=value,key=value": of which runs, by default all
//   over      where of a second group, which the first is compared with
//   compare   how: the ratio of the first to the second, or their difference
//   paired    whether the runs of one seed in both groups are drawn together
//   at_least, at_most   the bounds, as numbers; either or both
//   runs      how many runs (seeds, of data_needed) of each group a verdict needs
Schema common_statistic_schema();

}  // namespace groklab
