#pragma once

#include "app/plan.h"
#include "app/plan_costs.h"

#include <cstdint>
#include <optional>
#include <string>

namespace groklab {

// Trains the largest pack of each graph for a few steps and evaluates it once, on the device that
// runs would take and with the threads of one worker, until about `seconds` have passed; the graphs
// with most work first, the first in any case; but none that is not safe to try. Throws Error if
// one does not run.
void measure_speeds(const LoadedSweep& loaded, SweepForecast& plan, const Workers& workers,
                    const Resources& resources, double seconds);

// How long packs run: by the speed that was measured of their graph, or else as multiply-adds run
// in those that were.
class PackTimes {
 public:
  explicit PackTimes(const SweepForecast& plan);

  double seconds(const PlannedGraph& graph, const ForeseenPack& pack) const;
  double seconds(const PlannedGraph& graph) const;  // of its packs, one after another
  double seconds() const;                           // of all packs, one after another

  // Until the last pack is done, if each of so many workers takes the next as soon as it is free
  // and none slows another down.
  double seconds(std::int64_t jobs) const;

 private:
  const SweepForecast& plan_;
  double seconds_of_multiply_add_ = 0;
};

}  // namespace groklab
