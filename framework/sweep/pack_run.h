#pragma once

#include "store/claims.h"
#include "sweep/frozen_cell.h"
#include "sweep/worker.h"

#include <string>
#include <vector>

namespace groklab {

// What came of the runs of a claimed pack.
struct PackOutcome {
  bool stopped = false;  // before all of them were over
  bool in_use = false;   // by another process, which may leave some of them
  std::size_t failed = 0;
};

// Trains the cells of a pack that are not over, for as long as the claim is held. Those that are
// at one step train together; where a plugin refuses that, each by itself, so that only those fail
// that have to, as do those whose checkpoint cannot be used. Throws FileError if a folder cannot be
// written.
PackOutcome train_pack(const Catalog& catalog, std::vector<FrozenCell>& cells, HeldClaim& claim,
                       const WorkerHooks& hooks);

// Marks the cells that are not over as failed. Throws FolderInUse if another process trains one.
void fail_cells(std::vector<FrozenCell>& cells, const std::string& reason);

}  // namespace groklab
