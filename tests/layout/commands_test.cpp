// Commands that people are told to type work on a machine that scripts/setup has set up.
#include "base/files.h"
#include "support/paths.h"

#include <gmock/gmock.h>

#include <filesystem>
#include <sstream>

namespace groklab {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;

// Without -G cmake takes make, which scripts/setup does not install; presets name Ninja.
TEST(Commands, OfCmakeNameTheGeneratorThatIsInstalled) {
  int found = 0;
  for (const auto* folder : {"README.md", "CONTRIBUTING.md", "docs", "templates", "framework",
                             "cmake", "scripts", "tests/program"}) {
    std::vector<fs::path> files{test::source_dir() / folder};
    if (fs::is_directory(files.front())) {
      const fs::recursive_directory_iterator all(files.front());
      files.assign(begin(all), end(all));
    }
    for (const auto& file : files) {
      if (!fs::is_regular_file(file)) continue;
      std::istringstream lines(read_file(file));
      for (std::string line; std::getline(lines, line);) {
        if (line.find("cmake") == std::string::npos || line.find(" -S ") == std::string::npos)
          continue;
        EXPECT_THAT(line, HasSubstr("cmake -G Ninja -S ")) << file;
        ++found;
      }
    }
  }
  EXPECT_GE(found, 3);
}

}  // namespace
}  // namespace groklab
