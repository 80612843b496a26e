#pragma once

#include "store/claims.h"
#include "store/metrics.h"
#include "store/sweep_plan.h"
#include "support/temporary_folder.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

namespace groklab::test {

inline MetricsRow measured(std::int64_t step, double train, double val) {
  return {step, {{"train_loss", 1 - train}, {"train_accuracy", train}, {"val_accuracy", val}}};
}

// Sweeps whose folders are written by hand.
class SweepTest : public testing::Test {
 protected:
  // A cell of each list of coordinates, named a, b, c, …; packs of two.
  SweepPlan make_plan(std::vector<std::string> keys,
                      const std::vector<std::vector<std::string>>& coordinates) const {
    SweepPlan plan;
    plan.experiment = "demo";
    plan.keys = std::move(keys);
    for (std::size_t i = 0; i < coordinates.size(); ++i) {
      plan.cells.push_back({std::string(1, static_cast<char>('a' + i)), coordinates[i], 100});
      if (i % 2 == 0) plan.packs.push_back({"pack" + std::to_string(i / 2), "graph", {}});
      plan.packs.back().cells.push_back(i);
    }
    write_plan(sweep_, plan);
    return plan;
  }

  // run.json of a cell; `facts` replace what stands there otherwise.
  void write_run(const std::string& id, const std::string& status,
                 const nlohmann::ordered_json& facts = nlohmann::ordered_json::object()) const {
    nlohmann::ordered_json json{{"status", status},
                                {"identity", id},
                                {"settings", nlohmann::ordered_json::object()},
                                {"plugins", nlohmann::ordered_json::array()}};
    json.update(facts);
    write_cell_file(id, "run.json", json.dump());
  }

  void write_metrics(const std::string& id, const std::vector<MetricsRow>& rows) const {
    std::string text;
    for (const auto& row : rows) text += to_json_line(row);
    write_cell_file(id, "metrics.jsonl", text);
  }

  void write_cell_file(const std::string& id, const char* name, const std::string& text) const {
    folder_.write(std::filesystem::path("sweep/cells") / id / name, text);
  }

  TemporaryFolder folder_;
  SweepFolder sweep_{folder_.path() / "sweep"};
};

}  // namespace groklab::test
