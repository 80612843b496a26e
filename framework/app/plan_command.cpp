// groklab plan SPEC [key=value…]: what a sweep would take, before it is run.
#include "app/commands.h"
#include "app/load_experiment.h"
#include "app/plan_report.h"
#include "app/plan_timing.h"
#include "base/exit_codes.h"
#include "base/resources.h"

#include <fmt/format.h>
#include <groklab/parallel.h>

#include <algorithm>
#include <memory>

namespace groklab {
namespace {

namespace fs = std::filesystem;

constexpr double kCountSeconds = 0.5, kPatientCountSeconds = 3;
constexpr double kCalibrationSeconds = 10;

struct PlanOptions {
  fs::path spec, out;
  std::vector<std::string> overrides;
  std::string device, format = "text";
  std::vector<fs::path> plugin_path;
  std::size_t pack = 16;
  int threads = 0;
  std::int64_t jobs = 1;
  bool no_calibration = false;
};

Resources resources_of(const fs::path& out) {
  return {static_cast<double>(available_memory()), static_cast<double>(own_memory()),
          static_cast<double>(free_disk_space(out)), out};
}

int plan(const PlanOptions& options) {
  auto overrides = options.overrides;
  if (!options.device.empty()) overrides.push_back("device=" + options.device);
  if (options.threads > 0) set_thread_count(options.threads);
  const auto loaded = load_sweep(options.spec, overrides, options.plugin_path);
  const auto& name = loaded.sweep.cells.front().experiment.name();
  const auto threads = std::max<std::int64_t>(1, thread_count() / options.jobs);
  const PlanContext context{
      name,
      {options.jobs, threads},
      resources_of(options.out.empty() ? fs::path("runs") / name : options.out)};
  const auto& [experiment, workers, resources] = context;
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
  command->add_option("SPEC", options->spec, "the experiment's YAML file")->required();
  command->add_option("OVERRIDES", options->overrides,
                      "key=value, such as optimizer.learning_rate=3e-4");
  command->add_option("--out", options->out, "where the runs are to go, as of groklab run");
  command->add_option("--device", options->device, "short for device=…");
  add_plugin_path(*command, options->plugin_path);
  command->add_option("--pack", options->pack, "runs of a sweep that are trained together, at most")
      ->check(CLI::Range(1, 256))
      ->capture_default_str();
  command->add_option("--threads", options->threads, "by default OMP_NUM_THREADS, or all cores")
      ->check(CLI::Range(1, 1024));
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
