#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace groklab {

// The shared libraries that are loaded in this process, by their files' canonical paths.
std::vector<std::filesystem::path> loaded_files();

// The file of the loaded library that answers to `name` ("libtable.so"); empty: there is none.
std::filesystem::path loaded_file(const std::string& name);

// Whether a library belongs to the operating system: it lies below /lib or /usr/lib.
bool is_of_the_system(const std::filesystem::path& library);

// Copies a loaded library from the mapping of its file into memory of this process, at the same
// addresses. Whoever overwrites the file afterwards (`cp new.so old.so`) does not change or end
// this process. Where the system forbids it, the library stays as it is.
void keep_in_memory(const std::filesystem::path& library);

}  // namespace groklab
