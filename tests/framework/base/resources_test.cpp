#include "base/resources.h"

#include "support/temporary_folder.h"

#include <gtest/gtest.h>
#include <malloc.h>
#include <unistd.h>

#include <vector>

namespace groklab {
namespace {

TEST(Resources, AvailableMemoryIsSomeOfTheMachines) {
  const auto machine = std::int64_t{::sysconf(_SC_PHYS_PAGES)} * ::sysconf(_SC_PAGESIZE);
  EXPECT_GT(available_memory(), 0);
  EXPECT_LE(available_memory(), machine);
}

TEST(Resources, OwnMemoryGrowsWithWhatIsWritten) {
  ::malloc_trim(0);  // what tests before it freed would be used again, without growth
  const auto before = own_memory();
  EXPECT_GT(before, 0);
  const std::vector<char> written(32 << 20, 1);
  EXPECT_GE(own_memory() - before, 30 << 20);
  EXPECT_LE(own_memory() - before, 40 << 20);
}

TEST(Resources, OfAPathThatIsNotThereAreThoseOfTheFolderAroundIt) {
  const test::TemporaryFolder folder;
  const auto here = static_cast<double>(free_disk_space(folder.path()));
  EXPECT_GT(here, 0);
  EXPECT_NEAR(static_cast<double>(free_disk_space(folder.path() / "runs/a/b")) / here, 1, 0.01);
  EXPECT_GT(free_disk_space("no_such_folder/runs"), 0);
}

}  // namespace
}  // namespace groklab
