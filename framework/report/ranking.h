#pragma once

#include "report/quantity.h"
#include "report/statistics.h"
#include "report/study.h"
#include "report/times.h"

#include <cstddef>
#include <map>
#include <string>
#include <utility>
#include <vector>

namespace groklab {

// What a group of runs comes to.
struct RankedGroup {
  std::string label;
  std::size_t runs = 0, samples = 0;  // samples: what is resampled, runs or seeds
  double value = 0;                   // infinite: never
  double place = 0;                   // of its mark: the value, or what is known of it at least
  Interval interval{};
  double limit = 0;          // the largest value that could have been seen
  bool is_at_least = false;  // data_needed: reached at the least fraction already
};

// The mean over runs of the best validation accuracy.
RankedGroup rank_best_accuracy(const CellGroup& group);

// The median over runs of the steps to an event, as far as it is known (report/times.h).
RankedGroup rank_steps(const Study& study, const CellGroup& group, const Event& event);

// The least training fraction at which the mean over seeds of the best validation accuracy reaches
// `threshold`, on straight lines between the fractions tried.
class DataNeeded {
 public:
  // Throws Error if a cell's fraction is not known.
  DataNeeded(const Study& study, const std::vector<const StudyCell*>& cells, double threshold);

  const std::vector<double>& seeds() const { return seeds_; }  // numbered from 0
  double largest_fraction() const { return accuracies_.rbegin()->first; }

  // With the seeds that were drawn, each as often as it was. At the least fraction already: from 0;
  // never: from the largest fraction on.
  Bounds of(const std::vector<double>& seeds) const;

 private:
  // Best validation accuracies by training fraction, each with the number of its seed.
  std::map<double, std::vector<std::pair<double, double>>> accuracies_;
  std::vector<double> seeds_;
  double threshold_;
};

// The same of a group; its interval by bootstrap over seeds.
RankedGroup rank_data_needed(const Study& study, const CellGroup& group, double threshold);

}  // namespace groklab
