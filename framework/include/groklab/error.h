#pragma once

#include <stdexcept>
#include <string>

namespace groklab {

// A mistake that the person at the keyboard can mend: a bad value, a missing file, a plugin that
// does not fit. The message names the value, the place, what is allowed and the way out. It is
// caught once, in main, which prints it without a stack trace and exits with 2.
class Error : public std::runtime_error {
 public:
  explicit Error(const std::string& message);
  ~Error() override;
};

}  // namespace groklab
