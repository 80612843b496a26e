#include "base/unfinished_file.h"

#include "base/file_calls.h"
#include "base/paths.h"

#include <spdlog/spdlog.h>
#include <sys/stat.h>

#include <algorithm>
#include <mutex>
#include <random>
#include <utility>

namespace groklab {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kEnding = ".part";
constexpr std::size_t kDigits = 16;
constexpr int kNew = O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC;

// What link(2) says where a file system has no hard links: vfat and exFAT, SMB, FUSE, overlays.
bool has_no_links(int reason) {
  return reason == EPERM || reason == EOPNOTSUPP || reason == ENOSYS || reason == EMLINK ||
         reason == EINVAL;
}

}  // namespace

fs::path unfinished_path(const fs::path& target) {
  std::random_device random;
  return target.parent_path() /
         fmt::format(".{}.{:08x}{:08x}{}", target.filename().string(), random(), random(), kEnding);
}

std::optional<std::string> finished_name(const std::string& name) {
  const auto around = 1 + 1 + kDigits + kEnding.size();  // .<name>.<digits>.part
  if (name.size() <= around || name.front() != '.' || !name.ends_with(kEnding)) return std::nullopt;
  const auto length = name.size() - around;
  const auto digits = name.substr(1 + length + 1, kDigits);
  const bool is_number = digits.find_first_not_of("0123456789abcdef") == std::string::npos;
  if (name[1 + length] != '.' || !is_number) return std::nullopt;
  return name.substr(1, length);
}

void remove_leftovers(const fs::path& folder, const std::vector<std::string>& names) {
  for (const auto& entry : entries_of(folder)) {
    const auto name = finished_name(entry.filename().string());
    if (name && std::find(names.begin(), names.end(), *name) != names.end()) remove_file(entry);
  }
}

UnfinishedFile::UnfinishedFile(fs::path target)
    : target_(std::move(target)),
      path_(unfinished_path(target_)),
      descriptor_(::open(path_.c_str(), kNew, 0644)) {
  if (descriptor_ < 0) fail<WriteError>("write", target_);
}

UnfinishedFile::~UnfinishedFile() {
  if (descriptor_ >= 0) ::close(descriptor_);
  if (!path_.empty()) ::unlink(path_.c_str());
}

void UnfinishedFile::append(std::string_view content) {
  if (!write_all(descriptor_, content)) fail<WriteError>("write", target_);
}

void UnfinishedFile::sync() {
  if (::fsync(descriptor_) != 0) fail<WriteError>("write", target_);
}

void UnfinishedFile::put_in_place() {
  if (::rename(path_.c_str(), target_.c_str()) != 0) fail<WriteError>("replace", target_);
  path_.clear();
}

bool UnfinishedFile::put_in_new_place() {
  if (::link(path_.c_str(), target_.c_str()) == 0) return true;
  const int reason = errno;
  // A network file system may say "exists" of a link that it has just made and whose answer was
  // lost; the number of links tells.
  struct stat status {};
  if (::fstat(descriptor_, &status) == 0 && status.st_nlink == 2) return true;
  if (reason == EEXIST) return false;
  if (has_no_links(reason)) return make_without_link();
  errno = reason;
  fail<WriteError>("make", target_);
}

bool UnfinishedFile::make_without_link() {
  static std::once_flag said;
  std::call_once(said, [&] {
    spdlog::warn(
        "the file system of {} has no hard links; files that only one process may make are made "
        "by exclusive creation instead",
        target_.parent_path().string());
  });
  const int made = ::open(target_.c_str(), kNew, 0644);
  if (made < 0 && errno == EEXIST) return false;
  if (made < 0) fail<WriteError>("make", target_);
  ::close(made);
  if (::rename(path_.c_str(), target_.c_str()) != 0) {
    remove_keeping_errno(target_);
    fail<WriteError>("make", target_);
  }
  path_.clear();
  return true;
}

}  // namespace groklab
