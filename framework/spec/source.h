#pragma once

#include "spec/yaml_tree.h"

#include <filesystem>
#include <string>
#include <vector>

namespace groklab {

// Reads a spec file with the files it extends and the overrides of the command line, merged into
// one tree whose nodes keep the places they came from.
//
// What comes later wins: the extended file, the spec, the overrides in order. Maps merge key by
// key; lists and values are replaced. Where a section names another plugin than the one it inherits
// from (optimizer: {name: sgd} over adamw), inherited settings are marked foreign: the reader keeps
// those that the new plugin declares too.
//
// The overrides are what overrides.h reads. Throws Error with every mistake found.
YamlNode load_spec(const std::filesystem::path& file, const std::vector<std::string>& overrides);

}  // namespace groklab
