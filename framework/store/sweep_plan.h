#pragma once

#include "store/driver_claim.h"
#include "store/run_folder.h"

#include <cstdint>
#include <filesystem>
#include <map>
#include <string>
#include <vector>

namespace groklab {

// A run of a sweep.
struct PlannedCell {
  std::string id;                        // its identity, and the name of its folder
  std::vector<std::string> coordinates;  // its value of each of the plan's keys, as text
  std::int64_t steps = 0;                // updates until it is done
};

// Cells that are trained together, and what is claimed as a whole.
struct PlannedPack {
  std::string name;                // a hash of its cells' ids
  std::string graph;               // a hash of what its cells have in common
  std::vector<std::size_t> cells;  // indices into the plan's
};

// What a sweep is to do, frozen when it starts; plan.json in the sweep's folder. Cells are added to
// it, and none is ever taken away.
struct SweepPlan {
  std::string experiment, claim;
  std::string created;                      // 2026-01-31T12:00:00Z
  std::string version;                      // of the groklab that made it
  std::vector<std::string> keys;            // the swept ones
  std::vector<std::string> overrides;       // of the command that declared it last
  std::vector<std::string> plugin_path;     // folders to look for plugins in, absolute
  std::vector<UsedPlugin> plugins;          // of all cells; workers use these builds and no others
  std::vector<UsedPlugin> earlier_plugins;  // other builds of them, with which runs were begun
  std::size_t pack_limit = 0;               // cells that a pack was to have at most
  std::vector<PlannedCell> cells;           // in the order of the spec
  std::vector<PlannedPack> packs;           // each cell is in one
  std::map<std::string, std::vector<std::string>> settings;  // path → its values over all cells
  std::vector<Request> figures, expectations;                // of the command that declared it last
};

// The folder of a sweep:
//   plan.json    what is to be done
//   spec.yaml    a copy of the file that declared it last
//   cells/<id>/  the folder of each run (store/run_folder.h), at first with its spec.yaml alone
//   files/       copies of the files that the cells name
//   claims/      who is working on what (store/claims.h)
struct SweepFolder {
  std::filesystem::path path;

  std::filesystem::path plan() const { return path / "plan.json"; }
  std::filesystem::path spec() const { return path / "spec.yaml"; }
  std::filesystem::path cell(const std::string& id) const { return path / "cells" / id; }
  std::filesystem::path claims() const { return claims_of(path); }

  bool has_plan() const;
};

// Throws Error if there is none, or if it is damaged.
SweepPlan read_plan(const SweepFolder& folder);

void write_plan(const SweepFolder& folder, const SweepPlan& plan);

}  // namespace groklab
