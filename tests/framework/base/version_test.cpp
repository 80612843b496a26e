#include "base/version.h"

#include "base/files.h"
#include "support/paths.h"

#include <gmock/gmock.h>

namespace groklab {
namespace {

TEST(Version, IsTheProjects) {
  EXPECT_THAT(read_file(test::source_dir() / "CMakeLists.txt"),
              testing::HasSubstr(std::string("project(groklab VERSION ") + kVersion + " "));
}

}  // namespace
}  // namespace groklab
