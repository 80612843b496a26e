#include "base/paths.h"

#include "base/files.h"

#include <fmt/format.h>

#include <system_error>

namespace groklab {
namespace {

namespace fs = std::filesystem;

// The result of action(error_code), or Failure: "cannot read PATH: Permission denied".
template <class Failure, class Action>
auto attempt(const char* what, const fs::path& path, Action action) {
  std::error_code failure;
  auto result = action(failure);
  if (!failure) return result;
  throw Failure(fmt::format("cannot {} {}: {}", what, path.string(), failure.message()));
}

// What lies at a path; not_found is no error.
using GetStatus = fs::file_status (*)(const fs::path&, std::error_code&);
fs::file_status status_by(GetStatus get, const fs::path& path) {
  std::error_code failure;
  const auto status = get(path, failure);
  if (status.type() == fs::file_type::not_found || !failure) return status;
  throw FileError(fmt::format("cannot look at {}: {}", path.string(), failure.message()));
}

fs::file_status status_of(const fs::path& path) {
  return status_by([](const fs::path& p, std::error_code& e) { return fs::status(p, e); }, path);
}

}  // namespace

bool path_is_taken(const fs::path& path) {
  return fs::exists(status_by(
      [](const fs::path& p, std::error_code& e) { return fs::symlink_status(p, e); }, path));
}

bool path_exists(const fs::path& path) { return fs::exists(status_of(path)); }
bool is_folder(const fs::path& path) { return fs::is_directory(status_of(path)); }
bool is_plain_file(const fs::path& path) { return fs::is_regular_file(status_of(path)); }

bool exists_for_sure(const fs::path& path) {
  std::error_code ignored;
  return fs::exists(path, ignored);
}

bool is_empty_folder(const fs::path& path) { return is_folder(path) && entries_of(path).empty(); }

std::vector<fs::path> entries_of(const fs::path& folder) {
  std::vector<fs::path> entries;
  const auto look = [&](std::error_code& failure) {
    for (fs::directory_iterator entry(folder, failure), end; !failure && entry != end;
         entry.increment(failure)) {
      entries.push_back(entry->path());
    }
    return true;
  };
  attempt<FileError>("list", folder, look);
  return entries;
}

fs::file_time_type write_time(const fs::path& path) {
  return attempt<FileError>("look at", path,
                            [&](auto& failure) { return fs::last_write_time(path, failure); });
}

std::uintmax_t size_of_file(const fs::path& path) {
  return attempt<FileError>("look at", path,
                            [&](auto& failure) { return fs::file_size(path, failure); });
}

fs::space_info space_of(const fs::path& path) {
  return attempt<FileError>("look at", path,
                            [&](auto& failure) { return fs::space(path, failure); });
}

fs::path canonical_path(const fs::path& path) {
  return attempt<FileError>("look at", path,
                            [&](auto& failure) { return fs::weakly_canonical(path, failure); });
}

fs::path full_path(const fs::path& path) {
  return attempt<FileError>("look at", path,
                            [&](auto& failure) { return fs::absolute(path, failure); });
}

fs::path read_link(const fs::path& path) {
  return attempt<FileError>("read", path,
                            [&](auto& failure) { return fs::read_symlink(path, failure); });
}

const fs::path& make_folder(const fs::path& folder) {
  attempt<WriteError>("make folder", folder,
                      [&](auto& failure) { return fs::create_directories(folder, failure); });
  return folder;
}

void make_new_folder(const fs::path& folder) {
  attempt<WriteError>("make folder", folder, [&](auto& failure) {
    const bool is_made = fs::create_directory(folder, failure);
    if (!is_made && !failure) failure = std::make_error_code(std::errc::file_exists);
    return is_made;
  });
}

}  // namespace groklab
