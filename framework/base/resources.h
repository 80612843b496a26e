#pragma once

#include <cstdint>
#include <filesystem>

namespace groklab {

// Bytes of memory that this machine can give to new processes without swapping, within the limits
// of the control groups that this process is in; the largest number if the system says nothing.
std::int64_t available_memory();

// Bytes of memory that this process has of its own; libraries and files that it reads aside.
std::int64_t own_memory();

// Bytes free for this user on the file system that `path`, which need not exist, would be on.
std::int64_t free_disk_space(const std::filesystem::path& path);

}  // namespace groklab
