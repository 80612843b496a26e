#pragma once

#include "app/plan.h"

#include <cstdint>
#include <filesystem>

namespace groklab {

// How many packs are trained at a time, each in a process of its own, and on what.
struct Workers {
  std::int64_t jobs = 1;
  std::int64_t threads = 1;  // of each
};

// What the machine gives.
struct Resources {
  double memory = 0;      // bytes that are available
  double own_memory = 0;  // that a process takes besides its pack
  double disk = 0;        // bytes that are free where the runs go
  std::filesystem::path out;
};

// What this machine gives at the moment to runs whose folder is `out`.
Resources resources_for(const std::filesystem::path& out);

// Whether so many bytes can be taken to try something out: not if that would take most of what
// there is, as an estimate may be too low.
bool is_safe_to_try(double bytes, const Resources& resources);

// Fills in the costs: counts those of graphs, the ones with most work first, until `seconds` have
// passed, and takes the others' from them in proportion. Those of a graph that is not safe to try
// stay zero if no other was counted. Needs the plan's rows.
void count_costs(const LoadedSweep& loaded, SweepForecast& plan, const Resources& resources,
                 double seconds);

// Bytes of memory that a pack of so many replicas takes, as far as is known: measured, estimated
// from what was counted, or at least what the graph's shape says.
double pack_bytes(const PlannedGraph& graph, std::int64_t replicas, std::int64_t threads);

double disk_bytes(const PlannedGraph& graph);  // of all its runs
double disk_bytes(const SweepForecast& plan);

// A pack of a sweep would not fit in the memory that there is.
class DoesNotFit : public Error {
 public:
  using Error::Error;
};

// Throws DoesNotFit if a pack of the plan does, saying how much it needs and what to change. A
// device of its own says nothing of its memory, and is not asked.
void require_memory(const LoadedSweep& loaded, const SweepForecast& plan, const Workers& workers,
                    const Resources& resources);

// Throws Error if the runs would not fit on the disk.
void require_disk(const SweepForecast& plan, const Resources& resources);

}  // namespace groklab
