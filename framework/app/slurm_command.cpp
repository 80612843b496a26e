// groklab slurm SPEC --out DIR [key=value…]
#include "app/cell_checks.h"
#include "app/commands.h"
#include "app/slurm_script.h"
#include "app/sweep_options.h"
#include "app/sweep_run.h"
#include "base/clock.h"
#include "base/exit_codes.h"
#include "base/files.h"
#include "base/paths.h"
#include "base/process.h"
#include "base/shell.h"
#include "store/sweep_state.h"
#include "sweep/freeze.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <map>

namespace groklab {
namespace {

namespace fs = std::filesystem;

struct SlurmOptions : SweepOptions {
  fs::path out;
  std::size_t tasks = kMostTasks;
  std::size_t at_once = 0;
  int cpus = 1;
  std::string time;
  std::map<std::string, std::string> resources;  // option of sbatch → its value
  std::vector<std::string> sbatch;
  bool retry_failed = false;
  bool submit = false;
};

// What sbatch is told besides the script's own.
std::vector<std::string> sbatch_options(const SlurmOptions& options) {
  std::vector<std::string> all;
  for (const auto& [name, value] : options.resources) {
    if (!value.empty()) all.push_back(fmt::format("--{}={}", name, value));
  }
  if (!options.time.empty()) all.push_back("--time=" + options.time);
  for (const auto& option : options.sbatch) {
    all.push_back(option.starts_with('-') ? option : "--" + option);
  }
  return all;
}

struct FrozenSweep {
  SweepFolder folder;  // its path is absolute
  SweepPlan plan;
};

FrozenSweep freeze(const SlurmOptions& options) {
  const auto loaded = load_sweep(options);
  print_notes(loaded.sweep);
  const auto out = sweep_folder(loaded.sweep, options.out).path;
  const SweepFolder folder{full_path(out).lexically_normal()};
  const auto claim = claim_sweep(folder);
  const auto plan = freeze_sweep(folder, {loaded.catalog, loaded.sweep, options.spec,
                                          options.overrides, options.pack, /*runs_here=*/false});
  if (options.retry_failed) retry_failed(folder, plan);
  return {folder, plan};
}

// Packs with a run that is not over.
std::size_t packs_left(const SweepFolder& folder, const SweepPlan& plan) {
  const auto is_left = [&](std::size_t cell) {
    return !is_over(read_cell(folder.cell(plan.cells[cell].id), /*is_at_work=*/false).state);
  };
  return static_cast<std::size_t>(
      std::count_if(plan.packs.begin(), plan.packs.end(), [&](const PlannedPack& pack) {
        return std::any_of(pack.cells.begin(), pack.cells.end(), is_left);
      }));
}

// Shows what sbatch says and notes the job's number in the sweep's folder.
void submit(const fs::path& script, std::size_t tasks) {
  const auto result = run_program({"sbatch", "--parsable", script.string()});
  if (!result.started) {
    throw Error("sbatch is not to be found in PATH; submit the script where it is");
  }
  if (!result.succeeded()) {
    throw Error(fmt::format("sbatch refused {}:\n{}", script.string(), result.output));
  }
  const auto submission = parse_submission(result.output);
  if (!submission) {
    throw Error(
        fmt::format("sbatch took {}, but printed no job number in its last line; squeue lists the "
                    "job:\n{}",
                    script.string(), result.output));
  }
  fmt::print("{}submitted as job {}\n", submission->words, submission->job);
  AppendFile(script.parent_path() / "jobs.txt")
      .append(fmt::format("{} job {}, {} tasks\n", utc_now(), submission->job, tasks));
}

int slurm(const SlurmOptions& options) {
  if (!options.time.empty()) check_time_limit(options.time);
  const auto [folder, plan] = freeze(options);
  const auto left = packs_left(folder, plan);
  fmt::print("{}: {} runs in {} packs; packs left: {}\n", plan.experiment, plan.cells.size(),
             plan.packs.size(), left);
  if (left == 0) return kDone;

  const SlurmJob job{.name = plan.experiment,
                     .program = read_link("/proc/self/exe"),
                     .sweep = folder.path,
                     .logs = folder.path / "slurm",
                     .tasks = std::min(left, options.tasks),
                     .at_once = options.at_once,
                     .attempts = 2 * left + 1,
                     .cpus = options.cpus,
                     .options = sbatch_options(options)};
  const auto script = job.logs / "sweep.sbatch";
  make_folder(job.logs);
  write_atomically(script, slurm_script(job));
  fmt::print("tasks: {}; to submit them: sbatch {}\n", job.tasks, shell_word(script.string()));
  if (options.submit) submit(script, job.tasks);
  return kDone;
}

// What a task of the array is.
void add_task_options(CLI::App& command, SlurmOptions& options) {
  command.add_option("--tasks", options.tasks, "of the array, at most; each takes several packs")
      ->check(CLI::Range(std::size_t{1}, kMostTasks))
      ->capture_default_str();
  command.add_option("--at-once", options.at_once, "tasks that run at the same time, at most")
      ->check(CLI::PositiveNumber);
  command.add_option("--cpus", options.cpus, "processors of a task, each a thread")
      ->check(CLI::Range(1, 1024))
      ->capture_default_str();
  command.add_option("--time", options.time, "limit of a task, as Slurm writes it: 12:00:00");
  const std::vector<std::array<const char*, 3>> resources{
      {"--partition", "partition", "where the tasks queue"},
      {"--gpus", "gpus", "of a task: 1, a100:1; a worker uses one"},
      {"--memory", "mem", "of a task: 8G"},
      {"--account", "account", "that is charged"},
      {"--constraint", "constraint", "what a node must have"},
      {"--qos", "qos", "quality of service"},
  };
  for (const auto& [option, name, help] : resources) {
    command.add_option(option, options.resources[name], help);
  }
  command
      .add_option(
          "--sbatch", options.sbatch,
          "any other option of sbatch: mail-type=END, exclusive; may be given several times")
      ->allow_extra_args(false);
}

}  // namespace

void add_slurm_command(CLI::App& program, Action& action) {
  auto* command = program.add_subcommand("slurm", "train a sweep as an array job of Slurm");
  const auto options = std::make_shared<SlurmOptions>();
  add_sweep_options(*command, *options);
  command->add_option(
      "--out", options->out,
      "the sweep's folder, which every node must see; by default runs/<experiment>");
  add_retry_option(*command, options->retry_failed);
  add_task_options(*command, *options);
  command->add_flag("--submit", options->submit, "hand the script to sbatch");
  command->callback([&action, options] { action = [options] { return slurm(*options); }; });
}

}  // namespace groklab
