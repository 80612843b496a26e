#pragma once

#include <string>

namespace groklab {

// Whether the numbers of a run depend on this setting. They do not on its name, its claim, the
// device and how often a checkpoint is written.
bool decides_numbers(const std::string& key);

}  // namespace groklab
