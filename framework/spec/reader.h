#pragma once

#include "spec/experiment.h"
#include "spec/yaml_tree.h"

#include <functional>
#include <optional>
#include <string>

namespace groklab {

// The schema of a plugin by kind and name, or nothing if it is not to be asked: its parameters are
// then read as texts, unchecked. Throws Error (with the nearest names) if there is no such plugin.
using SchemaLookup =
    std::function<std::optional<Schema>(const std::string& kind, const std::string& name)>;

// Checks a merged tree against the schemas and resolves every value. Adds each mistake to
// `problems`; the experiment is complete only if there are none.
Experiment read_experiment(const YamlNode& root, const SchemaLookup& lookup, Problems& problems);

// The section of one plugin alone: operation, model, loss or optimizer.
Section read_plugin(const YamlNode& root, const std::string& kind, const SchemaLookup& lookup,
                    Problems& problems);

// The folders of `plugins:`, relative to the file that names them. Readable before any plugin is.
std::vector<std::filesystem::path> plugin_folders(const YamlNode& root);

// The schemas of the program's own sections, by section name: what `training:`, `data:`, … may
// hold. The name "" stands for the keys at the top.
const std::vector<std::pair<std::string, Schema>>& own_schemas();

// A section of a spec that plugins fill: one, or a list of any number.
struct PluginSection {
  std::string key, kind;
  bool is_list;
  std::string help;
};

// All of them, in the order in which a spec is written.
const std::vector<PluginSection>& plugin_sections();

// What the name of an experiment is, as a regular expression: it becomes a folder's.
inline constexpr const char* kExperimentName = "[A-Za-z0-9_-]{1,100}";
bool is_experiment_name(std::string_view text);

}  // namespace groklab
