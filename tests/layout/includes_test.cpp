// Who may include whom, as docs/design.md draws it.
#include "layout/sources.h"

#include <gmock/gmock.h>

#include <map>
#include <set>

namespace groklab {
namespace {

using testing::Contains;
using testing::IsEmpty;
using testing::Not;
using testing::SizeIs;

// The parts of the program, and which others each may use. Every part may use the contract.
const std::map<std::string, std::set<std::string>>& allowed() {
  static const std::map<std::string, std::set<std::string>> arrows{
      {"include", {}},
      {"contract", {}},
      {"tensors", {}},
      {"base", {}},
      {"host", {"base"}},
      {"spec", {"base"}},
      {"store", {"base"}},
      {"operators", {"base"}},
      {"train", {"base", "host", "spec", "store", "operators"}},
      {"sweep", {"base", "host", "spec", "store", "train"}},
      {"check", {"base", "host", "store", "train"}},
      {"report", {"base", "store"}},
      {"app", {"base", "host", "spec", "store", "operators", "train", "sweep", "check", "report"}},
  };
  return arrows;
}

std::string part_of(const test::SourceFile& file) { return *std::next(file.path.begin()); }

bool is_quoted(const std::string& include) { return include.front() == '"'; }

bool starts_with_any(const std::string& include, const std::vector<std::string>& prefixes) {
  return std::any_of(prefixes.begin(), prefixes.end(),
                     [&](const auto& prefix) { return include.starts_with(prefix); });
}

bool is_tensor_header(const std::string& include) {
  return starts_with_any(include, {"<torch/", "<ATen/", "<c10/", "<caffe2/"});
}

// <vector>, <cstdint>: no folder and no ending. <unistd.h> and the like are the system's.
bool is_standard(const std::string& include) {
  return include.front() == '<' && include.find_first_of("/.") == std::string::npos;
}

// A header of the contract by its name in angle brackets, with all that it includes in turn.
std::set<std::string> reached_from(const std::string& include) {
  std::set<std::string> reached{include};
  for (bool grown = true; grown;) {
    grown = false;
    for (const auto& file : test::sources("framework/include/groklab")) {
      const auto name = "<groklab/" + file.path.filename().string() + ">";
      if (!reached.contains(name)) continue;
      for (const auto& next : test::includes_of(file)) grown |= reached.insert(next).second;
    }
  }
  return reached;
}

TEST(Includes, TheScannerFindsThem) {
  const test::SourceFile file{"x.cpp",
                              {"#include \"base/text.h\"", "  #  include <vector>  // why",
                               "// #include <no>", "int include;"}};
  EXPECT_THAT(test::includes_of(file), testing::ElementsAre("\"base/text.h\"", "<vector>"));
  EXPECT_THAT(test::sources("framework"), SizeIs(testing::Gt(60U)));
}

TEST(Includes, EveryPartOfTheProgramHasItsPlaceInTheOrder) {
  for (const auto& file : test::sources("framework")) {
    EXPECT_TRUE(allowed().contains(part_of(file))) << file.path;
  }
}

TEST(Includes, PartsUseOnlyThoseBelowThem) {
  for (const auto& file : test::sources("framework")) {
    const auto part = part_of(file);
    for (const auto& include : test::includes_of(file)) {
      if (!is_quoted(include)) continue;
      const auto used = include.substr(1, include.find('/') - 1);
      EXPECT_TRUE(used == part || allowed().at(part).contains(used))
          << file.path << " includes " << include;
    }
  }
}

TEST(Includes, NamesInQuotesAreFilesOfTheProgram) {
  for (const auto& file : test::sources("framework")) {
    for (const auto& include : test::includes_of(file)) {
      if (!is_quoted(include)) continue;
      const auto name = include.substr(1, include.size() - 2);
      EXPECT_TRUE(std::filesystem::exists(test::source_dir() / "framework" / name))
          << file.path << " includes " << include;
    }
  }
}

TEST(Includes, PublicHeadersUseTheContractTheStandardLibraryAndTensorsOnly) {
  for (const auto& file : test::sources("framework/include")) {
    for (const auto& include : test::includes_of(file)) {
      EXPECT_TRUE(include.starts_with("<groklab/") || is_standard(include) ||
                  is_tensor_header(include))
          << file.path << " includes " << include;
    }
  }
}

TEST(Includes, WhatOperationsNeedReachesNoTensorHeader) {
  for (const auto* header : {"abi.h", "error.h", "operation.h", "params.h", "permutations.h",
                             "plugin.h", "profile.h", "random.h"}) {
    for (const auto& reached : reached_from("<groklab/" + std::string(header) + ">")) {
      EXPECT_TRUE(reached.starts_with("<groklab/") || is_standard(reached))
          << header << " reaches " << reached;
    }
  }
  EXPECT_THAT(reached_from("<groklab/loss.h>"), Contains("<torch/types.h>"));
}

// The version of LibTorch is in the tags that the host accepts, and is all that it knows of it.
TEST(Includes, PartsWithoutTensorsReachNoTensorHeader) {
  for (const auto* part : {"contract", "base", "host", "spec", "store", "report"}) {
    for (const auto& file : test::sources(std::filesystem::path("framework") / part)) {
      for (const auto& include : test::includes_of(file)) {
        if (std::string(part) == "host" && include == "<groklab/torch_tag.h>") continue;
        for (const auto& reached : reached_from(include)) {
          EXPECT_FALSE(is_tensor_header(reached))
              << file.path << " includes " << include << " and with it " << reached;
        }
      }
    }
  }
}

TEST(Includes, OneFileAloneTouchesYamlCpp) {
  for (const auto& file : test::sources("framework")) {
    for (const auto& include : test::includes_of(file)) {
      EXPECT_EQ(include.starts_with("<yaml-cpp/") && file.path != "framework/spec/yaml_tree.cpp",
                false)
          << file.path;
    }
  }
}

// What std::filesystem throws says "filesystem error: …" to the user, and exits as a mistake. A
// call with an error_code as its last argument throws nothing.
TEST(Includes, OnlyBaseAsksTheSystemThroughStdFilesystemThatThrows) {
  const std::regex call(
      R"((fs|filesystem)::(absolute|canonical|weakly_canonical|copy\w*|create_\w+|current_path|)"
      R"((recursive_)?directory_iterator|equivalent|exists|file_size|hard_link_count|is_\w+|)"
      R"(last_write_time|permissions|proximate|relative|read_symlink|remove\w*|rename|resize_file|)"
      R"(space|status|symlink_status|temp_directory_path)\()");
  const std::regex without_exception(R"(, \w+\))");
  for (const auto& file : test::sources("framework")) {
    if (file.path.string().starts_with("framework/base/")) continue;
    for (const auto& line : file.lines) {
      const bool may_throw =
          std::regex_search(line, call) && !std::regex_search(line, without_exception);
      EXPECT_FALSE(may_throw) << file.path << " has in place of base/paths.h: " << line;
    }
  }
}

// The folder plugins/<kind>s/<name> of a file in it or further down.
std::filesystem::path plugin_folder(const test::SourceFile& file) {
  auto step = file.path.begin();
  return *step / *std::next(step) / *std::next(step, 2);
}

// A header that lies in the plugin's own folder, named from where the file is.
bool is_own_header(const test::SourceFile& file, const std::string& include) {
  if (!is_quoted(include)) return false;
  const auto name = include.substr(1, include.size() - 2);
  const auto path = (file.path.parent_path() / name).lexically_normal();
  const auto inside = path.lexically_relative(plugin_folder(file));
  return !inside.empty() && *inside.begin() != ".." &&
         std::filesystem::is_regular_file(test::source_dir() / path);
}

TEST(Includes, AHeaderIsAPluginsOwnOnlyInItsFolder) {
  const test::SourceFile file{"plugins/models/transformer/transformer.cpp", {}};
  EXPECT_TRUE(is_own_header(file, "\"shape.h\""));
  EXPECT_FALSE(is_own_header(file, "<shape.h>"));
  EXPECT_FALSE(is_own_header(file, "\"no_such_file.h\""));
  EXPECT_FALSE(is_own_header(file, "\"../mlp/mlp.cpp\""));
  EXPECT_FALSE(is_own_header(file, "\"../../../framework/base/text.h\""));
}

// A backend may need a library that is not on every machine, and so loads it itself.
bool loads_libraries(const test::SourceFile& file, const std::string& include) {
  return include == "<dlfcn.h>" && plugin_folder(file).parent_path() == "plugins/backends";
}

TEST(Includes, PluginsUseTheContractAndTheirOwnHeadersOnly) {
  const auto plugins = test::sources("plugins");
  ASSERT_THAT(plugins, Not(IsEmpty()));
  for (const auto& file : plugins) {
    for (const auto& include : test::includes_of(file)) {
      EXPECT_TRUE(include.starts_with("<groklab/") || is_standard(include) ||
                  is_tensor_header(include) || is_own_header(file, include) ||
                  loads_libraries(file, include))
          << file.path << " includes " << include;
    }
  }
}

TEST(Includes, OperationsUseNoTensors) {
  for (const auto& file : test::sources("plugins/operations")) {
    for (const auto& include : test::includes_of(file)) {
      for (const auto& reached : reached_from(include)) {
        EXPECT_FALSE(is_tensor_header(reached)) << file.path << " includes " << include;
      }
    }
  }
}

// It recurses for each character of a repetition: a long text ends the process.
TEST(Includes, NothingReadsTextByStdRegex) {
  for (const auto* folder : {"framework", "plugins"}) {
    for (const auto& file : test::sources(folder)) {
      EXPECT_THAT(test::includes_of(file), Not(Contains("<regex>"))) << file.path;
    }
  }
}

}  // namespace
}  // namespace groklab
