#include "support/failing_calls.h"

#include <dlfcn.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <climits>
#include <csignal>
#include <cstdarg>
#include <cstdio>
#include <stdexcept>
#include <utility>

namespace groklab::test {
namespace {

using Fate = FailingCalls::Fate;

std::atomic<FailingCalls*> active = nullptr;

std::string path_of(int descriptor) {
  char path[PATH_MAX];
  const auto link = "/proc/self/fd/" + std::to_string(descriptor);
  const auto length = ::readlink(link.c_str(), path, sizeof path);
  return length > 0 ? std::string(path, static_cast<std::size_t>(length)) : std::string();
}

Fate fate_of(SystemCall call, const std::string& path) {
  const auto fate = active.load()->decide(call, path);
  if (fate == Fate::fails) errno = active.load()->reason();
  return fate;
}

bool fails(SystemCall call, const char* path) {
  return active.load() != nullptr && fate_of(call, path) == Fate::fails;
}

// The function of the C library.
template <class Function>
Function* real(const char* name) {
  return reinterpret_cast<Function*>(::dlsym(RTLD_NEXT, name));
}

}  // namespace

FailingCalls::FailingCalls(const std::filesystem::path& folder, Failure failure, std::size_t first)
    : folder_(folder.string() + "/"), failure_(std::move(failure)), first_(first) {
  if (active.exchange(this) != nullptr) throw std::logic_error("calls fail already");
}

FailingCalls::~FailingCalls() { active = nullptr; }

FailingCalls::Fate FailingCalls::decide(SystemCall call, const std::string& path) {
  const std::lock_guard lock(mutex_);
  if (!(path + "/").starts_with(folder_) || !failure_.calls.contains(call)) return Fate::passes;
  ++count_;
  if (failure_.halves && count_ == first_) return Fate::halves;
  const auto first_failed = failure_.halves ? first_ + 1 : first_;
  const bool is_its_turn = count_ == first_failed || (failure_.stays && count_ > first_failed);
  if (is_its_turn && failure_.kills) ::kill(::getpid(), SIGKILL);
  if (!is_its_turn || failure_.reason == 0) return Fate::passes;
  failed_.push_back(path);
  return Fate::fails;
}

}  // namespace groklab::test

// These take the place of the C library's in the whole process, shared libraries included.
using groklab::test::active;
using groklab::test::FailingCalls;
using groklab::test::fails;
using groklab::test::real;
using groklab::test::SystemCall;

extern "C" {

int open(const char* path, int flags, ...) {
  mode_t mode = 0;
  if ((flags & O_CREAT) != 0 || (flags & O_TMPFILE) == O_TMPFILE) {
    va_list arguments;
    va_start(arguments, flags);
    mode = va_arg(arguments, mode_t);
    va_end(arguments);
  }
  static const auto original = real<int(const char*, int, ...)>("open");
  const bool is_read = (flags & O_ACCMODE) == O_RDONLY;
  const bool is_to_fail =
      fails(is_read ? SystemCall::open_to_read : SystemCall::open_to_write, path);
  return is_to_fail ? -1 : original(path, flags, mode);
}

ssize_t write(int descriptor, const void* bytes, size_t size) {
  static const auto original = real<ssize_t(int, const void*, size_t)>("write");
  if (active.load() == nullptr) return original(descriptor, bytes, size);
  switch (groklab::test::fate_of(SystemCall::write, groklab::test::path_of(descriptor))) {
    case FailingCalls::Fate::fails:
      return -1;
    case FailingCalls::Fate::halves:
      return original(descriptor, bytes, std::max<size_t>(size / 2, 1));
    case FailingCalls::Fate::passes:
      break;
  }
  return original(descriptor, bytes, size);
}

// Does nothing else: it takes milliseconds, and no test cuts the power to see what is on the disk.
int fsync(int descriptor) {
  const bool is_to_fail = active.load() != nullptr &&
                          fails(SystemCall::fsync, groklab::test::path_of(descriptor).c_str());
  return is_to_fail ? -1 : 0;
}

int rename(const char* from, const char* to) noexcept {
  static const auto original = real<int(const char*, const char*)>("rename");
  return fails(SystemCall::rename, to) ? -1 : original(from, to);
}

int unlink(const char* path) noexcept {
  static const auto original = real<int(const char*)>("unlink");
  return fails(SystemCall::unlink, path) ? -1 : original(path);
}

int link(const char* from, const char* to) noexcept {
  static const auto original = real<int(const char*, const char*)>("link");
  return fails(SystemCall::link, to) ? -1 : original(from, to);
}

int mkdir(const char* path, mode_t mode) noexcept {
  static const auto original = real<int(const char*, mode_t)>("mkdir");
  return fails(SystemCall::mkdir, path) ? -1 : original(path, mode);
}

}  // extern "C"
