#pragma once

#include "base/process.h"

#include <filesystem>
#include <string>
#include <vector>

namespace groklab::test {

// A Python that reads our files as other people's programs do, with the modules that a test
// imports. Debian's modules are of Debian's Python, which need not be the first in PATH;
// `scripts/setup --tests` installs what is not among them.
class Python {
 public:
  explicit Python(const std::vector<std::string>& modules);

  // "" if it is there, else why not and the way out: for GTEST_SKIP.
  const std::string& missing() const { return missing_; }

  ProcessResult run(const std::filesystem::path& script,
                    const std::vector<std::string>& arguments) const;

 private:
  std::vector<std::string> command_;  // what goes before the script
  std::string missing_;
};

}  // namespace groklab::test
