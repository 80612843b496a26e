#pragma once

#include "store/claims.h"

#include <filesystem>
#include <functional>
#include <memory>
#include <string>

namespace groklab {

// The claim on driving a folder, beside those on the packs of a sweep.
inline constexpr const char* kDriverClaim = "run";

// Where the claims of a sweep, or of a run outside of one, are.
inline std::filesystem::path claims_of(const std::filesystem::path& folder) {
  return folder / "claims";
}

// The claim on driving a folder, which one process at a time has, whatever machine it is on: it
// trains the run that is there, or adds to the plan of the sweep and starts its workers. Throws
// FolderInUse, naming host and process, if another one has it; `way_out` is what else that message
// proposes. Of an owner on another machine it takes up to ClaimWatch::kPatience to find out whether
// it lives; nullptr if a stop was asked for meanwhile.
std::unique_ptr<HeldClaim> claim_driver(const std::filesystem::path& folder,
                                        const std::string& way_out,
                                        const std::function<bool()>& stop_requested);

}  // namespace groklab
