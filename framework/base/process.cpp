#include "base/process.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <groklab/error.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>

namespace groklab {
namespace {

std::string read_to_end(int descriptor) {
  std::string content;
  std::array<char, 4096> part;
  for (;;) {
    const auto count = ::read(descriptor, part.data(), part.size());
    if (count > 0) {
      content.append(part.data(), static_cast<std::size_t>(count));
    } else if (count == 0 || errno != EINTR) {
      return content;
    }
  }
}

void wait_for(pid_t process, ProcessResult& result) {
  int status = 0;
  while (::waitpid(process, &status, 0) < 0 && errno == EINTR) {
  }
  if (WIFEXITED(status)) result.exit_code = WEXITSTATUS(status);
  if (WIFSIGNALED(status)) result.signal = WTERMSIG(status);
}

}  // namespace

ProcessResult run_program(const std::vector<std::string>& arguments) {
  std::vector<char*> argv;
  for (const auto& argument : arguments) argv.push_back(const_cast<char*>(argument.c_str()));
  argv.push_back(nullptr);

  std::array<int, 2> pipe{};
  if (::pipe2(pipe.data(), O_CLOEXEC) != 0) {
    throw Error(fmt::format("cannot start {}: {}", arguments.front(), std::strerror(errno)));
  }
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
  posix_spawn_file_actions_adddup2(&actions, pipe[1], STDOUT_FILENO);
  posix_spawn_file_actions_adddup2(&actions, pipe[1], STDERR_FILENO);
  pid_t process = 0;
  const int failure = ::posix_spawnp(&process, argv[0], &actions, nullptr, argv.data(), environ);
  posix_spawn_file_actions_destroy(&actions);
  ::close(pipe[1]);

  ProcessResult result;
  result.started = failure == 0;
  if (result.started) {
    result.output = read_to_end(pipe[0]);
    wait_for(process, result);
  }
  ::close(pipe[0]);
  if (!result.started && failure != ENOENT) {
    throw Error(fmt::format("cannot start {}: {}", arguments.front(), std::strerror(failure)));
  }
  return result;
}

}  // namespace groklab
