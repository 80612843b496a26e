#include "store/sweep_state.h"

#include "base/text.h"
#include "store/json_field.h"
#include "store/run_environment.h"

#include <groklab/error.h>

#include <algorithm>
#include <utility>

namespace groklab {
namespace {

namespace fs = std::filesystem;

const std::vector<std::pair<CellState, std::string>>& state_names() {
  static const std::vector<std::pair<CellState, std::string>> names{
      {CellState::waiting, "waiting"},         {CellState::running, "running"},
      {CellState::interrupted, "interrupted"}, {CellState::done, "done"},
      {CellState::diverged, "diverged"},       {CellState::failed, "failed"},
      {CellState::damaged, "damaged"}};
  return names;
}

CellState state_of(RunStatus status, bool is_at_work) {
  switch (status) {
    case RunStatus::running:
      return is_at_work ? CellState::running : CellState::interrupted;
    case RunStatus::interrupted:
      return CellState::interrupted;
    case RunStatus::done:
      return CellState::done;
    case RunStatus::diverged:
      return CellState::diverged;
    case RunStatus::failed:
      return CellState::failed;
  }
  throw std::logic_error("unknown status");
}

bool is_due(CellState state) {
  return state == CellState::waiting || state == CellState::running ||
         state == CellState::interrupted;
}

// For an estimate of what is left: metrics that cannot be read count as none.
std::int64_t last_measured_step(const fs::path& run_folder) {
  try {
    const auto rows = readable_metrics(run_folder / "metrics.jsonl");
    return rows.empty() ? 0 : rows.back().step;
  } catch (const Error&) {
    return 0;
  }
}

CellProgress progress_of(const fs::path& run_folder, const CellReport& report) {
  CellProgress progress{report.state, report.reason};
  if (report.state == CellState::interrupted || report.state == CellState::running) {
    progress.step = last_measured_step(run_folder);
  }
  return progress;
}

void add_builds(SweepState& state, const CellReport& report) {
  if (is_finished(report.state)) state.builds.insert(builds_of(*report.record));
}

// What follows from the state of each cell and from who is at work.
void add_up(SweepState& state, const SweepPlan& plan) {
  for (const auto known : all_cell_states()) state.counts[known] = 0;
  state.troubles = troubles_of(state.cells);
  state.steps = state.steps_left = 0;
  for (std::size_t i = 0; i < plan.cells.size(); ++i) {
    const auto& cell = state.cells[i];
    ++state.counts[cell.state];
    state.steps += plan.cells[i].steps;
    if (is_due(cell.state)) {
      state.steps_left += std::max<std::int64_t>(0, plan.cells[i].steps - cell.step);
    }
  }
  state.steps_per_second = 0;
  for (const auto& pack : state.at_work) {
    state.steps_per_second += pack.claim.progress.steps_per_second;
  }
}

}  // namespace

std::vector<Trouble> troubles_of(const std::vector<CellProgress>& cells) {
  std::vector<Trouble> troubles;
  std::map<std::pair<CellState, std::string>, std::size_t> known;
  for (std::size_t i = 0; i < cells.size(); ++i) {
    const auto& [state, reason, step] = cells[i];
    if (reason.empty()) continue;
    const auto [place, is_new] = known.try_emplace({state, reason}, troubles.size());
    if (is_new) troubles.push_back({state, reason, {}});
    troubles[place->second].cells.push_back(i);
  }
  return troubles;
}

std::string to_text(CellState state) {
  for (const auto& [known, text] : state_names()) {
    if (known == state) return text;
  }
  throw std::logic_error("unknown state of a cell");
}

const std::vector<CellState>& all_cell_states() {
  static const auto states = [] {
    std::vector<CellState> all;
    for (const auto& [state, name] : state_names()) all.push_back(state);
    return all;
  }();
  return states;
}

CellReport read_cell(const fs::path& run_folder, bool is_at_work) {
  try {
    auto record = read_run_record(run_folder);
    if (!record) return {};
    const auto state = state_of(record->status, is_at_work);
    std::string reason;
    if (state == CellState::failed) {
      reason = printable(record->json.value("failure", "no reason was recorded"));
    }
    return {state, std::move(reason), std::move(record)};
  } catch (const Error& error) {
    return {CellState::damaged, message_of(error), std::nullopt};
  }
}

bool is_process_alive(const RunRecord& record) {
  try {
    const JsonField run(record.json);
    const ProcessIdentity writer{run.at("host").text(), run.at("process").integer(),
                                 run.at("machine").text(), run.at("process_start").text()};
    const bool is_elsewhere = writer.host != ProcessIdentity::mine().host;
    return writer.is_alive().value_or(is_elsewhere);
  } catch (const Error&) {
    return false;  // of an earlier version, or not as it was written
  }
}

std::size_t SweepState::count(CellState state) const {
  const auto found = counts.find(state);
  return found == counts.end() ? 0 : found->second;
}

bool SweepState::is_over() const {
  return std::none_of(cells.begin(), cells.end(),
                      [](const CellProgress& cell) { return is_due(cell.state); });
}

std::optional<double> SweepState::seconds_left() const {
  if (is_over()) return 0;
  if (!(steps_per_second > 0)) return std::nullopt;
  return static_cast<double>(steps_left) / steps_per_second;
}

SweepMonitor::SweepMonitor(SweepFolder folder, const SweepPlan& plan)
    : folder_(std::move(folder)), plan_(plan), sights_(plan.packs.size()) {
  state_.cells.resize(plan.cells.size());
}

const SweepState& SweepMonitor::read(ClaimWatch& watch) {
  const auto claims = ClaimFolder(folder_.claims()).all();
  state_.at_work.clear();
  for (std::size_t pack = 0; pack < plan_.packs.size(); ++pack) {
    const auto found = claims.find(plan_.packs[pack].name);
    std::optional<ClaimView> claim;
    if (found != claims.end()) claim = found->second;
    read_pack(pack, claim, claim ? watch.look(*claim) : ClaimHolder::nobody);
  }
  const auto driver = claims.find(kDriverClaim);
  state_.driver.reset();
  if (driver != claims.end() && watch.look(driver->second) != ClaimHolder::nobody) {
    state_.driver = driver->second.record;
  }
  add_up(state_, plan_);
  return state_;
}

void SweepMonitor::read_pack(std::size_t pack, const std::optional<ClaimView>& claim,
                             ClaimHolder holder) {
  const bool is_held = holder != ClaimHolder::nobody;
  if (is_held) state_.at_work.push_back({pack, claim->record, holder});
  ClaimSight sight;
  if (claim) sight = {claim->generation, claim->record.phase, is_held};
  if (!is_held && sights_[pack] == sight) return;
  sights_[pack] = sight;
  for (const auto index : plan_.packs[pack].cells) {
    auto& cell = state_.cells[index];
    if (is_finished(cell.state)) continue;
    const auto folder = folder_.cell(plan_.cells[index].id);
    const auto report = read_cell(folder, is_held);
    if (report.state == CellState::running) {
      cell = {report.state, "", claim->record.progress.step};
    } else {
      cell = progress_of(folder, report);
    }
    add_builds(state_, report);
  }
}

SweepState read_single_run(const RunSet& run) {
  const auto record = read_run_record(run.path);
  const auto report = read_cell(run.path, record && is_process_alive(*record));
  SweepState state;
  state.cells = {progress_of(run.path, report)};
  add_builds(state, report);
  add_up(state, run.plan);
  return state;
}

}  // namespace groklab
