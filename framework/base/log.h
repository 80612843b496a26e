#pragma once

#include <spdlog/spdlog.h>

#include <filesystem>
#include <memory>

namespace groklab {

// Messages go through spdlog's default logger: to standard error, and, while a LogFile lives, with
// time and level to that file too.
void start_logging();

// A file that cannot be opened or written is one warning for the life of the process: what it was
// to hold is nowhere needed, and whatever is being logged goes on.
class LogFile {
 public:
  explicit LogFile(const std::filesystem::path& path);  // appended to
  LogFile(const LogFile&) = delete;
  LogFile& operator=(const LogFile&) = delete;
  ~LogFile();

 private:
  class Sink;
  std::shared_ptr<Sink> sink_;
};

}  // namespace groklab
