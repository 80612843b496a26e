#include "app/sweep_status.h"

#include "app/changed_since.h"
#include "app/summary_table.h"
#include "app/units.h"
#include "base/shell.h"

#include <fmt/format.h>

#include <algorithm>
#include <limits>
#include <utility>
#include <vector>

namespace groklab {
namespace {

using Json = nlohmann::ordered_json;
using Lines = std::vector<std::pair<std::string, std::string>>;

constexpr std::size_t kShown = 8;       // packs and reasons in a list
constexpr std::size_t kShownCells = 3;  // of each reason

double seconds_left(const SweepState& state) {
  return state.seconds_left().value_or(std::numeric_limits<double>::infinity());
}

std::string owner_text(const PackAtWork& work) {
  const auto& [pack, claim, holder] = work;
  auto text = claim.owner.text();
  // Another look tells whether its beat grows.
  if (holder == ClaimHolder::unproven) text += fmt::format(" (last seen {})", claim.seen);
  if (claim.deaths > 0) text += fmt::format(", tried again after: {}", claim.last_death);
  return text;
}

std::string pack_text(const PackAtWork& work) {
  const auto& [step, steps, runs, rate] = work.claim.progress;
  if (steps == 0) return fmt::format("starting, {}", owner_text(work));
  auto text =
      fmt::format("step {}/{} of {}", step, steps, counted(static_cast<std::size_t>(runs), "run"));
  if (rate > 0) {
    const auto left = static_cast<double>((steps - step) * runs) / rate;
    text += fmt::format(", {:.1f} steps/s, {} left", rate, clock_text(left));
  }
  return fmt::format("{}, {}", text, owner_text(work));
}

std::string packs_text(const RunSet& runs, const SweepState& state) {
  if (state.at_work.empty()) return "";
  Lines lines;
  for (const auto& work : state.at_work) {
    if (lines.size() == kShown) break;
    lines.emplace_back("pack " + runs.plan.packs[work.pack].name, pack_text(work));
  }
  return "at work:\n" + two_columns(lines) + rest_text(state.at_work.size(), kShown);
}

std::string troubles_text(const RunSet& runs, const SweepState& state) {
  std::string text;
  for (std::size_t i = 0; i < std::min(kShown, state.troubles.size()); ++i) {
    const auto& [trouble, reason, cells] = state.troubles[i];
    text += fmt::format("{} ({}): {}\n", to_text(trouble), cells.size(), reason);
    for (std::size_t c = 0; c < std::min(kShownCells, cells.size()); ++c) {
      text += fmt::format("  {}\n", cell_text(runs, cells[c]));
    }
    text += rest_text(cells.size(), kShownCells);
  }
  return text + rest_text(state.troubles.size(), kShown);
}

Json pack_json(const PlannedPack& pack, const ClaimRecord& claim) {
  const auto& [step, steps, runs, rate] = claim.progress;
  return {{"name", pack.name},
          {"host", claim.owner.host},
          {"process", claim.owner.process},
          {"seen", claim.seen},
          {"step", step},
          {"steps", steps},
          {"runs", runs},
          {"steps_per_second", rate},
          {"deaths", claim.deaths},
          {"last_death", claim.last_death}};
}

}  // namespace

std::string cell_text(const RunSet& runs, std::size_t cell) {
  std::vector<std::string> words{runs.folder_of(cell).string()};
  for (std::size_t key = 0; key < runs.plan.keys.size(); ++key) {
    words.push_back(runs.plan.keys[key] + "=" + runs.plan.cells[cell].coordinates[key]);
  }
  return shell_command(words);
}

std::string rest_text(std::size_t all, std::size_t shown) {
  return all > shown ? fmt::format("  and {} more\n", all - shown) : "";
}

std::string sweep_line(const SweepState& state) {
  auto text = counted(state.cells.size(), "run");
  const char* separator = ": ";
  for (const auto known : all_cell_states()) {
    if (state.count(known) == 0) continue;
    text += fmt::format("{}{} {}", separator, state.count(known), to_text(known));
    separator = ", ";
  }
  if (state.steps_per_second > 0) {
    text += fmt::format("; {:.1f} steps/s, {} left", state.steps_per_second,
                        clock_text(seconds_left(state)));
  }
  return text;
}

std::string sweep_status_text(const RunSet& runs, const SweepState& state) {
  auto text =
      fmt::format("{} in {}\n{}\n", runs.plan.experiment, runs.path.string(), sweep_line(state));
  if (state.steps > 0) {
    text += fmt::format("{} of {} steps left\n", state.steps_left, state.steps);
  }
  if (state.driver) text += fmt::format("driven by {}\n", state.driver->owner.text());
  text += packs_text(runs, state) + troubles_text(runs, state);
  for (const auto& line : changed_since(state.builds)) {
    text += fmt::format("changed since runs were trained: {}\n", line);
  }
  return text;
}

Json sweep_status_json(const RunSet& runs, const SweepState& state) {
  Json json{{"experiment", runs.plan.experiment}, {"folder", runs.path.string()}};
  for (const auto known : all_cell_states()) json["counts"][to_text(known)] = state.count(known);
  const auto left = state.seconds_left();
  json["steps"] = state.steps;
  json["steps_left"] = state.steps_left;
  json["steps_per_second"] = state.steps_per_second;
  json["seconds_left"] = left ? Json(*left) : Json(nullptr);
  json["is_over"] = state.is_over();
  json["at_work"] = json["troubles"] = Json::array();
  for (const auto& work : state.at_work) {
    json["at_work"].push_back(pack_json(runs.plan.packs[work.pack], work.claim));
  }
  for (const auto& [trouble, reason, cells] : state.troubles) {
    Json ids = Json::array();
    for (const auto cell : cells) ids.push_back(runs.plan.cells[cell].id);
    json["troubles"].push_back(
        {{"state", to_text(trouble)}, {"reason", reason}, {"cells", std::move(ids)}});
  }
  json["changed_since"] = changed_since(state.builds);
  json["cells"] = Json::array();
  for (std::size_t i = 0; i < state.cells.size(); ++i) {
    json["cells"].push_back(
        {{"cell", runs.plan.cells[i].id}, {"state", to_text(state.cells[i].state)}});
  }
  return json;
}

}  // namespace groklab
