#pragma once

#include "spec/problems.h"

#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace groklab {

inline constexpr const char* kTabs =
    "the line begins with a tab, and YAML indents by spaces alone; write spaces in its place";

// Throws Error if a text is not what YAML is written in here: UTF-8 without control characters. A
// parser would take UTF-16, or end at the first zero byte.
void require_readable(std::string_view text, const std::shared_ptr<const std::string>& file);

// The number, from 1, of the first line up to the `last`, counted from 0, in whose indentation or
// after whose `- ` is a tab.
std::optional<int> first_tab(std::string_view text, int last);

}  // namespace groklab
