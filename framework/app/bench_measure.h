#pragma once

#include "app/bench_report.h"
#include "app/load_experiment.h"
#include "train/trainer.h"

#include <cstdint>
#include <vector>

namespace groklab {

inline constexpr std::int64_t kGemmSize = 512;

BenchContext context_of(const LoadedExperiment& loaded);

// What the CPU's matrix products reach on all threads at once: one product of kGemmSize a thread,
// in the experiment's precision.
double measure_gemm_gflops(const Experiment& experiment);

// Copies of the experiment, each with seeds of its own; the first is the experiment.
Trainer make_trainer(const LoadedExperiment& loaded, std::int64_t replicas);

// Seconds a step of each block of steps, after some that are not timed. At least `steps` are.
std::vector<double> time_blocks(Trainer& trainer, std::int64_t steps);

PackTiming measure_pack(const LoadedExperiment& loaded, std::int64_t replicas, std::int64_t steps);

}  // namespace groklab
