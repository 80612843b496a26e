#pragma once

#include <string>
#include <vector>

namespace groklab {

// How another program ended.
struct ProcessResult {
  bool started = false;  // false: there is no such program
  int exit_code = -1;    // −1: ended by `signal`
  int signal = 0;
  std::string output;  // standard output and standard error, together

  bool succeeded() const { return started && exit_code == 0; }
};

// Runs a program, found in PATH, to its end, with nothing on its standard input. Throws Error if
// the system cannot start any.
ProcessResult run_program(const std::vector<std::string>& arguments);

}  // namespace groklab
