#pragma once

#include "report/study.h"
#include "store/sweep_plan.h"
#include "support/temporary_folder.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdint>
#include <map>
#include <nlohmann/json.hpp>
#include <string>
#include <utility>
#include <vector>

namespace groklab::test {

// What an evaluation measures of every run.
inline MetricsRow evaluated(std::int64_t step, double train_accuracy, double val_accuracy,
                            double train_loss = 1, double val_loss = 1) {
  return {step,
          {{"train_loss", train_loss},
           {"train_accuracy", train_accuracy},
           {"val_loss", val_loss},
           {"val_accuracy", val_accuracy}}};
}

// Evaluations at 0, the powers of ten and the budget, of a run that knows its training set from
// `memorized` on, and the rest of the table from `generalized` on (0: never).
inline std::vector<MetricsRow> grokking(std::int64_t memorized, std::int64_t generalized,
                                        std::int64_t budget = 100'000) {
  std::vector<std::int64_t> steps{0, budget};
  for (std::int64_t step = 1; step < budget; step *= 10) steps.push_back(step);
  for (const auto step : {memorized, generalized}) {
    if (step > 0) steps.push_back(step);
  }
  std::sort(steps.begin(), steps.end());
  steps.erase(std::unique(steps.begin(), steps.end()), steps.end());
  std::vector<MetricsRow> rows;
  for (const auto step : steps) {
    const bool knows = memorized > 0 && step >= memorized;
    const bool understands = generalized > 0 && step >= generalized;
    rows.push_back(evaluated(step, knows ? 1 : 0.25, understands ? 1 : 0.125, knows ? 1e-4 : 4,
                             understands ? 1e-3 : 8));
  }
  return rows;
}

// The folder of a sweep, written by hand and read as reports read it.
class SmallStudy {
 public:
  using Settings = std::vector<std::pair<std::string, std::string>>;  // path → value

  explicit SmallStudy(std::string experiment = "demo") { plan_.experiment = std::move(experiment); }

  // A setting that all cells share, before any is added.
  void set(const std::string& path, const std::string& value) { shared_.emplace_back(path, value); }

  // States a claim, as `expect:` of a spec does.
  void expect(const std::string& statistic, const std::map<std::string, Value>& options) {
    plan_.expectations.push_back({statistic, options});
  }

  // Of all cells, before any is added; metrics may end earlier.
  void set_budget(std::int64_t steps) { budget_ = steps; }

  // Adds a cell with these values of the swept keys, the same keys in the same order for all cells.
  // `facts` are added to its run.json; the status "waiting" leaves it without one. Returns its
  // folder, for other files.
  std::filesystem::path add_cell(const Settings& swept, const std::vector<MetricsRow>& rows,
                                 const std::string& status = "done",
                                 const nlohmann::ordered_json& facts = nlohmann::ordered_json({})) {
    auto settings = swept;
    settings.insert(settings.end(), shared_.begin(), shared_.end());
    settings.emplace_back("training.steps", std::to_string(budget_));
    add_to_plan(swept, settings);
    const auto& id = plan_.cells.back().id;
    nlohmann::ordered_json record{{"status", status},
                                  {"experiment", plan_.experiment},
                                  {"identity", id},
                                  {"plugins", nlohmann::ordered_json::array()}};
    for (const auto& [path, value] : settings) record["settings"][path] = value;
    record.update(facts);
    const auto name = std::filesystem::path("cells") / id;
    std::filesystem::create_directories(folder_.path() / name);
    if (status == "waiting") return folder_.path() / name;
    folder_.write(name / "run.json", record.dump());
    std::string text;
    for (const auto& row : rows) text += to_json_line(row);
    folder_.write(name / "metrics.jsonl", text);
    return folder_.path() / name;
  }

  Study read() const {
    write_plan(SweepFolder{folder_.path()}, plan_);
    return read_study(folder_.path());
  }

  const std::filesystem::path& path() const { return folder_.path(); }

 private:
  void add_to_plan(const Settings& swept, const Settings& settings) {
    const auto index = plan_.cells.size();
    PlannedCell cell{fmt::format("cell{}", index), {}, budget_};
    plan_.keys.clear();
    for (const auto& [path, value] : swept) {
      plan_.keys.push_back(path);
      cell.coordinates.push_back(value);
    }
    plan_.cells.push_back(std::move(cell));
    plan_.packs.push_back({fmt::format("pack{}", index), "graph", {index}});
    for (const auto& [path, value] : settings) {
      auto& values = plan_.settings[path];
      if (std::find(values.begin(), values.end(), value) == values.end()) values.push_back(value);
    }
  }

  TemporaryFolder folder_;
  SweepPlan plan_;
  Settings shared_;
  std::int64_t budget_ = 100'000;
};

}  // namespace groklab::test
