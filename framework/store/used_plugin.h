#pragma once

#include "store/json_field.h"

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

namespace groklab {

// A library that a plugin needs beside its own.
struct UsedLibrary {
  std::string library, content;
};

// The library of a plugin that a run uses.
struct UsedPlugin {
  std::string kind, name, library;
  std::string sha256;     // of the file
  std::string content{};  // the hash that is the same wherever the library is; empty: not recorded
  std::vector<UsedLibrary> helpers{};
};

// As run.json and plan.json have it. The second throws Error where something is missing or
// of another type.
nlohmann::ordered_json to_json(const UsedPlugin& plugin);
UsedPlugin used_plugin_from_json(const JsonField& json);

// What differs between two builds of a plugin, in words: "operation divide", or "the library
// libtable.so of operation divide"; empty: nothing.
std::string difference_of_builds(const UsedPlugin& before, const UsedPlugin& now);

}  // namespace groklab
