#pragma once

#include <cstdint>
#include <string>

namespace groklab {

// Updates that a run may have. Those of a million runs add up to less than 2^63.
inline constexpr std::int64_t kMostSteps = 1'000'000'000'000;

// Whether the numbers of a run depend on this setting. They do not on its name, its claim, the
// device and how often a checkpoint is written.
bool decides_numbers(const std::string& key);

}  // namespace groklab
