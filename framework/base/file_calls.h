#pragma once

#include "base/files.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <string_view>

namespace groklab {

// What the files of this folder share; nothing else includes it.

// Throws `Failure` with errno's reason: "cannot write FILE: No space left on device".
template <class Failure>
[[noreturn]] void fail(const char* action, const std::filesystem::path& path) {
  throw Failure(fmt::format("cannot {} {}: {}", action, path.string(), std::strerror(errno)));
}

// Writes every byte, or returns false with the reason in errno.
inline bool write_all(int descriptor, std::string_view content) {
  while (!content.empty()) {
    const ssize_t written = ::write(descriptor, content.data(), content.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return false;
    content.remove_prefix(static_cast<std::size_t>(written));
  }
  return true;
}

inline void remove_keeping_errno(const std::filesystem::path& path) {
  const int reason = errno;
  ::unlink(path.c_str());
  errno = reason;
}

}  // namespace groklab
