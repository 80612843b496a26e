#pragma once

#include "app/load_experiment.h"
#include "app/run_options.h"
#include "store/sweep_plan.h"

#include <functional>

namespace groklab {

// The folder of a sweep: --out, or runs/<experiment>.
SweepFolder sweep_folder(const Sweep& sweep, const std::filesystem::path& out);

// Makes runs of a sweep due again that failed.
void retry_failed(const SweepFolder& folder, const SweepPlan& plan);

// Runs a sweep by worker processes, shows how far it is, and prints what it came to. Returns an
// ExitCode.
int run_sweep(const LoadedSweep& loaded, const RunOptions& options);

// Gives the exit code of `train`, or kRunFailed, with a message, where it throws FileError.
int until_it_can_be_written(const std::function<int()>& train);

}  // namespace groklab
