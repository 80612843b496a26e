#include "store/used_plugin.h"

#include <gmock/gmock.h>
#include <groklab/error.h>

namespace groklab {
namespace {

UsedPlugin plugin() {
  return {"operation", "sum", "/a/sum.so", "hash", "content", {{"/a/libtable.so", "table"}}};
}

TEST(UsedPlugin, IsReadAsItWasWritten) {
  const auto json = to_json(plugin());
  const auto read = used_plugin_from_json(JsonField(json));
  EXPECT_EQ(to_json(read), to_json(plugin()));
  EXPECT_EQ(read.helpers.at(0).library, "/a/libtable.so");
  EXPECT_EQ(read.content, "content");
}

TEST(UsedPlugin, IsRefusedWithAKeyOfAnotherType) {
  for (const auto* key : {"kind", "name", "library", "sha256", "content", "helpers"}) {
    auto json = to_json(plugin());
    json[key] = 1;
    EXPECT_THROW(used_plugin_from_json(JsonField(json)), Error) << key;
  }
}

TEST(DifferenceOfBuilds, IsNoneWhereALibraryLies) {
  auto now = plugin();
  now.library = "/b/sum.so";
  now.sha256 = "of the file, whose RUNPATH is another one there";
  now.helpers[0].library = "/b/libtable.so";
  EXPECT_EQ(difference_of_builds(plugin(), now), "");
}

TEST(DifferenceOfBuilds, NamesThePlugin) {
  auto now = plugin();
  now.content = "another";
  EXPECT_EQ(difference_of_builds(plugin(), now), "operation sum");
}

TEST(DifferenceOfBuilds, NamesTheLibraryThatThePluginNeeds) {
  auto now = plugin();
  now.helpers[0].content = "another";
  EXPECT_EQ(difference_of_builds(plugin(), now), "the library libtable.so of operation sum");
  now.helpers.clear();
  EXPECT_EQ(difference_of_builds(plugin(), now), "the library libtable.so of operation sum");
  EXPECT_EQ(difference_of_builds(now, plugin()), "the library libtable.so of operation sum");
}

// Versions before recorded the file's hash alone.
TEST(DifferenceOfBuilds, IsThatOfTheFilesWhereNoMoreWasRecorded) {
  auto before = plugin();
  before.content.clear();
  before.helpers.clear();
  EXPECT_EQ(difference_of_builds(before, plugin()), "");
  before.sha256 = "another";
  EXPECT_EQ(difference_of_builds(before, plugin()), "operation sum");
}

}  // namespace
}  // namespace groklab
