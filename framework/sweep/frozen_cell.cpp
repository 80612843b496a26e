#include "sweep/frozen_cell.h"

#include "base/files.h"
#include "base/paths.h"
#include "spec/reader.h"
#include "spec/source.h"
#include "train/session.h"

#include <fmt/format.h>

#include <algorithm>

namespace groklab {

namespace fs = std::filesystem;

namespace {

fs::path spec_of(const SweepFolder& folder, const std::string& id) {
  return folder.cell(id) / "spec.yaml";
}

[[noreturn]] void refuse_without_spec(const fs::path& spec) {
  throw Error(fmt::format("{} is missing; the `groklab run` that declared this run writes it again",
                          spec.string()));
}

}  // namespace

Catalog catalog_of(const SweepFolder& folder, const SweepPlan& plan) {
  const auto has_spec = [&](const PlannedCell& cell) {
    return path_exists(spec_of(folder, cell.id));
  };
  const auto cell = std::find_if(plan.cells.begin(), plan.cells.end(), has_spec);
  if (cell == plan.cells.end()) refuse_without_spec(spec_of(folder, plan.cells.front().id));
  const auto root = load_spec(spec_of(folder, cell->id), {});
  const std::vector<fs::path> given(plan.plugin_path.begin(), plan.plugin_path.end());
  return Catalog(search_path(given, plugin_folders(root)));
}

FrozenCell load_frozen_cell(const SweepFolder& folder, const std::string& id,
                            const Catalog& catalog) {
  const auto path = folder.cell(id);
  const auto spec = spec_of(folder, id);
  if (!path_exists(spec)) refuse_without_spec(spec);
  const auto root = load_spec(spec, {});
  Problems problems;
  auto experiment = read_experiment(
      root,
      [&](const std::string& kind, const std::string& name) {
        return schema_of(catalog.find(kind, name));
      },
      problems);
  problems.throw_if_any();
  if (experiment.identity() != id) {
    throw Error(
        fmt::format("{} is not the experiment {} any more: it or a file that it names was edited, "
                    "or another version of groklab froze it; start the sweep in another folder",
                    spec.string(), id));
  }
  for (const auto& folder_of_plugins : plugin_folders(root)) {
    experiment.plugin_folders.push_back(folder_of_plugins.string());
  }
  auto identity = identity_of(experiment, catalog);
  identity.spec_yaml = read_file(spec);  // with the origins that its values had
  return {std::move(experiment), std::make_unique<RunFolder>(path, std::move(identity))};
}

}  // namespace groklab
