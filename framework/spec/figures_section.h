#pragma once

#include "spec/experiment.h"
#include "spec/yaml_tree.h"

#include <groklab/params.h>

#include <string>
#include <vector>

namespace groklab {

// A kind of figure that a spec may ask for.
struct FigureFacts {
  std::string kind, summary;
  Schema schema;
};

// What `figures:` of a merged tree asks for, in its order, with every option resolved: sections
// whose `plugin` is the kind. An entry is {kind: …, options…} or the kind alone. Adds each mistake
// to `problems`.
std::vector<Section> read_figures(const YamlNode& root, const std::vector<FigureFacts>& kinds,
                                  Problems& problems);

// As YAML that reads back as the same, each value with its origin in a comment; empty: no figures.
std::string to_yaml(const std::vector<Section>& figures);

}  // namespace groklab
