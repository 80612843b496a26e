#pragma once

#include <cstdlib>
#include <optional>
#include <string>
#include <utility>

namespace groklab::test {

// A variable of the environment, which has its value again at the end.
class Variable {
 public:
  explicit Variable(std::string name) : name_(std::move(name)) {
    if (const char* value = std::getenv(name_.c_str())) before_ = value;
  }
  Variable(const Variable&) = delete;
  Variable& operator=(const Variable&) = delete;
  ~Variable() { before_ ? set(*before_) : static_cast<void>(::unsetenv(name_.c_str())); }

  void set(const std::string& value) const { ::setenv(name_.c_str(), value.c_str(), 1); }

 private:
  std::string name_;
  std::optional<std::string> before_;
};

}  // namespace groklab::test
