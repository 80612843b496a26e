#pragma once

#include "base/process.h"
#include "support/paths.h"

#include <string>
#include <vector>

namespace groklab::test {

// groklab with these arguments, to its end.
inline ProcessResult run_groklab(std::vector<std::string> arguments) {
  arguments.insert(arguments.begin(), program().string());
  return run_program(arguments);
}

}  // namespace groklab::test
