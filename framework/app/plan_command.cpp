// groklab plan SPEC [key=value…]: what a sweep would take, before it is run.
#include "app/cell_checks.h"
#include "app/commands.h"
#include "app/plan_report.h"
#include "app/plan_timing.h"
#include "app/sweep_options.h"
#include "base/exit_codes.h"

#include <fmt/format.h>
#include <groklab/parallel.h>

#include <algorithm>
#include <memory>

namespace groklab {
namespace {

namespace fs = std::filesystem;

constexpr double kCountSeconds = 0.5, kPatientCountSeconds = 3;
constexpr double kCalibrationSeconds = 10;

struct PlanOptions : SweepOptions {
  fs::path out;
  std::string format = "text";
  int threads = 0;
  std::int64_t jobs = 1;
  bool no_calibration = false;
};

int plan(const PlanOptions& options) {
  if (options.threads > 0) set_thread_count(options.threads);
  const auto loaded = load_sweep(options);
  const auto& name = loaded.sweep.cells.front().experiment.name();
  const auto threads = std::max<std::int64_t>(1, thread_count() / options.jobs);
  const PlanContext context{
      name,
      {options.jobs, threads},
      resources_for(options.out.empty() ? fs::path("runs") / name : options.out)};
  const auto& [experiment, workers, resources] = context;
  print_notes(loaded.sweep);
  auto plan = plan_sweep(loaded, options.pack);
  require_memory(loaded, plan, workers, resources);  // by shapes alone, before any tensor is made
  count_rows(loaded, plan);
  count_costs(loaded, plan, resources,
              options.no_calibration ? kCountSeconds : kPatientCountSeconds);
  require_memory(loaded, plan, workers, resources);
  require_disk(plan, resources);
  if (!options.no_calibration)
    measure_speeds(loaded, plan, workers, resources, kCalibrationSeconds);
  require_memory(loaded, plan, workers, resources);
  if (options.format == "json") {
    fmt::print("{}\n", plan_json(plan, context).dump(2));
  } else {
    fmt::print("{}", plan_text(plan, context));
  }
  return kDone;
}

}  // namespace

void add_plan_command(CLI::App& program, Action& action) {
  auto* command = program.add_subcommand(
      "plan", "what a spec would take: packs, operations, time, memory, disk");
  const auto options = std::make_shared<PlanOptions>();
  add_sweep_options(*command, *options);
  command->add_option("--out", options->out, "where the runs are to go, as of groklab run");
  command->add_option("--threads", options->threads, "by default OMP_NUM_THREADS, or all cores")
      ->check(CLI::Range(1, kMostThreads));
  command->add_option("--jobs", options->jobs, "processes at a time, which divide the threads")
      ->check(CLI::Range(1, 256))
      ->capture_default_str();
  command->add_flag("--no-calibration", options->no_calibration,
                    "trains nothing for the time it takes, which is then not known");
  command->add_option("--format", options->format, "text or json")
      ->check(CLI::IsMember({"text", "json"}))
      ->capture_default_str();
  command->footer(
      "Plans all runs as if none was done. Operations are counted in a few steps of one run and of "
      "two on the CPU, memory likewise; times are those of a few steps and an evaluation of a pack "
      "of each graph, as far as about 10 s go. What does not fit is refused (exit code 2).");
  command->callback([&action, options] { action = [options] { return plan(*options); }; });
}

}  // namespace groklab
