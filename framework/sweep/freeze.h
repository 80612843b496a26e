#pragma once

#include "host/catalog.h"
#include "spec/sweep.h"
#include "store/claims.h"
#include "store/sweep_plan.h"

#include <cstddef>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace groklab {

// The claim on driving a sweep: one process at a time adds cells to its plan and starts workers.
// Throws FolderInUse, naming host and process, if another one has it, and Error if the folder holds
// anything else than a sweep. Of an owner on another machine it takes up to ClaimWatch::kPatience
// to find out whether it lives; nullptr if a stop was asked for meanwhile.
std::unique_ptr<HeldClaim> claim_sweep(
    const SweepFolder& folder, const std::function<bool()>& stop_requested = [] { return false; });

// What is declared, and how.
struct SweepDeclaration {
  const Catalog& catalog;
  const Sweep& sweep;
  std::filesystem::path spec;          // the file
  std::vector<std::string> overrides;  // of the command line
  std::size_t pack_limit;
  bool runs_here = true;  // false: on other machines, whose devices cannot be tried here
};

// Writes the plan of a sweep into its folder, or adds to the plan that is there the cells that it
// does not have yet. Packs are formed anew if `pack_limit` is another and nobody works on one.
// Throws Error if the folder holds a sweep whose cells all have another value of some setting (and
// then says which). Writes nothing then. Call it with the sweep claimed.
SweepPlan freeze_sweep(const SweepFolder& folder, const SweepDeclaration& declaration);

}  // namespace groklab
