// Folder = file = library = registered name, and the form that every file keeps.
#include "host/catalog.h"
#include "layout/sources.h"

#include <gmock/gmock.h>

#include <map>
#include <regex>
#include <set>

namespace groklab {
namespace {

namespace fs = std::filesystem;
using testing::Contains;
using testing::Not;
using testing::SizeIs;

constexpr std::size_t kColumns = 100;

// (kind, name) of every folder plugins/<kind>s/<name>.
std::set<std::pair<std::string, std::string>> plugin_folders_of_the_project() {
  std::set<std::pair<std::string, std::string>> folders;
  for (const auto& kind : plugin_kinds()) {
    for (const auto& entry :
         fs::directory_iterator(test::source_dir() / "plugins" / kind_folder(kind))) {
      if (entry.is_directory()) folders.emplace(kind, entry.path().filename().string());
    }
  }
  return folders;
}

TEST(Names, EveryPluginIsOneFolderWithAFileOfItsName) {
  const auto folders = plugin_folders_of_the_project();
  EXPECT_THAT(folders, SizeIs(testing::Ge(12U)));
  for (const auto& [kind, name] : folders) {
    const auto file = test::source_dir() / "plugins" / kind_folder(kind) / name / (name + ".cpp");
    EXPECT_TRUE(fs::is_regular_file(file)) << file;
  }
}

TEST(Names, NothingElseLiesAmongThePlugins) {
  const auto folders = plugin_folders_of_the_project();
  for (const auto& file : test::sources("plugins")) {
    auto step = std::next(file.path.begin());
    const auto kinds = (step++)->string(), name = step->string();
    const bool known = std::any_of(folders.begin(), folders.end(), [&](const auto& folder) {
      return folder.second == name && kind_folder(folder.first) == kinds;
    });
    EXPECT_TRUE(known) << file.path;
  }
}

// A plugin may have more files, but it is one plugin, and reads from the file of its name.
TEST(Names, OnlyTheFileOfItsNameRegistersAPlugin) {
  for (const auto& file : test::sources("plugins")) {
    const bool registers =
        std::any_of(file.lines.begin(), file.lines.end(),
                    [](const std::string& line) { return line.starts_with("GROKLAB_PLUGIN("); });
    const auto folder = *std::next(file.path.begin(), 2);
    EXPECT_EQ(registers, file.path.filename() == folder.string() + ".cpp") << file.path;
  }
}

TEST(Names, EveryPluginLoadsUnderTheNameOfItsFolder) {
  std::set<std::pair<std::string, std::string>> loaded;
  for (const auto& listed : Catalog({test::plugin_dir()}).list()) {
    EXPECT_EQ(listed.problem, "") << listed.path;
    if (listed.library == nullptr) continue;
    const auto& descriptor = *listed.library->descriptor;
    EXPECT_EQ(listed.path.stem(), descriptor.name);
    EXPECT_EQ(listed.path.parent_path().filename(), kind_folder(descriptor.kind));
    loaded.emplace(descriptor.kind, descriptor.name);
  }
  EXPECT_EQ(loaded, plugin_folders_of_the_project());
}

TEST(Names, AreSnakeCase) {
  const auto is_snake = [](const std::string& name) {
    return std::all_of(name.begin(), name.end(), [](char letter) {
      return (letter >= 'a' && letter <= 'z') || (letter >= '0' && letter <= '9') || letter == '_';
    });
  };
  for (const auto* folder : {"framework", "plugins", "tests"}) {
    for (const auto& file : test::sources(folder)) {
      for (const auto& step : file.path.parent_path()) EXPECT_TRUE(is_snake(step)) << file.path;
      EXPECT_TRUE(is_snake(file.path.stem())) << file.path;
    }
  }
}

// Two of one name in different files would be one to the linker.
TEST(Names, OfTypesInHeadersAreDefinedOnce) {
  static const std::regex definition(
      R"(^(?:struct|class|enum class) (\w+)(?: final)?(?: : .*)? \{.*)");
  std::map<std::string, std::string> files;
  for (const auto& file : test::sources("framework")) {
    if (file.path.extension() != ".h") continue;
    for (const auto& line : file.lines) {
      std::smatch match;
      if (!std::regex_match(line, match, definition)) continue;
      const auto [place, is_new] = files.emplace(match[1], file.path.string());
      EXPECT_TRUE(is_new) << match[1] << " in " << place->second << " and " << file.path;
    }
  }
  EXPECT_GT(files.size(), 100U);
}

// Characters, of which UTF-8 writes some in more than one byte.
std::size_t width(const std::string& line) {
  return static_cast<std::size_t>(std::count_if(line.begin(), line.end(), [](char byte) {
    return (static_cast<unsigned char>(byte) & 0xC0) != 0x80;
  }));
}

TEST(Form, NoLineIsWiderThan100Columns) {
  EXPECT_EQ(width("x³ ≥ 0"), 6U);
  for (const auto* folder : {"framework", "plugins", "tests"}) {
    for (const auto& file : test::sources(folder)) {
      for (std::size_t i = 0; i < file.lines.size(); ++i) {
        EXPECT_LE(width(file.lines[i]), kColumns) << file.path.string() << ":" << i + 1;
      }
    }
  }
}

TEST(Form, NoTabsAndNothingAtTheEndOfALine) {
  for (const auto* folder : {"framework", "plugins", "tests"}) {
    for (const auto& file : test::sources(folder)) {
      for (std::size_t i = 0; i < file.lines.size(); ++i) {
        const auto& line = file.lines[i];
        const bool clean =
            line.find('\t') == std::string::npos && !line.ends_with(' ') && !line.ends_with('\r');
        EXPECT_TRUE(clean) << file.path.string() << ":" << i + 1;
      }
    }
  }
}

TEST(Form, EveryHeaderIsReadOnce) {
  for (const auto* folder : {"framework", "plugins", "tests"}) {
    for (const auto& file : test::sources(folder)) {
      const bool is_header = file.path.extension() == ".h";
      if (is_header) {
        EXPECT_THAT(file.lines, Contains("#pragma once")) << file.path;
      } else {
        EXPECT_THAT(file.lines, Not(Contains("#pragma once"))) << file.path;
      }
    }
  }
}

}  // namespace
}  // namespace groklab
