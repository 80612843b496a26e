#include "host/permissions.h"

#include "base/shell.h"

#include <fmt/format.h>
#include <groklab/error.h>
#include <grp.h>
#include <pwd.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <string>

namespace groklab {
namespace {

namespace fs = std::filesystem;

[[noreturn]] void refuse(const fs::path& library, const std::string& reason) {
  throw Error(fmt::format("{}: {}", library.string(), reason));
}

struct stat status_of(const fs::path& path, const fs::path& library) {
  struct stat status {};
  if (::stat(path.c_str(), &status) != 0) {
    const std::string problem = std::strerror(errno);
    refuse(library, path == library ? problem : fmt::format("{}: {}", path.string(), problem));
  }
  return status;
}

std::string user_text(uid_t user) {
  const auto* known = ::getpwuid(user);
  return known == nullptr ? fmt::format("user {}", user) : fmt::format("user {}", known->pw_name);
}

std::string group_text(gid_t group) {
  const auto* known = ::getgrgid(group);
  return known == nullptr ? fmt::format("{}", group) : known->gr_name;
}

// `path` is the library or its folder, and `what` says which.
void check_writers(const fs::path& path, const std::string& what, const fs::path& library,
                   const Trusted& trusted) {
  const auto status = status_of(path, library);
  const auto path_word = shell_word(path.string());
  if (!trusted.users.contains(status.st_uid)) {
    refuse(library, fmt::format("{} belongs to {}, so it is not loaded: what is loaded must belong "
                                "to you, to root or to the owner of this program; copy it into a "
                                "folder of your own if you trust it",
                                what, user_text(status.st_uid)));
  }
  if ((status.st_mode & S_IWOTH) != 0) {
    refuse(library, fmt::format("everybody may write {}, so it is not loaded; run `chmod o-w {}` "
                                "if you trust it",
                                what, path_word));
  }
  if ((status.st_mode & S_IWGRP) != 0 && !trusted.groups.contains(status.st_gid)) {
    refuse(library, fmt::format("the group {} may write {}, so it is not loaded; run `chmod g-w "
                                "{}` if you trust it",
                                group_text(status.st_gid), what, path_word));
  }
}

}  // namespace

bool is_private_group(gid_t group, uid_t user) {
  const auto* owner = ::getpwuid(user);
  if (owner == nullptr || owner->pw_gid != group) return false;
  const std::string name = owner->pw_name;
  const auto* known = ::getgrgid(group);
  if (known == nullptr || name != known->gr_name) return false;
  for (auto** member = known->gr_mem; *member != nullptr; ++member) {
    if (name != *member) return false;
  }
  return true;
}

Trusted trusted_here() {
  const auto user = ::geteuid();
  Trusted trusted{{0, user}, {}};
  struct stat program {};
  if (::stat("/proc/self/exe", &program) == 0) {
    trusted.users.insert(program.st_uid);
    if ((program.st_mode & S_IWGRP) != 0) trusted.groups.insert(program.st_gid);
  }
  const auto own = ::getegid();
  if (is_private_group(own, user)) trusted.groups.insert(own);
  return trusted;
}

void check_permissions(const fs::path& library, const Trusted& trusted) {
  if (!S_ISREG(status_of(library, library).st_mode)) refuse(library, "not a file");
  check_writers(library, "this library", library, trusted);
  auto folder = library.parent_path();
  check_writers(folder, fmt::format("its folder {}", folder.string()), library, trusted);
  while (folder.has_relative_path()) {
    folder = folder.parent_path();
    const auto mode = status_of(folder, library).st_mode;
    if ((mode & S_IWOTH) == 0 || (mode & S_ISVTX) != 0) continue;
    refuse(library, fmt::format("everybody may exchange what is in {}, so it is not loaded; run "
                                "`chmod o-w {}` if you trust it",
                                folder.string(), shell_word(folder.string())));
  }
}

}  // namespace groklab
