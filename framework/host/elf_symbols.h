#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace groklab {

// The names of the symbols that a shared library exports (the first 256 characters of each), read
// from its bytes without loading it. Every offset of the file is checked before it is followed, so
// damaged files are safe to pass. Throws Error, without the file's name, if this is no complete
// shared library for this processor.
std::vector<std::string> exported_symbols(std::string_view library);

}  // namespace groklab
