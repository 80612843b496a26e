#pragma once

#include <groklab/error.h>

#include <cstdint>
#include <filesystem>
#include <initializer_list>
#include <string>
#include <string_view>

namespace groklab {

// A file or folder that the system does not let us read or write: the message names it and the
// system's reason. All functions below throw it.
class FileError : public Error {
 public:
  using Error::Error;
};

// A file or folder that cannot be made, written or removed. The program then exits with kRunFailed,
// for no argument is wrong.
class WriteError : public FileError {
 public:
  using FileError::FileError;
};

// Another process holds a folder that is to be written.
class FolderInUse : public Error {
 public:
  using Error::Error;
};

std::string read_file(const std::filesystem::path& path);

// After it returns the file holds `content`, whatever happens to the machine; before, and after any
// failure, it holds what it held: temporary file in the same folder (base/unfinished_file.h),
// fsync, rename, fsync of the folder. A link at `path` is replaced and not followed.
void write_atomically(const std::filesystem::path& path, std::string_view content);

// The same, faster, and safe against the end of this process but not of the machine.
void replace_file(const std::filesystem::path& path, std::string_view content);

// As write_atomically, and what the file held is then in `previous`, in the same folder. There is a
// moment at which `path` is absent; at none are both, or is what stands in either not whole.
void write_keeping_previous(const std::filesystem::path& path,
                            const std::filesystem::path& previous, std::string_view content);

// Takes the place of `to`, for good after it returns; both are in one folder.
void rename_file(const std::filesystem::path& from, const std::filesystem::path& to);

void remove_file(const std::filesystem::path& path);  // if there is one

// A file that only grows. A symbolic link at its path is refused.
class AppendFile {
 public:
  explicit AppendFile(const std::filesystem::path& path);  // made if absent
  AppendFile(AppendFile&& other) noexcept;
  AppendFile& operator=(AppendFile&& other) noexcept;
  ~AppendFile();

  void append(std::string_view content);  // handed to the system whole, or throws
  void sync();                            // on the disk after it returns

  // Whether the file at the path is still this one, with all that was appended and no more. False
  // after another program removed, replaced or changed it.
  bool is_as_written() const;

 private:
  std::filesystem::path path_;
  int descriptor_ = -1;
  std::uint64_t size_ = 0;  // bytes: those that were there, and those appended
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

// SHA-256 as 64 hexadecimal digits, of one piece or of several as if they were one.
std::string sha256(std::string_view content);
std::string sha256(std::initializer_list<std::string_view> pieces);

// The same, in base 64 (RFC 4648), as browsers take it.
std::string sha256_base64(std::string_view content);

}  // namespace groklab
