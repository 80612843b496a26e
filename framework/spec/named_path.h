#pragma once

#include "base/paths.h"
#include "spec/yaml_tree.h"

#include <filesystem>
#include <string>

namespace groklab {

// What a path names, which is relative to the file that says it, or on the command line to the
// working directory.
inline std::filesystem::path named_path(const YamlNode& node) {
  return std::filesystem::path(*node.mark.file).parent_path() / node.scalar;
}

inline std::string absolute_path(const std::filesystem::path& path) {
  return full_path(path).lexically_normal().string();
}

}  // namespace groklab
