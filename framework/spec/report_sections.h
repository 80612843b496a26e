#pragma once

#include "spec/experiment.h"
#include "spec/yaml_tree.h"

#include <groklab/params.h>

#include <string>
#include <vector>

namespace groklab {

// What an entry of a list for the report may be: of `figures:` a kind of figure, of `expect:` a
// statistic.
struct EntryKind {
  std::string name, summary;
  Schema schema;
};

// What `figures:` of a merged tree asks for, in its order, with every option resolved: sections
// whose `plugin` is the kind. An entry is {kind: …, options…} or the kind alone. Adds each mistake
// to `problems`.
std::vector<Section> read_figures(const YamlNode& root, const std::vector<EntryKind>& kinds,
                                  Problems& problems);

// The same of `expect:`, whose entries are {statistic: …, options…}. Every statistic has the texts
// `at_least` and `at_most`, of which one or both must be numbers.
std::vector<Section> read_expectations(const YamlNode& root, const std::vector<EntryKind>& kinds,
                                       Problems& problems);

// As YAML that reads back as the same, each value with its origin in a comment; empty without
// entries.
std::string figures_to_yaml(const std::vector<Section>& figures);
std::string expectations_to_yaml(const std::vector<Section>& expectations);

}  // namespace groklab
