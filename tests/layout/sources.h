#pragma once

#include "base/files.h"
#include "support/paths.h"

#include <algorithm>
#include <filesystem>
#include <regex>
#include <sstream>
#include <string>
#include <vector>

namespace groklab::test {

struct SourceFile {
  std::filesystem::path path;  // relative to the repository
  std::vector<std::string> lines;
};

// The C++ files below a folder of the repository, sorted.
inline std::vector<SourceFile> sources(const std::filesystem::path& folder) {
  std::vector<SourceFile> files;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(source_dir() / folder)) {
    const auto extension = entry.path().extension();
    if (!entry.is_regular_file() || (extension != ".cpp" && extension != ".h")) continue;
    SourceFile file{std::filesystem::relative(entry.path(), source_dir()), {}};
    std::istringstream content(read_file(entry.path()));
    for (std::string line; std::getline(content, line);) file.lines.push_back(line);
    files.push_back(std::move(file));
  }
  std::sort(files.begin(), files.end(),
            [](const SourceFile& a, const SourceFile& b) { return a.path < b.path; });
  return files;
}

// What a file includes, as it is written: "base/text.h", <vector>.
inline std::vector<std::string> includes_of(const SourceFile& file) {
  static const std::regex include(R"(^\s*#\s*include\s*(["<][^">]+[">]).*)");
  std::vector<std::string> all;
  for (const auto& line : file.lines) {
    std::smatch match;
    if (std::regex_match(line, match, include)) all.push_back(match[1]);
  }
  return all;
}

}  // namespace groklab::test
