#include "store/run_set.h"

#include "base/setting_keys.h"
#include "store/run_record.h"

#include <fmt/format.h>
#include <groklab/error.h>

#include <algorithm>
#include <cstdlib>

namespace groklab {
namespace {

namespace fs = std::filesystem;

SweepPlan plan_of(const RunRecord& record) {
  SweepPlan plan;
  plan.experiment = record.json.value("experiment", "");
  const auto steps = record.json["settings"].value("training.steps", "0");
  plan.cells = {{record.json["identity"],
                 {},
                 std::clamp(std::strtoll(steps.c_str(), nullptr, 10), 0LL,
                            static_cast<long long>(kMostSteps))}};
  plan.claim = record.json["settings"].value("claim", "");
  plan.created = record.json.value("started", "");
  plan.version = record.json.value("groklab", "");
  const auto requests = [&](const char* key) {
    const auto list = JsonField(record.json).find(key);
    return list ? requests_from_json(*list) : std::vector<Request>();
  };
  plan.figures = requests("figures");
  plan.expectations = requests("expectations");
  plan.packs = {{plan.cells.front().id, "", {0}}};
  return plan;
}

}  // namespace

fs::path RunSet::folder_of(std::size_t cell) const {
  return is_sweep ? SweepFolder{path}.cell(plan.cells.at(cell).id) : path;
}

RunSet read_run_set(const fs::path& path) {
  const SweepFolder sweep{path};
  if (sweep.has_plan()) return {path, read_plan(sweep), true};
  if (const auto record = read_run_record(path)) return {path, plan_of(*record), false};
  throw Error(
      fmt::format("{} holds neither a sweep (plan.json) nor a run (run.json); give the "
                  "folder that groklab run wrote, which is what its --out names",
                  path.string()));
}

}  // namespace groklab
