#pragma once

#include "spec/yaml_tree.h"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace groklab {

// A place in a spec, written with points: optimizer.beta1, regularizers.0.strength, seed.
struct SpecPath {
  std::string text;
  std::vector<std::string> steps;  // none of them empty

  // A whole section, or the name of its plugin: optimizer, optimizer.name, seed.
  bool names_a_section() const;

  // optimizer or optimizer.name: what is set there comes before the plugin's parameters.
  bool names_a_plugin() const;

  // The path that the short form stands for: optimizer.name for optimizer. What is equal here sets
  // the same.
  std::string long_form() const;
};

// Whether a key at the top takes a list of plugins, as one value.
bool takes_a_list(const std::string& key);

// nullopt: a step is empty, or there are more steps than a spec has levels.
std::optional<SpecPath> parse_path(std::string_view text);

// What stands in a map under a key, or in a list at an index; nullptr: nothing does.
const YamlNode* child(const YamlNode& node, std::string_view step);
const YamlNode* find_place(const YamlNode& root, const SpecPath& path);

// A part of `sweep:`, such as grid.
YamlNode* sweep_part(YamlNode& root, const char* key);

// Short forms become long ones: `operation: add`, `seed: 3`, `probes: [weight_norm]`.
void expand_short_forms(YamlNode& root);

// Lays one spec, or a part of it, over another. Maps merge key by key; lists and values are
// replaced, and so is each axis of a sweep. Where a section names another plugin, the settings that
// were there are marked foreign.
void merge_spec(YamlNode& base, YamlNode over);

// Takes the axis that sets `path` out of the sweep's grid; for seed also `seeds`.
void drop_axis(YamlNode& root, const SpecPath& path);

// {a: {b: value}} for the path a.b; `key` is the place of the path.
YamlNode nested(const SpecPath& path, const Mark& key, YamlNode value);

// Sets one place of a spec, as the command line and the cells of a sweep do. A map over a map is
// merged into it where the path names a section, and replaces it elsewhere. An index steps into a
// list that is there already; a problem is reported if it does not.
void assign(YamlNode& root, const SpecPath& path, const Mark& key, YamlNode value,
            Problems& problems);

}  // namespace groklab
