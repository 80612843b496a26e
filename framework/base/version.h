#pragma once

namespace groklab {

extern const char* const kVersion;  // of the program: "0.1.0"

}  // namespace groklab
