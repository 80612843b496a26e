#pragma once

#include <groklab/params.h>

#include <string>

namespace groklab {

// A parameter in one line: "real > 0, default 0.001, may differ within a pack: peak step size".
std::string describe(const Field& field);

}  // namespace groklab
