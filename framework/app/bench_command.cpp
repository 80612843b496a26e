// groklab bench SPEC [key=value…]: how fast this machine trains what a spec declares, alone and in
// packs, and beside another program.
#include "app/bench_measure.h"
#include "app/bench_report.h"
#include "app/commands.h"
#include "app/load_experiment.h"
#include "base/exit_codes.h"
#include "base/files.h"
#include "base/process.h"
#include "report/statistics.h"
#include "spec/scalars.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <set>
#include <sstream>

namespace groklab {
namespace {

namespace fs = std::filesystem;

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

// Seen at once, however the output is buffered.
void show(const std::string& text) {
  fmt::print("{}", text);
  std::fflush(stdout);
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

// bench SPEC --replicas 1 8: the 8 is meant for the option and stands where overrides do.
void refuse_counts_among_overrides(const BenchOptions& options) {
  std::string counts = fmt::format("{}", fmt::join(options.replicas, ","));
  std::string stray;
  for (const auto& text : options.overrides) {
    if (!parse_integer(text)) continue;
    counts += "," + text;
    if (stray.empty()) stray = text;
  }
  if (stray.empty()) return;
  throw Error(
      fmt::format("bench: '{}' is neither an override (key=value) nor part of --replicas, which "
                  "takes one word: --replicas {}",
                  stray, counts));
}

int bench(const BenchOptions& options) {
  refuse_counts_among_overrides(options);
  const auto loaded = load_experiment(options.spec, options.overrides, options.plugin_path);
  BenchReport report;
  report.context = context_of(loaded);
  show(to_text(report.context));
  report.gemm_gflops = measure_gemm_gflops(loaded.experiment);
  show(fmt::format("{0} products of {1}x{1} matrices, one a thread: {2:.1f} GFLOP/s\n",
                   report.context.precision, kGemmSize, report.gemm_gflops));
  measure_packs(loaded, options, report);
  show(operators_line(report.packs));
  show(profile_table(report));
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
      "all pairs of the table for every replica; \"in steps\" is its time over a step's. Where a "
      "step's time goes is measured in 20 further steps: the time of all threads by what they "
      "do, a moment once, divided by the threads. \"rest\" is what nothing marks; products are "
      "also those of LibTorch's operators.");
  command->callback([&action, options] { action = [options] { return bench(*options); }; });
}

}  // namespace groklab
