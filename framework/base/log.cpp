#include "base/log.h"

#include <groklab/error.h>
#include <spdlog/sinks/basic_file_sink.h>
#include <spdlog/sinks/stdout_color_sinks.h>

#include <algorithm>

namespace groklab {

void start_logging() {
  auto console = std::make_shared<spdlog::sinks::stderr_color_sink_mt>();
  console->set_pattern("%^%l%$: %v");
  console->set_level(spdlog::level::warn);  // what a person needs to see; the file has the rest
  spdlog::set_default_logger(std::make_shared<spdlog::logger>("groklab", console));
  spdlog::flush_on(spdlog::level::info);
}

LogFile::LogFile(const std::filesystem::path& path) {
  try {
    sink_ = std::make_shared<spdlog::sinks::basic_file_sink_mt>(path.string());
  } catch (const spdlog::spdlog_ex& error) {
    throw Error(error.what());
  }
  sink_->set_pattern("%Y-%m-%dT%H:%M:%S%z %l %v");
  spdlog::default_logger()->sinks().push_back(sink_);
}

LogFile::~LogFile() {
  auto& sinks = spdlog::default_logger()->sinks();
  sinks.erase(std::remove(sinks.begin(), sinks.end(), sink_), sinks.end());
}

}  // namespace groklab
