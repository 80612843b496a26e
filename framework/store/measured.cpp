#include "store/measured.h"

#include "base/files.h"
#include "base/paths.h"
#include "store/claims.h"
#include "store/sweep_state.h"

#include <fmt/format.h>
#include <groklab/error.h>

namespace groklab {

namespace fs = std::filesystem;

MeasuredRows read_measured_rows(const fs::path& run_folder) {
  const auto file = run_folder / "metrics.jsonl";
  if (!path_exists(file)) return {};
  MeasuredRows measured;
  try {
    measured.rows = read_metrics(file);
  } catch (const FileError& error) {
    measured.damage = error.what();
  } catch (const Error& error) {
    measured = {readable_metrics(file), error.what()};
  }
  for (std::size_t i = 1; i < measured.rows.size(); ++i) {
    if (measured.rows[i].step > measured.rows[i - 1].step) continue;
    measured.damage = fmt::format("{}:{}: step {} comes after step {}", file.string(), i + 1,
                                  measured.rows[i].step, measured.rows[i - 1].step);
    measured.rows.resize(i);
  }
  return measured;
}

std::set<std::size_t> cells_at_work(const RunSet& runs) {
  std::set<std::size_t> cells;
  if (!runs.is_sweep) {
    const auto record = read_run_record(runs.path);
    if (record && is_process_alive(*record)) cells.insert(0);
    return cells;
  }
  ClaimWatch watch;
  const auto claims = ClaimFolder(SweepFolder{runs.path}.claims()).all();
  for (const auto& pack : runs.plan.packs) {
    const auto claim = claims.find(pack.name);
    if (claim == claims.end() || watch.look(claim->second) == ClaimHolder::nobody) continue;
    cells.insert(pack.cells.begin(), pack.cells.end());
  }
  return cells;
}

}  // namespace groklab
