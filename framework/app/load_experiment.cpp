#include "app/load_experiment.h"

#include "app/report_facts.h"
#include "spec/reader.h"
#include "spec/source.h"

namespace groklab {

LoadedSweep load_sweep(const std::filesystem::path& spec, const std::vector<std::string>& overrides,
                       const std::vector<std::filesystem::path>& plugin_path) {
  const auto root = load_spec(spec, overrides);
  const auto folders = plugin_folders(root);
  Catalog catalog(search_path(plugin_path, folders));
  const auto lookup = [&](const std::string& kind, const std::string& name) {
    return schema_of(catalog.find(kind, name));
  };
  Problems problems;
  auto sweep = expand_sweep(root, lookup, problems);
  sweep.figures = read_figures(root, figure_facts(), problems);
  sweep.expectations = read_expectations(root, statistic_facts(), problems);
  problems.throw_if_any();
  for (auto& cell : sweep.cells) {
    for (const auto& folder : folders) cell.experiment.plugin_folders.push_back(folder.string());
  }
  return {std::move(catalog), std::move(sweep)};
}

LoadedExperiment load_experiment(const std::filesystem::path& spec,
                                 const std::vector<std::string>& overrides,
                                 const std::vector<std::filesystem::path>& plugin_path) {
  auto [catalog, sweep] = load_sweep(spec, overrides, plugin_path);
  if (sweep.cells.size() != 1) {
    throw Error(
        fmt::format("{}: this spec declares {} cells, and one is needed; choose it, such "
                    "as by: sweep= {}",
                    spec.string(), sweep.cells.size(), to_text(sweep.cells.front().coordinates)));
  }
  return {std::move(catalog), std::move(sweep.cells.front().experiment)};
}

}  // namespace groklab
