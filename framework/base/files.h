#pragma once

#include <groklab/error.h>

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>

namespace groklab {

// A file or folder that the system does not let us read or write: the message names it and the
// system's reason. All functions below throw it.
class FileError : public Error {
 public:
  using Error::Error;
};

// Another process holds a folder that is to be written.
class FolderInUse : public Error {
 public:
  using Error::Error;
};

std::string read_file(const std::filesystem::path& path);

// After it returns the file holds `content`, whatever happens to the machine; before, and after any
// failure, it holds what it held: temporary file in the same folder, fsync, rename, fsync of the
// folder.
void write_atomically(const std::filesystem::path& path, std::string_view content);

// The same, faster, and safe against the end of this process but not of the machine.
void replace_file(const std::filesystem::path& path, std::string_view content);

// A file that only grows.
class AppendFile {
 public:
  explicit AppendFile(const std::filesystem::path& path);  // made if absent
  AppendFile(AppendFile&& other) noexcept;
  AppendFile& operator=(AppendFile&& other) noexcept;
  ~AppendFile();

  void append(std::string_view content);  // handed to the system whole, or throws
  void sync();                            // on the disk after it returns

 private:
  std::filesystem::path path_;
  int descriptor_ = -1;
};

// Held by one process at a time, and released by the system when that ends in any way.
class FolderLock {
 public:
  explicit FolderLock(const std::filesystem::path& folder);  // FolderInUse
  FolderLock(const FolderLock&) = delete;
  FolderLock& operator=(const FolderLock&) = delete;
  ~FolderLock();

 private:
  int descriptor_;
};

// SHA-256 as 64 hexadecimal digits.
std::string sha256(std::string_view content);

}  // namespace groklab
