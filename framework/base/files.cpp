#include "base/files.h"

#include "base/file_calls.h"
#include "base/unfinished_file.h"

#include <openssl/evp.h>
#include <openssl/sha.h>
#include <sys/file.h>
#include <sys/stat.h>

#include <memory>
#include <utility>
#include <vector>

namespace groklab {
namespace {

std::vector<unsigned char> sha256_bytes(std::initializer_list<std::string_view> pieces) {
  const std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)> hash(EVP_MD_CTX_new(),
                                                                     &EVP_MD_CTX_free);
  bool is_good = hash && EVP_DigestInit_ex(hash.get(), EVP_sha256(), nullptr) == 1;
  for (const auto piece : pieces) {
    is_good = is_good && EVP_DigestUpdate(hash.get(), piece.data(), piece.size()) == 1;
  }
  std::vector<unsigned char> digest(SHA256_DIGEST_LENGTH);
  if (!is_good || EVP_DigestFinal_ex(hash.get(), digest.data(), nullptr) != 1) {
    throw std::runtime_error("SHA-256 failed");
  }
  return digest;
}

class Descriptor {
 public:
  Descriptor(const std::filesystem::path& path, int flags, mode_t mode = 0)
      : number_(::open(path.c_str(), flags | O_CLOEXEC, mode)) {}
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  ~Descriptor() {
    if (number_ >= 0) ::close(number_);
  }
  int get() const { return number_; }

 private:
  int number_;
};

// SMB and some others cannot sync a folder, and say that the call means nothing to them.
void sync_folder(const std::filesystem::path& folder) {
  const Descriptor descriptor(folder, O_RDONLY | O_DIRECTORY);
  if (descriptor.get() >= 0 && ::fsync(descriptor.get()) == 0) return;
  if (descriptor.get() >= 0 && (errno == EINVAL || errno == EOPNOTSUPP)) return;
  fail<WriteError>("sync folder", folder);
}

std::filesystem::path folder_of(const std::filesystem::path& path) {
  return path.has_parent_path() ? path.parent_path() : ".";
}

// Writes the content and forces it onto the disk.
void fill(UnfinishedFile& file, std::string_view content) {
  file.append(content);
  file.sync();
}

}  // namespace

std::string read_file(const std::filesystem::path& path) {
  const Descriptor descriptor(path, O_RDONLY);
  struct stat status {};
  if (descriptor.get() < 0 || ::fstat(descriptor.get(), &status) != 0)
    fail<FileError>("read", path);
  if (!S_ISREG(status.st_mode)) {
    errno = S_ISDIR(status.st_mode) ? EISDIR : EINVAL;
    fail<FileError>("read", path);
  }
  std::string content(static_cast<std::size_t>(status.st_size), '\0');
  std::size_t filled = 0;
  while (filled < content.size()) {
    const ssize_t got = ::read(descriptor.get(), content.data() + filled, content.size() - filled);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) fail<FileError>("read", path);
    if (got == 0) break;
    filled += static_cast<std::size_t>(got);
  }
  content.resize(filled);
  return content;
}

void replace_file(const std::filesystem::path& path, std::string_view content) {
  UnfinishedFile file(path);
  file.append(content);
  file.put_in_place();
}

void write_atomically(const std::filesystem::path& path, std::string_view content) {
  UnfinishedFile file(path);
  fill(file, content);
  file.put_in_place();
  sync_folder(folder_of(path));
}

void write_keeping_previous(const std::filesystem::path& path,
                            const std::filesystem::path& previous, std::string_view content) {
  UnfinishedFile file(path);
  fill(file, content);
  if (::rename(path.c_str(), previous.c_str()) != 0 && errno != ENOENT) {
    fail<WriteError>("replace", previous);
  }
  file.put_in_place();
  sync_folder(folder_of(path));
}

void rename_file(const std::filesystem::path& from, const std::filesystem::path& to) {
  if (::rename(from.c_str(), to.c_str()) != 0) fail<WriteError>("replace", to);
  sync_folder(folder_of(to));
}

void remove_file(const std::filesystem::path& path) {
  if (::unlink(path.c_str()) != 0 && errno != ENOENT) fail<WriteError>("remove", path);
}

AppendFile::AppendFile(const std::filesystem::path& path)
    : path_(path),
      descriptor_(
          ::open(path.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_NOFOLLOW | O_CLOEXEC, 0644)) {
  if (descriptor_ < 0 && errno == ELOOP) {
    throw WriteError(fmt::format(
        "cannot write {}: it is a symbolic link, which groklab does not follow", path_.string()));
  }
  struct stat status {};
  if (descriptor_ < 0 || ::fstat(descriptor_, &status) != 0) fail<WriteError>("write", path_);
  size_ = static_cast<std::uint64_t>(status.st_size);
}

AppendFile::AppendFile(AppendFile&& other) noexcept
    : path_(std::move(other.path_)),
      descriptor_(std::exchange(other.descriptor_, -1)),
      size_(other.size_) {}

AppendFile& AppendFile::operator=(AppendFile&& other) noexcept {
  std::swap(path_, other.path_);
  std::swap(descriptor_, other.descriptor_);
  std::swap(size_, other.size_);
  return *this;
}

AppendFile::~AppendFile() {
  if (descriptor_ >= 0) ::close(descriptor_);
}

void AppendFile::append(std::string_view content) {
  if (!write_all(descriptor_, content)) fail<WriteError>("append to", path_);
  size_ += content.size();
}

void AppendFile::sync() {
  if (::fsync(descriptor_) != 0) fail<WriteError>("sync", path_);
}

bool AppendFile::is_as_written() const {
  struct stat mine {
  }, there{};
  if (::fstat(descriptor_, &mine) != 0) fail<FileError>("read", path_);
  if (::stat(path_.c_str(), &there) != 0) {
    if (errno == ENOENT || errno == ENOTDIR) return false;
    fail<FileError>("read", path_);
  }
  return mine.st_dev == there.st_dev && mine.st_ino == there.st_ino &&
         static_cast<std::uint64_t>(there.st_size) == size_;
}

FolderLock::FolderLock(const std::filesystem::path& folder)
    : descriptor_(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC)) {
  if (descriptor_ < 0) fail<FileError>("open", folder);
  if (::flock(descriptor_, LOCK_EX | LOCK_NB) == 0) return;
  const int reason = errno;
  ::close(descriptor_);
  if (reason == EWOULDBLOCK) {
    throw FolderInUse(fmt::format("{} is being written by another process", folder.string()));
  }
  errno = reason;
  fail<WriteError>("lock", folder);
}

FolderLock::~FolderLock() { ::close(descriptor_); }

std::string sha256(std::string_view content) { return sha256({content}); }

std::string sha256(std::initializer_list<std::string_view> pieces) {
  std::string text;
  for (const auto byte : sha256_bytes(pieces)) text += fmt::format("{:02x}", byte);
  return text;
}

std::string sha256_base64(std::string_view content) {
  const auto bytes = sha256_bytes({content});
  unsigned char text[4 * (SHA256_DIGEST_LENGTH / 3 + 1) + 1];
  EVP_EncodeBlock(text, bytes.data(), static_cast<int>(bytes.size()));
  return reinterpret_cast<const char*>(text);
}

}  // namespace groklab
