#include "sweep/frozen_cell.h"

#include "base/files.h"
#include "spec/reader.h"
#include "spec/source.h"
#include "train/session.h"

#include <fmt/format.h>

namespace groklab {

namespace fs = std::filesystem;

Catalog catalog_of(const SweepFolder& folder, const SweepPlan& plan) {
  const auto root = load_spec(folder.cell(plan.cells.front().id) / "spec.yaml", {});
  const std::vector<fs::path> given(plan.plugin_path.begin(), plan.plugin_path.end());
  return Catalog(search_path(given, plugin_folders(root)));
}

FrozenCell load_frozen_cell(const SweepFolder& folder, const std::string& id,
                            const Catalog& catalog) {
  const auto path = folder.cell(id);
  const auto spec = path / "spec.yaml";
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
