#pragma once

#include <spdlog/sinks/ostream_sink.h>
#include <spdlog/spdlog.h>

#include <memory>
#include <sstream>
#include <string>

namespace groklab::test {

// Holds what is logged while it lives, a line a message ("warning …"), instead of showing it.
class CapturedLog {
 public:
  CapturedLog() {
    const auto sink = std::make_shared<spdlog::sinks::ostream_sink_mt>(stream_);
    sink->set_pattern("%l %v");
    sink->set_level(spdlog::level::warn);
    spdlog::set_default_logger(std::make_shared<spdlog::logger>("test", sink));
  }
  CapturedLog(const CapturedLog&) = delete;
  CapturedLog& operator=(const CapturedLog&) = delete;
  ~CapturedLog() { spdlog::set_default_logger(before_); }

  std::string text() const { return stream_.str(); }

 private:
  std::ostringstream stream_;
  std::shared_ptr<spdlog::logger> before_ = spdlog::default_logger();
};

}  // namespace groklab::test
