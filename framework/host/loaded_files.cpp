#include "host/loaded_files.h"

#include <dlfcn.h>
#include <fcntl.h>
#include <link.h>
#include <sys/mman.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cstring>
#include <fstream>
#include <sstream>
#include <system_error>

namespace groklab {
namespace {

namespace fs = std::filesystem;

fs::path canonical_or_same(const fs::path& path) {
  std::error_code failure;
  auto canonical = fs::canonical(path, failure);
  return failure ? path : canonical;
}

// A part of this process's memory, as a line of /proc/self/maps names it.
struct Mapping {
  std::uintptr_t start = 0, end = 0;
  int protection = PROT_NONE;
  std::string file;

  std::size_t size() const { return end - start; }
  void* address() const { return reinterpret_cast<void*>(start); }
};

// "7f12c000-7f12d000 r-xp 00001000 fe:01 1234   /lib/x.so"
Mapping parse_mapping(const std::string& line) {
  Mapping mapping;
  std::istringstream fields(line);
  std::string range, access, offset, device, inode;
  fields >> range >> access >> offset >> device >> inode >> std::ws;
  std::getline(fields, mapping.file);
  const auto dash = range.find('-');
  const auto* text = range.data();
  std::from_chars(text, text + dash, mapping.start, 16);
  std::from_chars(text + dash + 1, text + range.size(), mapping.end, 16);
  if (access.find('r') != std::string::npos) mapping.protection |= PROT_READ;
  if (access.find('w') != std::string::npos) mapping.protection |= PROT_WRITE;
  if (access.find('x') != std::string::npos) mapping.protection |= PROT_EXEC;
  return mapping;
}

std::vector<Mapping> mappings_of(const fs::path& file) {
  std::vector<Mapping> found;
  std::ifstream lines("/proc/self/maps");
  for (std::string line; std::getline(lines, line);) {
    if (!line.ends_with(file.string())) continue;
    auto mapping = parse_mapping(line);
    if (mapping.file == file && (mapping.protection & PROT_READ) != 0) {
      found.push_back(std::move(mapping));
    }
  }
  return found;
}

// A moved mapping takes the place of what is mapped there in one step.
void copy_over(const Mapping& mapping) {
  auto* copy =
      ::mmap(nullptr, mapping.size(), PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (copy == MAP_FAILED) return;
  std::memcpy(copy, mapping.address(), mapping.size());
  if (::mprotect(copy, mapping.size(), mapping.protection) != 0 ||
      ::mremap(copy, mapping.size(), mapping.size(), MREMAP_MAYMOVE | MREMAP_FIXED,
               mapping.address()) == MAP_FAILED) {
    ::munmap(copy, mapping.size());
  }
}

}  // namespace

std::vector<fs::path> loaded_files() {
  std::vector<fs::path> files;
  const auto add = [](dl_phdr_info* info, std::size_t, void* all) {
    if (info->dlpi_name != nullptr && *info->dlpi_name != '\0') {
      static_cast<std::vector<fs::path>*>(all)->push_back(canonical_or_same(info->dlpi_name));
    }
    return 0;
  };
  ::dl_iterate_phdr(add, &files);
  return files;
}

fs::path loaded_file(const std::string& name) {
  void* handle = ::dlopen(name.c_str(), RTLD_LAZY | RTLD_NOLOAD);
  if (handle == nullptr) return {};
  link_map* entry = nullptr;
  const bool is_known = ::dlinfo(handle, RTLD_DI_LINKMAP, &entry) == 0 && entry != nullptr;
  const fs::path file = is_known ? canonical_or_same(entry->l_name) : fs::path();
  ::dlclose(handle);
  return file;
}

bool is_of_the_system(const fs::path& library) {
  constexpr std::array kFolders{"/lib/", "/lib64/", "/usr/lib/", "/usr/lib64/"};
  return std::any_of(kFolders.begin(), kFolders.end(),
                     [&](const char* folder) { return library.string().starts_with(folder); });
}

void keep_in_memory(const fs::path& library) {
  // Never closed. The dynamic linker knows libraries by their inodes: were this one free, another
  // file could get it, and to open that would give this library.
  [[maybe_unused]] const int inode = ::open(library.c_str(), O_RDONLY | O_CLOEXEC);
  for (const auto& mapping : mappings_of(canonical_or_same(library))) copy_over(mapping);
}

}  // namespace groklab
