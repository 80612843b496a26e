#include "app/load_experiment.h"

#include "spec/reader.h"
#include "spec/source.h"

namespace groklab {

LoadedExperiment load_experiment(const std::filesystem::path& spec,
                                 const std::vector<std::string>& overrides,
                                 const std::vector<std::filesystem::path>& plugin_path) {
  const auto root = load_spec(spec, overrides);
  const auto folders = plugin_folders(root);
  Catalog catalog(search_path(plugin_path, folders));
  const auto lookup = [&](const std::string& kind, const std::string& name) {
    return schema_of(catalog.find(kind, name));
  };
  Problems problems;
  auto experiment = read_experiment(root, lookup, problems);
  problems.throw_if_any();
  for (const auto& folder : folders) experiment.plugin_folders.push_back(folder.string());
  return {std::move(catalog), std::move(experiment)};
}

}  // namespace groklab
