#include "app/load_experiment.h"

#include "app/report_facts.h"
#include "spec/reader.h"
#include "spec/source.h"

#include <fmt/format.h>

#include <cstdio>

namespace groklab {

namespace {

Sweep read_sweep(const YamlNode& root, const std::vector<std::filesystem::path>& folders,
                 const SchemaLookup& lookup) {
  Problems problems;
  auto sweep = expand_sweep(root, lookup, problems);
  sweep.figures = read_figures(root, figure_facts(), problems);
  sweep.expectations = read_expectations(root, statistic_facts(), problems);
  problems.throw_if_any();
  for (auto& cell : sweep.cells) {
    for (const auto& folder : folders) cell.experiment.plugin_folders.push_back(folder.string());
  }
  return sweep;
}

// A spec may come from somebody else, and what it names runs as the user's own code.
void announce(const std::filesystem::path& spec,
              const std::vector<std::filesystem::path>& folders) {
  for (const auto& folder : folders) {
    fmt::print(stderr, "note: {} takes plugins from {} (plugins:); to load one is to run it\n",
               spec.string(), folder.string());
  }
}

}  // namespace

LoadedSweep load_sweep(const std::filesystem::path& spec, const std::vector<std::string>& overrides,
                       const std::vector<std::filesystem::path>& plugin_path) {
  const auto root = load_spec(spec, overrides);
  const auto folders = plugin_folders(root);
  announce(spec, folders);
  Catalog catalog(search_path(plugin_path, folders));
  auto sweep = read_sweep(root, folders, [&](const std::string& kind, const std::string& name) {
    return schema_of(catalog.find(kind, name));
  });
  return {std::move(catalog), std::move(sweep)};
}

Sweep load_sweep_without_plugins(const std::filesystem::path& spec,
                                 const std::vector<std::string>& overrides) {
  const auto root = load_spec(spec, overrides);
  return read_sweep(root, plugin_folders(root),
                    [](const std::string&, const std::string&) { return std::nullopt; });
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
