#include "app/bench_measure.h"

#include "app/operator_marks.h"
#include "base/clock.h"
#include "base/version.h"
#include "operators/observer.h"
#include "report/statistics.h"
#include "train/backends.h"

#include <ATen/Parallel.h>
#include <fmt/chrono.h>
#include <fmt/format.h>
#include <groklab/parallel.h>
#include <sys/resource.h>

#include <algorithm>
#include <ctime>
#include <fstream>
#include <limits>
#include <thread>

namespace groklab {
namespace {

using Clock = std::chrono::steady_clock;

constexpr std::int64_t kWarmupSteps = 12;
constexpr std::int64_t kBlockSteps = 20;
constexpr std::int64_t kProfiledSteps = 20;
constexpr int kEvaluations = 3;
constexpr int kGemmRepeats = 50;

std::string processor_model() {
  std::ifstream file("/proc/cpuinfo");
  for (std::string line; std::getline(file, line);) {
    const auto colon = line.find(": ");
    if (line.starts_with("model name") && colon != line.npos) return line.substr(colon + 2);
  }
  return "unknown";
}

double time_evaluation(Trainer& trainer) {
  trainer.evaluate();  // allocates
  std::vector<double> seconds;
  for (int i = 0; i < kEvaluations; ++i) {
    const auto start = Clock::now();
    trainer.evaluate();
    seconds.push_back(seconds_since(start));
  }
  return median(seconds);
}

// Of the device, or what /proc/self/status calls VmHWM.
double peak_mib(const Trainer& trainer) {
  const auto bytes = trainer.backend() == nullptr ? std::nullopt : trainer.backend()->peak_bytes();
  if (bytes) return static_cast<double>(*bytes) / (1 << 20);
  rusage usage{};
  ::getrusage(RUSAGE_SELF, &usage);
  return static_cast<double>(usage.ru_maxrss) / 1024;  // Linux counts in KiB
}

// What a step calls of LibTorch's operators in the thread that asks for it, views aside.
std::int64_t count_operators(Trainer& trainer) {
  const OperatorObserver observer;
  trainer.step_by_operators();
  return static_cast<std::int64_t>(observer.kernels().size());
}

// Empty where the device does the work while the host goes on.
StepProfile profile_steps(Trainer& trainer) {
  if (trainer.backend() != nullptr && !trainer.backend()->device().is_cpu()) return {};
  const OperatorMarks marks;
  trainer.step_by_operators();  // threads take note of the marks
  start_profile();
  for (std::int64_t i = 0; i < kProfiledSteps; ++i) trainer.step_by_operators();
  return {kProfiledSteps, stop_profile()};
}

}  // namespace

BenchContext context_of(const LoadedExperiment& loaded) {
  const auto& experiment = loaded.experiment;
  const auto backend = choose_backend(loaded.catalog, experiment);
  return {fmt::format("{:%FT%TZ}", fmt::gmtime(std::time(nullptr))),
          processor_model(),
          std::thread::hardware_concurrency(),
          thread_count(),
          kVersion,
          TORCH_VERSION,
          experiment.name(),
          device_name(backend.get()),
          experiment.general.text("precision")};
}

double measure_gemm_gflops(const Experiment& experiment) {
  at::set_num_threads(1);  // parallel_for's threads are all that there are to be
  const std::int64_t threads = thread_count();
  const auto dtype =
      experiment.general.text("precision") == "float64" ? torch::kFloat64 : torch::kFloat32;
  const auto a = torch::rand({threads, kGemmSize, kGemmSize}, dtype);
  const auto b = torch::rand_like(a);
  auto products = torch::empty_like(a);
  auto best = std::numeric_limits<double>::infinity();
  for (int i = 0; i < kGemmRepeats; ++i) {
    const auto start = Clock::now();
    for_each_replica(threads, [&](std::int64_t t) {
      const torch::NoGradGuard no_grad;
      auto product = products[t];
      torch::mm_out(product, a[t], b[t]);
    });
    best = std::min(best, seconds_since(start));
  }
  return 2e-9 * static_cast<double>(threads * kGemmSize * kGemmSize * kGemmSize) / best;
}

Trainer make_trainer(const LoadedExperiment& loaded, std::int64_t replicas) {
  std::vector<Experiment> copies(static_cast<std::size_t>(replicas), loaded.experiment);
  for (std::int64_t r = 0; r < replicas; ++r) {
    for (auto& setting : copies[r].seed.settings) {
      setting.value = std::get<std::int64_t>(setting.value) ^ r;
    }
  }
  return {loaded.catalog, std::move(copies), choose_backend(loaded.catalog, loaded.experiment)};
}

std::vector<double> time_blocks(Trainer& trainer, std::int64_t steps) {
  for (std::int64_t i = 0; i < kWarmupSteps; ++i) trainer.step(/*observed=*/false);
  trainer.wait();
  const auto block = std::min(steps, kBlockSteps);
  std::vector<double> seconds;
  for (std::int64_t done = 0; done < steps; done += block) {
    const auto start = Clock::now();
    for (std::int64_t i = 0; i < block; ++i) trainer.step(/*observed=*/false);
    trainer.wait();
    seconds.push_back(seconds_since(start) / static_cast<double>(block));
  }
  return seconds;
}

PackTiming measure_pack(const LoadedExperiment& loaded, std::int64_t replicas, std::int64_t steps) {
  auto trainer = make_trainer(loaded, replicas);
  const auto blocks = time_blocks(trainer, steps);
  const auto [fastest, slowest] = std::minmax_element(blocks.begin(), blocks.end());
  PackTiming timing;
  timing.replicas = replicas;
  timing.steps = trainer.steps_done() - kWarmupSteps;
  timing.seconds_per_step = median(blocks);
  timing.fastest = *fastest;
  timing.slowest = *slowest;
  timing.evaluation_seconds = time_evaluation(trainer);
  timing.peak_mib = peak_mib(trainer);
  timing.operators = count_operators(trainer);
  timing.profile = profile_steps(trainer);
  return timing;
}

}  // namespace groklab
