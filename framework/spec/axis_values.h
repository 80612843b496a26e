#pragma once

#include "spec/yaml_tree.h"

#include <optional>
#include <string>
#include <vector>

namespace groklab {

// The most values of an axis, and the most cells of a sweep.
inline constexpr std::size_t kMaxCells = 100'000;

// The values that a sweep gives one setting, from what its axis says:
//   [add, divide]                                 these
//   {from: 0.2, to: 0.8, step: 0.05}              up to `to` and with it, to rounding
//   {from: 1e-4, to: 1e-2, points: 5}             evenly spaced, both ends included
//   {from: 1e-4, to: 1e-2, points: 5, scale: log} evenly spaced in their logarithm
// Computed numbers are rounded to 12 significant digits, so that 0.2 + 2 · 0.05 is 0.3 and no more,
// and stand where the axis stands. nullopt after reporting what is wrong with the axis at `path`.
std::optional<std::vector<YamlNode>> axis_values(const YamlNode& axis, const std::string& path,
                                                 Problems& problems);

}  // namespace groklab
