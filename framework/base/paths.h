#pragma once

#include <cstdint>
#include <filesystem>
#include <vector>

namespace groklab {

// What std::filesystem tells of paths, with errors that name the path and the system's reason:
// FileError, or WriteError where something is made. Outside of this folder nothing asks
// std::filesystem itself.

bool path_exists(const std::filesystem::path& path);      // links are followed
bool exists_for_sure(const std::filesystem::path& path);  // false where looking fails, no error
bool path_is_taken(const std::filesystem::path& path);    // also by a link to nothing
bool is_folder(const std::filesystem::path& path);
bool is_plain_file(const std::filesystem::path& path);
bool is_empty_folder(const std::filesystem::path& path);

std::vector<std::filesystem::path> entries_of(const std::filesystem::path& folder);

std::filesystem::file_time_type write_time(const std::filesystem::path& path);
std::uintmax_t size_of_file(const std::filesystem::path& path);
std::filesystem::space_info space_of(const std::filesystem::path& path);  // of its file system

// Without links, "." and ".."; what does not exist stays as it is. `full_path` is the absolute
// path, links and all.
std::filesystem::path canonical_path(const std::filesystem::path& path);
std::filesystem::path full_path(const std::filesystem::path& path);
std::filesystem::path read_link(const std::filesystem::path& path);

// `folder`, made with those around it if it is absent.
const std::filesystem::path& make_folder(const std::filesystem::path& folder);

// Makes `folder`; a folder, file or link that has its name already is an error.
void make_new_folder(const std::filesystem::path& folder);

}  // namespace groklab
