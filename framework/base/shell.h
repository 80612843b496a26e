#pragma once

#include <string>
#include <string_view>

namespace groklab {

// Text as one word of a shell's command, in quotes if it needs them: it's → 'it'\''s'.
std::string shell_word(std::string_view text);

}  // namespace groklab
