#include "base/resources.h"

#include "base/paths.h"

#include <algorithm>
#include <fstream>
#include <limits>
#include <optional>
#include <sstream>
#include <string>

namespace groklab {
namespace {

namespace fs = std::filesystem;

constexpr auto kUnlimited = std::numeric_limits<std::int64_t>::max();

// The number after `name` in a file of lines "name number", or alone in a file, if there is one.
std::optional<std::int64_t> number_in(const fs::path& file, const std::string& name = "") {
  std::ifstream stream(file);
  for (std::string line; std::getline(stream, line);) {
    std::istringstream words(line);
    std::string first;
    std::int64_t number = 0;
    if (!name.empty() && (!(words >> first) || first != name)) continue;
    return words >> number ? std::optional(number) : std::nullopt;
  }
  return std::nullopt;
}

// What a control group leaves; files that were read count as free, for they give way.
std::int64_t left_of_group(const fs::path& group, const char* limit, const char* use,
                           const char* cache) {
  const auto most = number_in(group / limit), used = number_in(group / use);
  if (!most || !used) return kUnlimited;  // "max", or no such group
  const auto given_back = number_in(group / "memory.stat", cache).value_or(0);
  return std::max<std::int64_t>(0, *most - *used + given_back);
}

// Of a group and those around it, up to `root`.
std::int64_t left_of_groups(const fs::path& root, const std::string& group, const char* limit,
                            const char* use, const char* cache) {
  auto left = kUnlimited;
  for (auto path = fs::path(group).relative_path();; path = path.parent_path()) {
    left = std::min(left, left_of_group(root / path, limit, use, cache));
    if (path.empty()) return left;
  }
}

// Lines of /proc/self/cgroup: "0::/group" of version 2, "4:memory:/group" of version 1.
std::int64_t left_of_control_groups() {
  const fs::path root = "/sys/fs/cgroup";
  auto left = kUnlimited;
  std::ifstream stream("/proc/self/cgroup");
  for (std::string line; std::getline(stream, line);) {
    const auto group = line.substr(line.rfind(':') + 1);
    if (line.starts_with("0::")) {
      left = std::min(left,
                      left_of_groups(root, group, "memory.max", "memory.current", "inactive_file"));
    } else if (line.find(":memory:") != line.npos) {
      left = std::min(left, left_of_groups(root / "memory", group, "memory.limit_in_bytes",
                                           "memory.usage_in_bytes", "total_inactive_file"));
    }
  }
  return left;
}

}  // namespace

std::int64_t available_memory() {
  const auto kibibytes = number_in("/proc/meminfo", "MemAvailable:");
  return std::min(kibibytes ? *kibibytes * 1024 : kUnlimited, left_of_control_groups());
}

std::int64_t own_memory() { return number_in("/proc/self/status", "RssAnon:").value_or(0) * 1024; }

std::int64_t free_disk_space(const fs::path& path) {
  auto there = full_path(path);
  while (!path_exists(there) && there.has_relative_path()) there = there.parent_path();
  return static_cast<std::int64_t>(space_of(there).available);
}

}  // namespace groklab
