#pragma once

#include "spec/yaml_tree.h"

#include <groklab/params.h>

#include <optional>
#include <string>

namespace groklab {

// The value that stands there as the field types it; nullopt: it is another type or out of range.
std::optional<Value> typed_value(const Field& field, const YamlNode& node);

// What a field takes, for errors: "integer ≥ 1".
std::string expected_text(const Field& field);

}  // namespace groklab
