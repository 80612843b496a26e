#pragma once

#include <string_view>

namespace groklab {

// The name here of what other programs call `word`: learning_rate for lr. Empty: none is known.
std::string_view name_here(std::string_view word);

}  // namespace groklab
