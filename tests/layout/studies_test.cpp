// What a folder of experiments/ holds, as CONTRIBUTING.md says it.
#include "base/files.h"
#include "support/paths.h"

#include <gmock/gmock.h>

#include <filesystem>
#include <vector>

namespace groklab {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;
using testing::Not;
using testing::SizeIs;

std::vector<fs::path> studies() {
  std::vector<fs::path> folders;
  for (const auto& entry : fs::directory_iterator(test::source_dir() / "experiments")) {
    if (entry.is_directory()) folders.push_back(entry.path());
  }
  EXPECT_THAT(folders, Not(SizeIs(0)));
  return folders;
}

TEST(Studies, AreSpecsThatSayWhatTheyClaim) {
  for (const auto& folder : studies()) {
    const auto spec = read_file(folder / "experiment.yaml");
    EXPECT_THAT(spec, HasSubstr("\nclaim: ")) << folder;
    if (fs::exists(folder / "laptop.yaml")) {
      EXPECT_THAT(spec, HasSubstr("\nexpect:\n")) << folder;
      EXPECT_THAT(read_file(folder / "laptop.yaml"), HasSubstr("\nextends: experiment.yaml\n"));
    }
  }
}

TEST(Studies, WithResultsHaveAPageAndAPlaceInTheOverview) {
  const auto overview = read_file(test::source_dir() / "docs/results.md");
  for (const auto& folder : studies()) {
    if (!fs::exists(folder / "results")) continue;
    const auto page = read_file(folder / "README.md");
    for (const auto* name : {"summary.csv", "verdicts.csv"}) {
      EXPECT_TRUE(fs::exists(folder / "results" / name)) << folder;
    }
    for (const auto& file : fs::recursive_directory_iterator(folder / "results")) {
      if (file.path().extension() != ".csv") continue;
      EXPECT_THAT(page, HasSubstr("(" + fs::relative(file, folder).string() + ")")) << folder;
    }
    EXPECT_THAT(page, HasSubstr("**Claim.**")) << folder;
    EXPECT_THAT(overview, HasSubstr("experiments/" + folder.filename().string() + "/README.md"));
  }
}

}  // namespace
}  // namespace groklab
