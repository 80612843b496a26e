#pragma once

#include "host/catalog.h"
#include "spec/experiment.h"
#include "store/run_folder.h"
#include "store/sweep_plan.h"

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

namespace groklab {

// A cell as its folder's spec.yaml has it.
struct FrozenCell {
  Experiment experiment;
  std::unique_ptr<RunFolder> folder;
};

// The plugins that the cells of a plan may name.
Catalog catalog_of(const SweepFolder& folder, const SweepPlan& plan);

// Throws Error if its spec is not the experiment any more that its id names: it was edited, a file
// that it names was, or another version of groklab reads it differently.
FrozenCell load_frozen_cell(const SweepFolder& folder, const std::string& id,
                            const Catalog& catalog);

}  // namespace groklab
