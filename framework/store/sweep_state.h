#pragma once

#include "store/claims.h"
#include "store/run_record.h"
#include "store/run_set.h"

#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace groklab {

enum class CellState {
  waiting,      // never started
  running,      // and who trains it lives
  interrupted,  // stopped, or killed without a word; the same command resumes it
  done,
  diverged,
  failed,
  damaged,  // its run.json cannot be read
};

std::string to_text(CellState state);

// As of a run's status: it has a result; and it is over, with one or failed.
inline bool is_finished(CellState state) {
  return state == CellState::done || state == CellState::diverged;
}
inline bool is_over(CellState state) { return is_finished(state) || state == CellState::failed; }
const std::vector<CellState>& all_cell_states();

// What the folder of a run says.
struct CellReport {
  CellState state = CellState::waiting;
  std::string reason;               // why it failed or is damaged
  std::optional<RunRecord> record;  // nullopt: waiting or damaged
};

// `is_at_work`: someone who lives has claimed it. What is not over and has nobody is interrupted.
CellReport read_cell(const std::filesystem::path& run_folder, bool is_at_work);

// Whether the process that a run outside of a sweep names in run.json lives. One of another machine
// does for all that is known.
bool is_process_alive(const RunRecord& record);

struct CellProgress {
  CellState state = CellState::waiting;
  std::string reason;     // why it failed or is damaged
  std::int64_t step = 0;  // of one that is running or interrupted, as far as it is known
};

// A pack that someone has claimed who lives, or may live.
struct PackAtWork {
  std::size_t pack;  // of the plan
  ClaimRecord claim;
  ClaimHolder holder;
};

// Cells that failed, or are damaged, for one reason.
struct Trouble {
  CellState state;
  std::string reason;
  std::vector<std::size_t> cells;
};

std::vector<Trouble> troubles_of(const std::vector<CellProgress>& cells);

// How far a sweep is.
struct SweepState {
  std::vector<CellProgress> cells;  // in the plan's order
  std::map<CellState, std::size_t> counts;
  std::vector<Trouble> troubles;  // in the order of their first cells
  std::vector<PackAtWork> at_work;
  std::optional<ClaimRecord> driver;       // the `groklab run` that drives it, if that lives
  std::int64_t steps = 0, steps_left = 0;  // updates of all cells; left: of those not over
  double steps_per_second = 0;             // of all packs at work
  std::set<std::string> builds;            // of the finished cells, as builds_of gives them

  std::size_t count(CellState state) const;
  bool is_over() const;                        // no cell waits, runs or is interrupted
  std::optional<double> seconds_left() const;  // at the present rate; nullopt: not known
};

// Reads again and again how far a sweep is. What is done to a cell is done under its pack's claim:
// only cells of packs whose claim has changed, or whose owner may live, are read, and none that is
// done or diverged.
class SweepMonitor {
 public:
  SweepMonitor(SweepFolder folder, const SweepPlan& plan);  // the plan outlives it

  const SweepState& read(ClaimWatch& watch);

 private:
  // A claim as it was when its pack's cells were last read.
  struct ClaimSight {
    std::int64_t generation = -1;  // there is none
    ClaimPhase phase = ClaimPhase::released;
    bool is_held = false;
    bool operator==(const ClaimSight&) const = default;
  };

  void read_pack(std::size_t pack, const std::optional<ClaimView>& claim, ClaimHolder holder);

  SweepFolder folder_;
  const SweepPlan& plan_;
  std::vector<std::optional<ClaimSight>> sights_;  // of each pack; nullopt: not read yet
  SweepState state_;
};

// The state of a run outside of a sweep.
SweepState read_single_run(const RunSet& run);

}  // namespace groklab
