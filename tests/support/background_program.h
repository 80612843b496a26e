#pragma once

#include "support/paths.h"

#include <sys/resource.h>
#include <sys/types.h>

#include <chrono>
#include <filesystem>
#include <functional>
#include <string>
#include <vector>

namespace groklab::test {

// groklab, or another program, running beside the test, its output written to a file or dropped.
// Killed at the end if it still runs.
class BackgroundProgram {
 public:
  explicit BackgroundProgram(std::vector<std::string> arguments,
                             const std::filesystem::path& executable = program(),
                             const std::filesystem::path& output = "/dev/null");
  BackgroundProgram(const BackgroundProgram&) = delete;
  BackgroundProgram& operator=(const BackgroundProgram&) = delete;
  ~BackgroundProgram();

  // Waits until `condition` holds; false if the program ended before it did.
  bool wait_until(const std::function<bool()>& condition);

  pid_t id() const { return process_; }
  void send(int signal);
  void send_to_all(int signal);  // and to the processes that it started

  bool ends_within(std::chrono::milliseconds time);
  int wait();  // as waitpid reports it

  long peak_memory_kib() const { return usage_.ru_maxrss; }  // after wait

 private:
  pid_t process_ = 0;
  bool ended_ = false;
  int status_ = 0;
  rusage usage_{};
};

}  // namespace groklab::test
