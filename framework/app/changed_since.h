#pragma once

#include <set>
#include <string>
#include <vector>

namespace groklab {

// What has changed since runs were trained with these builds (builds_of of their records), a line
// each: plugins whose files have another content now, and groklab itself. Files that are not there
// are left out: a report may be made on another machine. Nothing of a plugin runs.
std::vector<std::string> changed_since(const std::set<std::string>& builds);

}  // namespace groklab
