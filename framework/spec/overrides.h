#pragma once

#include "spec/yaml_tree.h"

#include <string>
#include <vector>

namespace groklab {

// Applies the overrides of a command line to a spec. An override is "path=value", the path with
// points (optimizer.beta1, regularizers.0.strength), the value YAML. Those that name a plugin come
// first, then the others, in order.
//
// Several values where a setting has one make an axis of the sweep, or replace the axis that sets
// it: seed=0,1,2, seed=[0, 1, 2], data.train_fraction={from: 0.2, to: 0.8, step: 0.1} or
// data.train_fraction=range(0.2, 0.8, 0.1). One value takes the place of such an axis.
void apply_overrides(YamlNode& root, const std::vector<std::string>& overrides, Problems& problems);

}  // namespace groklab
