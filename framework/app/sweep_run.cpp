#include "app/sweep_run.h"

#include "app/cell_checks.h"
#include "app/changed_since.h"
#include "app/progress.h"
#include "app/summary_table.h"
#include "app/sweep_status.h"
#include "base/exit_codes.h"
#include "base/shell.h"
#include "base/signals.h"
#include "store/run_environment.h"
#include "store/run_result.h"
#include "sweep/coordinator.h"
#include "sweep/freeze.h"
#include "sweep/frozen_cell.h"

#include <fmt/format.h>
#include <groklab/parallel.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <set>

namespace groklab {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kMaxLines = 40;  // of runs in the report on the terminal

// What every run came to, in the plan's order, when nobody is at work.
std::vector<CellReport> reports_of(const SweepFolder& folder, const SweepPlan& plan) {
  std::vector<CellReport> reports;
  for (const auto& cell : plan.cells) {
    reports.push_back(read_cell(folder.cell(cell.id), /*is_at_work=*/false));
  }
  return reports;
}

bool has_result(const CellReport& report) { return is_finished(report.state); }
bool needs_no_more(const CellReport& report) { return is_over(report.state); }

std::string accuracy_text(double accuracy) {
  return std::isnan(accuracy) ? "none" : fmt::format("{:.4f}", accuracy);
}

std::string result_text(const CellReport& report) {
  auto text = to_text(report.state);
  if (!report.reason.empty()) text += ": " + report.reason;
  if (!report.record) return text;
  const JsonField run(report.record->json);
  if (const auto step = recorded_stop(run)) text += fmt::format(" early at step {}", *step);
  const auto summary = recorded_summary(run);
  if (!summary) return text;
  const auto& step = summary->steps_to_generalize;
  return text + fmt::format(", val_accuracy {}, best {}, steps_to_generalize {}",
                            accuracy_text(summary->val_accuracy),
                            accuracy_text(summary->best_val_accuracy),
                            step ? std::to_string(*step) : "never");
}

std::string coordinates_text(const SweepPlan& plan, const PlannedCell& cell) {
  std::vector<std::pair<std::string, std::string>> coordinates;
  for (std::size_t i = 0; i < plan.keys.size(); ++i) {
    coordinates.emplace_back(plan.keys[i], cell.coordinates[i]);
  }
  return to_text(coordinates);
}

// A line a run if they are few; of many only those that failed or are damaged.
void print(const SweepFolder& folder, const SweepPlan& plan,
           const std::vector<CellReport>& reports) {
  std::map<CellState, std::size_t> counts;
  std::vector<std::pair<std::string, std::string>> lines;
  for (std::size_t i = 0; i < plan.cells.size(); ++i) {
    const auto& report = reports[i];
    ++counts[report.state];
    if (reports.size() > kMaxLines && (report.reason.empty() || lines.size() == kMaxLines))
      continue;
    lines.emplace_back(
        coordinates_text(plan, plan.cells[i]),
        fmt::format("{}, {}", result_text(report), folder.cell(plan.cells[i].id).string()));
  }
  std::string text;
  for (const auto& [state, count] : counts) text += fmt::format(", {} {}", count, to_text(state));
  fmt::print("{}: {} runs{}\n{}", plan.experiment, plan.cells.size(), text, two_columns(lines));
  fmt::print("tables: {}\n",
             shell_command({"groklab", "export", folder.path.string(), "--format", "csv"}));
}

void note_changed_plugins(const SweepPlan& plan) {
  for (const auto& before : plan.earlier_plugins) {
    for (const auto& now : plan.plugins) {
      if (before.kind != now.kind || before.name != now.name) continue;
      const auto difference = difference_of_builds(before, now);
      if (difference.empty()) continue;  // that build is back
      fmt::print(stderr,
                 "note: this sweep was begun with another build of {}; runs that are over keep "
                 "what that build computed\n",
                 difference);
    }
  }
}

// Since runs were trained that this command leaves as they are.
void note_changes(const std::vector<CellReport>& reports) {
  std::set<std::string> builds;
  for (const auto& report : reports) {
    if (has_result(report)) builds.insert(builds_of(*report.record));
  }
  for (const auto& line : changed_since(builds)) {
    fmt::print(stderr, "note: changed since runs were trained: {}\n", line);
  }
}

int exit_code_of(const std::vector<CellReport>& reports) {
  const auto left = std::count_if(reports.begin(), reports.end(),
                                  [](const auto& report) { return !needs_no_more(report); });
  if (left > 0 && StopSignals::stop_requested()) {
    fmt::print(stderr, "interrupted; the same command goes on from here\n");
    return kInterrupted;
  }
  if (left > 0) {
    fmt::print(stderr, "{} runs are not over; groklab status says more, the same command goes on\n",
               left);
  }
  return std::all_of(reports.begin(), reports.end(), has_result) ? kDone : kRunFailed;
}

// By worker processes, until all is over or a stop is asked for.
void train(const SweepFolder& folder, const SweepPlan& plan, const RunOptions& options) {
  const auto threads = options.threads > 0 ? options.threads : thread_count();
  ProgressDisplay display;
  SweepMonitor monitor(folder, plan);
  ClaimWatch watch;
  const auto show = [&] {
    if (!display.is_due()) return;
    try {
      const auto& state = monitor.read(watch);
      const auto left = static_cast<double>(state.steps_left) / static_cast<double>(state.steps);
      display.show(1 - left, sweep_line(state));
    } catch (const std::exception& error) {  // what is only shown must not end the sweep
      display.show(0, error.what());
    }
  };
  coordinate(folder, {options.jobs, std::max(1, threads / options.jobs), options.fail_fast},
             {.say = [&](const std::string& line) { display.say(line); },
              .progress = show,
              .stop_requested = &StopSignals::stop_requested});
}

int run_claimed(const SweepFolder& folder, const LoadedSweep& loaded, const RunOptions& options) {
  const auto plan = freeze_sweep(
      folder, {loaded.catalog, loaded.sweep, options.spec, options.overrides, options.pack});
  note_changed_plugins(plan);
  if (options.retry_failed) retry_failed(folder, plan);
  auto reports = reports_of(folder, plan);
  if (!std::all_of(reports.begin(), reports.end(), needs_no_more)) {
    require_least_memory(loaded, options.pack, options.jobs);
    print_notes(loaded.sweep);
    train(folder, plan, options);
    reports = reports_of(folder, plan);
  }
  print(folder, plan, reports);
  note_changes(reports);
  return exit_code_of(reports);
}

}  // namespace

SweepFolder sweep_folder(const Sweep& sweep, const fs::path& out) {
  if (!out.empty()) return {out};
  return {fs::path("runs") / sweep.cells.front().experiment.name()};
}

void retry_failed(const SweepFolder& folder, const SweepPlan& plan) {
  const auto catalog = catalog_of(folder, plan);
  for (const auto& cell : plan.cells) {
    if (read_cell(folder.cell(cell.id), /*is_at_work=*/false).state != CellState::failed) continue;
    try {
      load_frozen_cell(folder, cell.id, catalog).folder->retry();
    } catch (const FileError&) {
      throw;
    } catch (const Error& error) {  // it stays failed
      fmt::print(stderr, "{}\n", error.what());
    }
  }
}

int run_sweep(const LoadedSweep& loaded, const RunOptions& options) {
  const auto folder = sweep_folder(loaded.sweep, options.out);
  const StopSignals signals;
  if (!folder.has_plan()) require_least_memory(loaded, options.pack, options.jobs);
  return until_it_can_be_written([&] {
    const auto claim = claim_sweep(folder, &StopSignals::stop_requested);
    return claim ? run_claimed(folder, loaded, options) : int{kInterrupted};
  });
}

int until_it_can_be_written(const std::function<int()>& train) {
  try {
    return train();
  } catch (const FileError& error) {
    fmt::print(stderr, "{}\nonce that is mended, the same command goes on\n", error.what());
    return kRunFailed;
  }
}

}  // namespace groklab
