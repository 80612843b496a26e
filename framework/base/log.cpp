#include "base/log.h"

#include "base/files.h"

#include <spdlog/sinks/base_sink.h>
#include <spdlog/sinks/stdout_color_sinks.h>

#include <algorithm>
#include <mutex>
#include <optional>
#include <set>

namespace groklab {
namespace {

// Each problem once, however often a file is opened.
bool is_news(const std::string& problem) {
  static std::mutex mutex;
  static std::set<std::string> known;
  const std::lock_guard lock(mutex);
  return known.insert(problem).second;
}

}  // namespace

void start_logging() {
  auto console = std::make_shared<spdlog::sinks::stderr_color_sink_mt>();
  console->set_pattern("%^%l%$: %v");
  console->set_level(spdlog::level::warn);  // what a person needs to see; the file has the rest
  spdlog::set_default_logger(std::make_shared<spdlog::logger>("groklab", console));
  spdlog::flush_on(spdlog::level::info);
}

// Unlike spdlog's own, it tells that the file cannot be written and then lets it be.
class LogFile::Sink final : public spdlog::sinks::base_sink<std::mutex> {
 public:
  explicit Sink(const std::filesystem::path& path) {
    try {
      file_.emplace(path);
    } catch (const Error& error) {
      problem_ = error.what();
    }
  }

  const std::string& problem() const { return problem_; }  // empty: none

 private:
  void sink_it_(const spdlog::details::log_msg& message) override {
    if (!file_) return;
    spdlog::memory_buf_t line;
    formatter_->format(message, line);
    try {
      file_->append({line.data(), line.size()});
    } catch (const Error& error) {
      problem_ = error.what();
      file_.reset();
    }
  }
  void flush_() override {}  // each line is handed to the system at once

  std::optional<AppendFile> file_;
  std::string problem_;
};

LogFile::LogFile(const std::filesystem::path& path) : sink_(std::make_shared<Sink>(path)) {
  sink_->set_pattern("%Y-%m-%dT%H:%M:%S%z %l %v");
  spdlog::default_logger()->sinks().push_back(sink_);
}

LogFile::~LogFile() {
  auto& sinks = spdlog::default_logger()->sinks();
  sinks.erase(std::remove(sinks.begin(), sinks.end(), sink_), sinks.end());
  if (!sink_->problem().empty() && is_news(sink_->problem())) {
    spdlog::warn("{}; the log lacks what follows", sink_->problem());
  }
}

}  // namespace groklab
