#pragma once

#include <sys/types.h>

#include <optional>
#include <string>
#include <vector>

namespace groklab {

// How another program ended.
struct ProcessResult {
  bool started = false;  // false: there is no such program
  int exit_code = -1;    // −1: ended by `signal`, or the system does not tell
  int signal = 0;        // 0: none
  std::string output;    // standard output and standard error, together

  bool succeeded() const { return started && exit_code == 0; }
  bool is_unknown() const { return exit_code < 0 && signal == 0; }
};

// Runs a program, found in PATH, to its end, with nothing on its standard input. Throws Error if
// the system cannot start any.
ProcessResult run_program(const std::vector<std::string>& arguments);

// This program once more, beside this process, with other arguments and the same standard output
// and error. Asked to stop (SIGTERM) at the end of its life here.
class ChildProcess {
 public:
  explicit ChildProcess(const std::vector<std::string>& arguments);
  ChildProcess(const ChildProcess&) = delete;
  ChildProcess& operator=(const ChildProcess&) = delete;
  ~ChildProcess();

  pid_t id() const { return id_; }
  std::optional<ProcessResult> poll();  // how it ended; nullopt: it runs
  void send(int signal) const;

 private:
  pid_t id_ = 0;
  std::optional<ProcessResult> result_;
};

// Has this process receive SIGTERM when `parent`, its parent, ends. False if that has already.
bool stop_with_parent(pid_t parent);

// "exit code 1", or "signal 11 (Segmentation fault)".
std::string to_text(const ProcessResult& result);

}  // namespace groklab
