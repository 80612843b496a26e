#pragma once

#include <spdlog/spdlog.h>

#include <filesystem>

namespace groklab {

// Messages go through spdlog's default logger: to standard error, and, while a LogFile lives, with
// time and level to that file too.
void start_logging();

class LogFile {
 public:
  explicit LogFile(const std::filesystem::path& path);  // appended to
  LogFile(const LogFile&) = delete;
  LogFile& operator=(const LogFile&) = delete;
  ~LogFile();

 private:
  spdlog::sink_ptr sink_;
};

}  // namespace groklab
