// groklab plugins new: what it makes works as it is, and what it refuses leaves nothing.
#include "base/files.h"
#include "support/program_run.h"
#include "support/temporary_folder.h"

#include <fmt/format.h>
#include <gmock/gmock.h>

#include <algorithm>
#include <regex>
#include <sstream>

namespace groklab {
namespace {

namespace fs = std::filesystem;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

const std::vector<std::string> kKinds{"operation",   "model", "loss",   "optimizer",
                                      "regularizer", "probe", "backend"};

ProcessResult new_plugin(const std::string& kind, const std::string& name, const fs::path& dir) {
  return test::run_groklab({"plugins", "new", kind, name, "--dir", dir.string()});
}

std::vector<std::string> names_in(const fs::path& folder) {
  std::vector<std::string> names;
  for (const auto& entry : fs::directory_iterator(folder)) {
    names.push_back(entry.path().filename().string());
  }
  std::sort(names.begin(), names.end());
  return names;
}

ProcessResult shell(const fs::path& folder, const std::string& command) {
  return run_program({"sh", "-c", fmt::format("cd '{}' && {}", folder.string(), command)});
}

class NewPlugins : public testing::TestWithParam<std::string> {};

TEST_P(NewPlugins, AreFourFilesWithTheNamesInThem) {
  const test::TemporaryFolder folder;
  const auto result = new_plugin(GetParam(), "my_2nd_try", folder.path());
  ASSERT_EQ(result.exit_code, 0) << result.output;
  const auto made = folder.path() / "my_2nd_try";
  EXPECT_THAT(names_in(folder.path()), ElementsAre("my_2nd_try"));
  EXPECT_THAT(names_in(made), ElementsAre("CMakeLists.txt", "experiment.yaml", "my_2nd_try.cpp",
                                          "my_2nd_try_test.cpp"));
  for (const auto& name : names_in(made)) {
    const auto content = read_file(made / name);
    EXPECT_THAT(content, Not(HasSubstr("@"))) << name;
    EXPECT_THAT(content, HasSubstr("my_2nd_try")) << name;
  }
  EXPECT_THAT(read_file(made / "my_2nd_try.cpp"), HasSubstr("class My2ndTry final : public "));
  EXPECT_THAT(read_file(made / "CMakeLists.txt"), HasSubstr(" KIND " + GetParam() + " SOURCES "));
}

INSTANTIATE_TEST_SUITE_P(OfEveryKind, NewPlugins, testing::ValuesIn(kKinds),
                         [](const auto& info) { return info.param; });

// As someone does who has groklab installed, and someone who has only built it.
class NewPluginsOutside : public testing::TestWithParam<std::string> {
 protected:
  void SetUp() override {
    if (GetParam() == "BuildFolder") return;
    prefix_ = folder_.path() / "prefix";
    const auto installed = run_program(
        {"cmake", "--install", test::build_dir().string(), "--prefix", prefix_.string()});
    ASSERT_TRUE(installed.succeeded()) << installed.output;
  }

  const test::TemporaryFolder folder_;
  fs::path prefix_ = test::build_dir();
};

// The commands that the program prints: its lines that are indented.
std::vector<std::string> commands_of(const std::string& output) {
  std::vector<std::string> commands;
  std::istringstream lines(output);
  for (std::string line; std::getline(lines, line);) {
    if (line.starts_with("  ")) commands.push_back(line);
  }
  return commands;
}

TEST_P(NewPluginsOutside, AreBuiltCheckedAndRunByThePrintedCommands) {
  const auto made = run_program({(prefix_ / "bin/groklab").string(), "plugins", "new", "operation",
                                 "strange_sum", "--dir", folder_.path().string()});
  const auto commands = commands_of(made.output);
  ASSERT_EQ(commands.size(), 3U) << made.output;
  for (const auto& command : commands) {
    const auto result = shell(folder_.path(), command);
    ASSERT_EQ(result.exit_code, 0) << command << "\n" << result.output;
  }
  const auto runs = names_in(folder_.path() / "runs");
  ASSERT_EQ(runs.size(), 1U);
  const auto run = folder_.path() / "runs" / runs.front();
  EXPECT_THAT(read_file(run / "run.json"), HasSubstr("strange_sum/build/strange_sum.so"));
  EXPECT_TRUE(fs::exists(run / "figures/curve.png"));

  // `make`, which cmake takes by itself, need not be there.
  EXPECT_THAT(read_file(folder_.path() / "strange_sum/build/CMakeCache.txt"),
              HasSubstr("CMAKE_GENERATOR:INTERNAL=Ninja\n"));

  // Their test notices another rule.
  const auto source = folder_.path() / "strange_sum/strange_sum.cpp";
  auto text = read_file(source);
  text.replace(text.find("x * x"), 5, "x + x");
  write_atomically(source, text);
  ASSERT_EQ(shell(folder_.path(), "cmake --build strange_sum/build").exit_code, 0);
  const auto changed = shell(folder_.path(), "ctest --test-dir strange_sum/build");
  EXPECT_THAT(changed.output, HasSubstr("75% tests passed, 1 tests failed out of 4"));
  EXPECT_THAT(changed.output, HasSubstr("operation_strange_sum_test (Failed)"));
}

INSTANTIATE_TEST_SUITE_P(All, NewPluginsOutside, testing::Values("Installation", "BuildFolder"),
                         [](const auto& info) { return info.param; });

using NewPluginsInstalled = NewPluginsOutside;

// Text with each match of `pattern` replaced; there must be one.
std::string edited(const std::string& text, const std::string& pattern, const std::string& by) {
  const auto result = std::regex_replace(text, std::regex(pattern), by);
  EXPECT_NE(result, text) << pattern;
  return result;
}

// As an author begins: another name, and a parameter of their own.
void edit(const std::string& kind, const fs::path& folder) {
  const auto renamed = folder.parent_path() / ("their_" + kind);
  fs::rename(folder, renamed);
  for (const auto& name : names_in(renamed)) {
    auto text = edited(read_file(renamed / name), "my_" + kind, "their_" + kind);
    fs::remove(renamed / name);
    const auto file = renamed / std::regex_replace(name, std::regex("^my_"), "their_");
    if (file.filename() == "their_" + kind + ".cpp" && kind != "backend") {  // it takes none
      text = edited(text, R"((groklab::(ModularOperation::schema\(\)|Schema\{\})))",
                    "$1.real(\"extra\", 0.5, \"of the author's own\")");
      text = edited(text, R"((\(params\.\w+\("\w+"\)\)) \{\})", "$1 { params.real(\"extra\"); }");
    }
    write_atomically(file, text);
  }
}

// One project has them all, so that LibTorch's headers are compiled once; unoptimised, to be fast.
TEST_P(NewPluginsInstalled, OfEveryKindPassTheirOwnTestsAfterAFirstEdit) {
  std::string project = "cmake_minimum_required(VERSION 3.25)\nproject(all LANGUAGES CXX)\n";
  project += "enable_testing()\n";
  for (const auto& kind : kKinds) {
    const auto made = new_plugin(kind, "my_" + kind, folder_.path());
    ASSERT_EQ(made.exit_code, 0) << made.output;
    edit(kind, folder_.path() / ("my_" + kind));
    project += fmt::format("add_subdirectory(their_{})\n", kind);
  }
  folder_.write("CMakeLists.txt", project);
  const auto built =
      shell(folder_.path(), fmt::format("cmake -G Ninja -S . -B build -DCMAKE_PREFIX_PATH={} "
                                        "-DCMAKE_BUILD_TYPE=Unoptimised && "
                                        "cmake --build build",
                                        prefix_.string()));
  ASSERT_EQ(built.exit_code, 0) << built.output;
  EXPECT_THAT(built.output, Not(HasSubstr("warning")));
  const auto tested = shell(folder_.path(), "ctest --test-dir build --output-on-failure");
  EXPECT_EQ(tested.exit_code, 0) << tested.output;
  EXPECT_THAT(tested.output, HasSubstr("100% tests passed, 0 tests failed out of 28"));
}

INSTANTIATE_TEST_SUITE_P(All, NewPluginsInstalled, testing::Values("Installation"));

TEST(NewPlugin, TakesAnEmptyFolderAndQuotesItsPath) {
  const test::TemporaryFolder folder;
  const auto dir = folder.path() / "it's mine";
  fs::create_directories(dir / "strange_sum");
  const auto result = new_plugin("operation", "strange_sum", dir);
  ASSERT_EQ(result.exit_code, 0) << result.output;
  const auto run = shell(folder.path(), commands_of(result.output).at(2) + " --print plugins=[]");
  EXPECT_THAT(run.output, HasSubstr("there is no operation 'strange_sum'"));
}

struct Refusal {
  const char* test_name;
  std::string kind, name;
  const char* message;
};

void PrintTo(const Refusal& refusal, std::ostream* out) { *out << refusal.test_name; }

class NewPluginRefusals : public testing::TestWithParam<Refusal> {};

TEST_P(NewPluginRefusals, AreOneClearMessageAndLeaveNothing) {
  const test::TemporaryFolder folder;
  const auto result = new_plugin(GetParam().kind, GetParam().name, folder.path());
  EXPECT_EQ(result.exit_code, 2) << result.output;
  EXPECT_THAT(result.output, HasSubstr(GetParam().message));
  EXPECT_EQ(std::count(result.output.begin(), result.output.end(), '\n'), 1) << result.output;
  EXPECT_THAT(names_in(folder.path()), IsEmpty());
}

const std::vector<Refusal> kRefusals{
    {"UnknownKind", "optimiser", "lion", "no kind of plugin 'optimiser'; did you mean 'optimizer'"},
    {"Capitals", "loss", "HingeLoss", "'HingeLoss' cannot be a plugin's name: use snake_case"},
    {"Hyphens", "loss", "hinge-loss", "'hinge-loss' cannot be a plugin's name"},
    {"DigitFirst", "loss", "2nd_try", "'2nd_try' cannot be a plugin's name"},
    {"TwoUnderscores", "loss", "a__b", "'a__b' cannot be a plugin's name"},
    {"Path", "loss", "../loss", "'../loss' cannot be a plugin's name"},
    {"Empty", "loss", "", "'' cannot be a plugin's name"},
    {"Keyword", "loss", "new", "'new' cannot be a plugin's name: it is a word of C++ or YAML"},
    {"NothingOfYaml", "loss", "null", "'null' cannot be a plugin's name: it is a word of"},
    {"TooLong", "loss", std::string(65, 'x'), "too long for a plugin's name: 65 letters, at most"},
    {"Taken", "operation", "add", "the operation 'add' exists already"},
    {"DeviceOfOurOwn", "backend", "cpu", "'cpu' is a device of groklab's own"},
};

INSTANTIATE_TEST_SUITE_P(All, NewPluginRefusals, testing::ValuesIn(kRefusals),
                         [](const auto& info) { return std::string(info.param.test_name); });

TEST(NewPlugin, LeavesAFolderWithFilesAlone) {
  const test::TemporaryFolder folder;
  folder.write("hinge/hinge.cpp", "months of work");
  folder.write("other", "a file");
  for (const auto* name : {"hinge", "other"}) {
    const auto result = new_plugin("loss", name, folder.path());
    EXPECT_EQ(result.exit_code, 2);
    EXPECT_THAT(result.output, HasSubstr(std::string(name) + " exists already"));
  }
  EXPECT_THAT(names_in(folder.path()), ElementsAre("hinge", "other"));
  EXPECT_THAT(names_in(folder.path() / "hinge"), ElementsAre("hinge.cpp"));
  EXPECT_EQ(read_file(folder.path() / "hinge/hinge.cpp"), "months of work");
}

TEST(NewPlugin, NamesAFolderThatIsMissingOrTakesNoFiles) {
  const auto missing = new_plugin("loss", "hinge", "/nowhere");
  EXPECT_EQ(missing.exit_code, 2);
  EXPECT_THAT(missing.output, HasSubstr("there is no folder /nowhere"));
  const auto closed = new_plugin("loss", "hinge", "/proc");  // even root writes nothing there
  EXPECT_EQ(closed.exit_code, 3);
  EXPECT_THAT(closed.output, HasSubstr("cannot make folder /proc/.hinge."));
}

// A program whose templates are there in part fails halfway.
TEST(NewPlugin, LeavesNothingHalfMade) {
  const test::TemporaryFolder folder;
  const auto program = folder.path() / "bin/groklab";
  fs::create_directories(program.parent_path());
  fs::copy_file(test::program(), program);
  folder.write("share/groklab/templates/CMakeLists.txt.in", "project(@name@)");
  fs::create_directories(folder.path() / "work");
  const auto result = run_program({program.string(), "plugins", "new", "loss", "hinge", "--dir",
                                   (folder.path() / "work").string()});
  EXPECT_EQ(result.exit_code, 2);
  EXPECT_THAT(result.output, HasSubstr("templates/loss/experiment.yaml.in"));
  EXPECT_THAT(names_in(folder.path() / "work"), IsEmpty());
}

}  // namespace
}  // namespace groklab
