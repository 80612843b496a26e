#pragma once

#include "report/matching.h"
#include "report/statistics.h"

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

// A statistic over pairs of runs. A pair in which a run has no such number, as it never got there
// or diverged, is left out and counted.
struct PairedStatistic {
  ComparedStatistic statistic;
  std::string group;      // the value of the key by which pairs are grouped; "all": there is none
  std::size_t pairs = 0;  // of two numbers
  std::size_t only_base = 0, only_other = 0, neither = 0;  // pairs left out, by who has a number

  // Means over `pairs`. Of a time medians over all pairs, those left out too: never is ∞.
  double base = 0, other = 0;

  // The mean of other − base; of a time the median of log10(other / base), over `pairs`. NaN:
  // there are none.
  double difference = 0;
  Interval interval{};  // 95 %, bootstrapped over `pairs`; NaN for fewer than two
};

// The ratio of two times, by the difference of their logarithms.
double ratio_of(double difference);

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
  std::string by;  // the key of the groups; empty: all pairs together
};

struct ComparisonRequest {
  std::vector<std::string> statistics;  // their names; empty: some that say most
  std::string by;
};

// The first study is the base, and there is another one. They outlive the result. Throws Error for
// an unknown statistic or key, and as match_cells does.
Comparison compare(const std::vector<Study>& studies, const ComparisonRequest& request);

}  // namespace groklab
