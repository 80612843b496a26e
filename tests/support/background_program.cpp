#include "support/background_program.h"

#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <csignal>
#include <stdexcept>
#include <thread>

namespace groklab::test {

BackgroundProgram::BackgroundProgram(std::vector<std::string> arguments,
                                     const std::filesystem::path& executable,
                                     const std::filesystem::path& output) {
  arguments.insert(arguments.begin(), executable.string());
  std::vector<char*> argv;
  for (auto& argument : arguments) argv.push_back(argument.data());
  argv.push_back(nullptr);
  process_ = ::fork();
  if (process_ < 0) throw std::runtime_error("cannot fork");
  if (process_ == 0) {
    ::setpgid(0, 0);
    ::dup2(::open("/dev/null", O_RDONLY), STDIN_FILENO);
    const int file = ::open(output.c_str(), O_WRONLY | O_CREAT, 0600);
    for (const int stream : {STDOUT_FILENO, STDERR_FILENO}) ::dup2(file, stream);
    ::execv(argv[0], argv.data());
    ::_exit(127);
  }
}

BackgroundProgram::~BackgroundProgram() {
  if (ended_) return;
  send(SIGKILL);
  wait();
}

bool BackgroundProgram::wait_until(const std::function<bool()>& condition) {
  while (!condition()) {
    if (::wait4(process_, &status_, WNOHANG, &usage_) == process_) {
      ended_ = true;
      return condition();
    }
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
  }
  return true;
}

void BackgroundProgram::send(int signal) { ::kill(process_, signal); }

void BackgroundProgram::send_to_all(int signal) {
  ::kill(-process_, signal);  // fails if it has only just been forked
  send(signal);
}

bool BackgroundProgram::ends_within(std::chrono::milliseconds time) {
  const auto end = std::chrono::steady_clock::now() + time;
  wait_until([&] { return std::chrono::steady_clock::now() >= end; });
  return ended_;
}

int BackgroundProgram::wait() {
  if (!ended_) ::wait4(process_, &status_, 0, &usage_);
  ended_ = true;
  return status_;
}

}  // namespace groklab::test
