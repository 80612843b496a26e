#pragma once

#include <cstddef>
#include <filesystem>
#include <string>
#include <vector>

namespace groklab {

// What `groklab run` is told.
struct RunOptions {
  std::filesystem::path spec;
  std::vector<std::string> overrides;
  std::filesystem::path out;
  std::string device;
  std::vector<std::filesystem::path> plugin_path;
  std::size_t pack = 16;
  int jobs = 1;
  int threads = 0;  // 0: as many as there are
  bool print = false;
  bool retry_failed = false;
  bool fail_fast = false;
};

}  // namespace groklab
