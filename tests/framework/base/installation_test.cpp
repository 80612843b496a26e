#include "base/installation.h"

#include "support/paths.h"

#include <gtest/gtest.h>

namespace groklab {
namespace {

TEST(Installation, HoldsTheFolderOfTheProgramThatRuns) {
  EXPECT_TRUE(std::filesystem::equivalent(installation(), test::build_dir()));
}

}  // namespace
}  // namespace groklab
