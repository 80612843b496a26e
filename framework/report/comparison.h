#pragma once

#include "report/matching.h"
#include "report/quantity.h"

#include <cstddef>
#include <string>
#include <vector>

namespace groklab {

// What runs are compared by, from their summaries.
struct ComparedStatistic {
  std::string name;   // its column in cells.csv
  std::string label;  // for an axis
  bool is_time;       // steps until something happens, which may never be: ratios are compared
};

const std::vector<ComparedStatistic>& compared_statistics();

// A statistic over pairs of runs that differ in seeds alone. Of a loss that is not finite, as of a
// run that diverged, there is no mean: such a pair is left out and counted. A time that was not
// reached is later than the run's budget, and no pair of times is left out.
struct PairedStatistic {
  ComparedStatistic statistic;
  std::string group;  // the values of the keys by which pairs are grouped; "all": there are none
  std::size_t pairs = 0;                                   // of two numbers
  std::size_t only_base = 0, only_other = 0, neither = 0;  // other pairs, by who has a number

  // Means over `pairs`. Of a time medians over all pairs: never is ∞.
  double base = 0, other = 0;

  // The mean of other − base over `pairs`; of a time the median of log10(other / base) over all.
  // NaN: there are none.
  Bounds difference{};
  Interval interval{};  // 95 %, bootstrapped over the same pairs; NaN for fewer than two

  std::size_t compared() const;  // how many pairs these are
};

// The ratio of two times, by the difference of their logarithms.
double ratio_of(double difference);
Bounds ratio_of(const Bounds& difference);

struct ComparedFolder {
  std::string letter;  // A, B, …
  std::string path, experiment;
  std::size_t runs = 0, results = 0;  // planned; of which have a result
};

// A folder against the base.
struct FolderComparison {
  ComparedFolder folder;
  Matching matching;
  std::vector<PairedStatistic> rows;  // statistic by statistic, each group by group
};

struct Comparison {
  ComparedFolder base;
  std::vector<FolderComparison> others;
  std::string by;  // the keys of the groups, "key, key"; empty: pairs differ in seeds alone
};

struct ComparisonRequest {
  std::vector<std::string> statistics;  // their names; empty: some that say most
  std::string by;  // keys between commas; empty: those in which pairs differ, seeds aside
};

// The first study is the base, and there is another one. They outlive the result. Throws Error for
// an unknown statistic or key, for keys that leave settings to be pooled, and as match_cells does.
Comparison compare(const std::vector<Study>& studies, const ComparisonRequest& request);

}  // namespace groklab
