#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace groklab {

// Text as one word of a command of bash, in quotes if it needs them: it's → 'it'\''s'. Where it has
// control characters, which a terminal that shows it would obey, as $'…' with escapes.
std::string shell_word(std::string_view text);

// The words of a command, each by shell_word(), with spaces between. Every command that a message
// offers to be pasted into a shell is made by this.
std::string shell_command(const std::vector<std::string>& words);

}  // namespace groklab
