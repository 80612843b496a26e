#pragma once

namespace groklab {

// What the program says to its shell.
enum ExitCode : int {
  kDone = 0,
  kBug = 1,           // ours
  kUserMistake = 2,   // spec, arguments or plugin
  kRunFailed = 3,     // runs failed, or a file or folder could not be written
  kInterrupted = 75,  // stopped by a signal; the same command resumes
};

}  // namespace groklab
