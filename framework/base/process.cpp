#include "base/process.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <groklab/error.h>
#include <spawn.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>
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

void set_end(int status, ProcessResult& result) {
  if (WIFEXITED(status)) result.exit_code = WEXITSTATUS(status);
  if (WIFSIGNALED(status)) result.signal = WTERMSIG(status);
}

// Where the system does not tell, `result` stays that of a failure.
void wait_for(pid_t process, ProcessResult& result) {
  int status = 0;
  pid_t ended = 0;
  do {
    ended = ::waitpid(process, &status, 0);
  } while (ended < 0 && errno == EINTR);
  if (ended == process) set_end(status, result);
}

// A program that starts as from a shell, whatever this process inherited or set for itself: no
// signal is blocked, and its end is told. A parent may have had SIGCHLD ignored, and then no end of
// a process would be told to this one, nor to the program of its own children.
class SpawnAttributes {
 public:
  SpawnAttributes() {
    ::signal(SIGCHLD, SIG_DFL);
    ::posix_spawnattr_init(&attributes_);
    ::posix_spawnattr_setflags(&attributes_, POSIX_SPAWN_SETSIGMASK);
    sigset_t none;
    ::sigemptyset(&none);
    ::posix_spawnattr_setsigmask(&attributes_, &none);
  }
  SpawnAttributes(const SpawnAttributes&) = delete;
  SpawnAttributes& operator=(const SpawnAttributes&) = delete;
  ~SpawnAttributes() { ::posix_spawnattr_destroy(&attributes_); }
  const posix_spawnattr_t* get() const { return &attributes_; }

 private:
  posix_spawnattr_t attributes_{};
};

std::vector<char*> argument_pointers(const std::vector<std::string>& arguments) {
  std::vector<char*> pointers;
  for (const auto& argument : arguments) pointers.push_back(const_cast<char*>(argument.c_str()));
  pointers.push_back(nullptr);
  return pointers;
}

}  // namespace

ProcessResult run_program(const std::vector<std::string>& arguments) {
  auto argv = argument_pointers(arguments);
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
  const SpawnAttributes attributes;
  const int failure =
      ::posix_spawnp(&process, argv[0], &actions, attributes.get(), argv.data(), environ);
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

ChildProcess::ChildProcess(const std::vector<std::string>& arguments) {
  auto all = arguments;
  all.insert(all.begin(), "groklab");
  const SpawnAttributes attributes;
  // The file that this process runs, even if another has its name now.
  const int failure = ::posix_spawn(&id_, "/proc/self/exe", nullptr, attributes.get(),
                                    argument_pointers(all).data(), environ);
  if (failure != 0) {
    throw Error(fmt::format("cannot start a process: {}", std::strerror(failure)));
  }
}

ChildProcess::~ChildProcess() {
  if (!poll()) send(SIGTERM);
}

std::optional<ProcessResult> ChildProcess::poll() {
  if (result_) return result_;
  int status = 0;
  const auto ended = ::waitpid(id_, &status, WNOHANG);
  if (ended == 0 || (ended < 0 && errno == EINTR)) return std::nullopt;
  result_.emplace().started = true;
  if (ended == id_) set_end(status, *result_);
  return result_;
}

void ChildProcess::send(int signal) const {
  if (!result_) ::kill(id_, signal);
}

bool stop_with_parent(pid_t parent) {
  ::prctl(PR_SET_PDEATHSIG, SIGTERM);
  return ::getppid() == parent;
}

std::string to_text(const ProcessResult& result) {
  if (result.is_unknown()) return "an end that the system does not tell";
  if (result.signal == 0) return fmt::format("exit code {}", result.exit_code);
  return fmt::format("signal {} ({})", result.signal, ::strsignal(result.signal));
}

}  // namespace groklab
