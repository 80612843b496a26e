#pragma once

#include <filesystem>
#include <string>

namespace groklab {

// Makes the folder dir/name with a working plugin of that kind, its test, build and experiment,
// from share/groklab/templates of the installation; returns the folder. It is there whole or not at
// all. Throws Error: no such kind, a name that cannot be one or is taken, a folder that has files
// already or cannot be made.
std::filesystem::path new_plugin(const std::string& kind, const std::string& name,
                                 const std::filesystem::path& dir);

// "sum_of_cubes" → "SumOfCubes".
std::string class_name(const std::string& name);

}  // namespace groklab
