// groklab bench SPEC [key=value…]: how fast this machine trains what a spec declares, alone and in
// packs, and beside another program.
#include "app/bench_report.h"
#include "app/commands.h"
#include "app/exit_codes.h"
#include "app/load_experiment.h"
#include "base/files.h"
#include "base/process.h"
#include "base/version.h"
#include "spec/scalars.h"
#include "train/backends.h"
#include "train/trainer.h"

#include <ATen/Parallel.h>
#include <fmt/chrono.h>
#include <fmt/format.h>
#include <groklab/parallel.h>
#include <sys/resource.h>

#include <algorithm>
#include <chrono>
#include <ctime>
#include <fstream>
#include <limits>
#include <set>
#include <sstream>
#include <thread>

namespace groklab {
namespace {

namespace fs = std::filesystem;
using Clock = std::chrono::steady_clock;

constexpr std::int64_t kWarmupSteps = 12;
constexpr std::int64_t kBlockSteps = 20;
constexpr int kEvaluations = 3;
constexpr std::int64_t kGemmSize = 512;
constexpr int kGemmRepeats = 50;
constexpr std::size_t kShownLines = 10;  // of a failed program's output
constexpr std::string_view kSpeedKey = "steps_per_second: ";

struct BenchOptions {
  fs::path spec, json;
  std::vector<std::string> overrides;
  std::vector<fs::path> plugin_path;
  std::int64_t steps = 200, pairs = 5;
  std::vector<std::int64_t> replicas{1, 2, 8};
  std::string against;
};

double seconds_since(Clock::time_point start) {
  return std::chrono::duration<double>(Clock::now() - start).count();
}

// Seen at once, however the output is buffered.
void show(const std::string& text) {
  fmt::print("{}", text);
  std::fflush(stdout);
}

std::string processor_model() {
  std::ifstream file("/proc/cpuinfo");
  for (std::string line; std::getline(file, line);) {
    const auto colon = line.find(": ");
    if (line.starts_with("model name") && colon != line.npos) return line.substr(colon + 2);
  }
  return "unknown";
}

BenchContext context_of(const Catalog& catalog, const Experiment& experiment) {
  return {fmt::format("{:%FT%TZ}", fmt::gmtime(std::time(nullptr))),
          processor_model(),
          std::thread::hardware_concurrency(),
          thread_count(),
          kVersion,
          TORCH_VERSION,
          experiment.name(),
          device_name(choose_backend(catalog, experiment).get()),
          experiment.general.text("precision")};
}

// What the machine's matrix products reach on all threads at once: float32, one product a thread.
double measure_gemm_gflops() {
  at::set_num_threads(1);  // parallel_for's threads are all that there are to be
  const std::int64_t threads = thread_count();
  const auto a = torch::rand({threads, kGemmSize, kGemmSize}, torch::kFloat32);
  const auto b = torch::rand_like(a);
  auto products = torch::empty_like(a);
  auto best = std::numeric_limits<double>::infinity();
  for (int i = 0; i < kGemmRepeats; ++i) {
    const auto start = Clock::now();
    parallel_for(threads, [&](std::int64_t t) {
      const torch::NoGradGuard no_grad;
      auto product = products[t];
      torch::mm_out(product, a[t], b[t]);
    });
    best = std::min(best, seconds_since(start));
  }
  return 2e-9 * static_cast<double>(threads * kGemmSize * kGemmSize * kGemmSize) / best;
}

// Copies of the experiment, each with seeds of its own; the first is the experiment.
Trainer make_trainer(const LoadedExperiment& loaded, std::int64_t replicas) {
  std::vector<Experiment> copies(static_cast<std::size_t>(replicas), loaded.experiment);
  for (std::int64_t r = 0; r < replicas; ++r) {
    for (auto& setting : copies[r].seed.settings) {
      setting.value = std::get<std::int64_t>(setting.value) ^ r;
    }
  }
  return {loaded.catalog, std::move(copies), choose_backend(loaded.catalog, loaded.experiment)};
}

// Seconds a step of each block of steps, after some that are not timed. At least `steps` are.
std::vector<double> time_blocks(Trainer& trainer, std::int64_t steps) {
  for (std::int64_t i = 0; i < kWarmupSteps; ++i) trainer.step();
  const auto block = std::min(steps, kBlockSteps);
  std::vector<double> seconds;
  for (std::int64_t done = 0; done < steps; done += block) {
    const auto start = Clock::now();
    for (std::int64_t i = 0; i < block; ++i) trainer.step();
    seconds.push_back(seconds_since(start) / static_cast<double>(block));
  }
  return seconds;
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

double peak_mib() {
  rusage usage{};
  ::getrusage(RUSAGE_SELF, &usage);
  return static_cast<double>(usage.ru_maxrss) / 1024;  // Linux counts in KiB
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
  timing.peak_mib = peak_mib();
  return timing;
}

// From fewer to more replicas, so that the peak of memory is always the last pack's.
void measure_packs(const LoadedExperiment& loaded, const BenchOptions& options,
                   BenchReport& report) {
  std::set<std::int64_t> counts(options.replicas.begin(), options.replicas.end());
  counts.insert(1);
  show(pack_heading());
  for (const auto replicas : counts) {
    report.packs.push_back(measure_pack(loaded, replicas, options.steps));
    show(pack_line(report.packs));
  }
}

std::vector<std::string> lines_of(const std::string& text) {
  std::vector<std::string> lines;
  std::istringstream stream(text);
  for (std::string line; std::getline(stream, line);) {
    while (line.ends_with('\r') || line.ends_with(' ')) line.pop_back();
    lines.push_back(std::move(line));
  }
  return lines;
}

[[noreturn]] void fail_peer(const std::string& command, const std::string& problem,
                            const std::vector<std::string>& lines) {
  auto message = fmt::format("--against: '{}' {}", command, problem);
  if (lines.empty()) throw Error(message + "; it printed nothing");
  message += "; its output ends with";
  const auto shown = std::min(lines.size(), kShownLines);
  for (auto i = lines.size() - shown; i < lines.size(); ++i) message += "\n  " + lines[i];
  throw Error(message);
}

// Runs the other program, whose last line "steps_per_second: X" says how fast it was.
double peer_speed(const std::string& command) {
  const auto result = run_program({"sh", "-c", command});
  const auto lines = lines_of(result.output);
  if (!result.succeeded()) {
    fail_peer(command,
              result.signal != 0 ? fmt::format("was ended by signal {}", result.signal)
                                 : fmt::format("failed with exit code {}", result.exit_code),
              lines);
  }
  const auto line = std::find_if(lines.rbegin(), lines.rend(),
                                 [](const auto& text) { return text.starts_with(kSpeedKey); });
  if (line == lines.rend()) fail_peer(command, "printed no line 'steps_per_second: X'", lines);
  const auto text = line->substr(kSpeedKey.size());
  const auto speed = parse_real(text);
  if (!speed || *speed <= 0) {
    fail_peer(command, fmt::format("printed '{}', which is no speed", *line), lines);
  }
  return *speed;
}

// Our threads sleep while the other program runs: parallel_for's spin for a moment only, and there
// are no others.
void measure_pairs(const LoadedExperiment& loaded, const BenchOptions& options,
                   BenchReport& report) {
  report.against = options.against;
  show(fmt::format("against {}\n", options.against));
  auto trainer = make_trainer(loaded, 1);
  for (std::int64_t i = 0; i < options.pairs; ++i) {
    const auto ours = 1 / median(time_blocks(trainer, options.steps));
    report.pairs.push_back({ours, peer_speed(options.against)});
    show(pair_line(report.pairs.size(), report.pairs.back()));
  }
  show(fmt::format("  median ratio: {:.3f}\n", median_ratio(report.pairs)));
}

int bench(const BenchOptions& options) {
  const auto loaded = load_experiment(options.spec, options.overrides, options.plugin_path);
  BenchReport report;
  report.context = context_of(loaded.catalog, loaded.experiment);
  show(to_text(report.context));
  report.gemm_gflops = measure_gemm_gflops();
  show(fmt::format("float32 products of {0}x{0} matrices, one a thread: {1:.1f} GFLOP/s\n",
                   kGemmSize, report.gemm_gflops));
  measure_packs(loaded, options, report);
  if (!options.against.empty()) measure_pairs(loaded, options, report);
  if (!options.json.empty()) {
    const auto replace = nlohmann::json::error_handler_t::replace;
    write_atomically(options.json, to_json(report).dump(2, ' ', false, replace) + "\n");
  }
  show(fmt::format("steps_per_second: {:.3f}\n", report.packs.front().steps_per_second()));
  return kDone;
}

}  // namespace

void add_bench_command(CLI::App& program, Action& action) {
  auto* command = program.add_subcommand("bench", "measure how fast a spec trains here");
  const auto options = std::make_shared<BenchOptions>();
  command->add_option("SPEC", options->spec, "the experiment's YAML file")->required();
  command->add_option("OVERRIDES", options->overrides,
                      "key=value, such as optimizer.learning_rate=3e-4");
  command->add_option("--steps", options->steps, "how many to time, in blocks of 20; default 200")
      ->check(CLI::Range(1, 1'000'000));
  command
      ->add_option("--replicas", options->replicas,
                   "how many to train together, such as 1,2,8, the default; 1 is always measured")
      ->delimiter(',')
      ->allow_extra_args(false)
      ->check(CLI::Range(1, 4096));
  auto* against = command->add_option("--against", options->against,
                                      "a command whose last line steps_per_second: X is its speed; "
                                      "it and we are measured in turn");
  against->check([](const std::string& text) -> std::string {
    return text.empty() ? "an empty command" : "";
  });
  command->add_option("--pairs", options->pairs, "how many times in turn; default 5")
      ->check(CLI::Range(1, 1000))
      ->needs(against);
  command->add_option("--json", options->json, "write all of it to this file as well");
  add_plugin_path(*command, options->plugin_path);
  command->footer(
      "Times are those of the median block, after steps that are not timed. An evaluation scores "
      "all pairs of the table for every replica; \"in steps\" is its time over a step's.");
  command->callback([&action, options] { action = [options] { return bench(*options); }; });
}

}  // namespace groklab
