#pragma once

#include <sys/types.h>

#include <filesystem>
#include <set>

namespace groklab {

// Who may write a library that is loaded: loading runs it as the user's own code.
struct Trusted {
  std::set<uid_t> users;
  std::set<gid_t> groups;
};

// Root, the user, and who may write this program anyway: its owner, and its group if that may. Of
// groups also the user's own, if nobody else is in it: with umask 002 it may write every file.
Trusted trusted_here();

// Whether nobody but the user is in a group: it is called as the user is, is the user's first one,
// and lists no other member.
bool is_private_group(gid_t group, uid_t user);

// The library and its folder must belong to a trusted user, and nobody else may write them. A
// folder above may be written by its group, but not by everybody, unless it is sticky, as /tmp is.
// Throws Error that names the file, what is wrong and the way out.
void check_permissions(const std::filesystem::path& library, const Trusted& trusted);

}  // namespace groklab
