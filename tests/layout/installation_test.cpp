// What scripts/demo builds can be installed, though it builds less than everything.
#include "base/files.h"
#include "base/process.h"
#include "support/paths.h"

#include <gmock/gmock.h>

#include <filesystem>
#include <regex>
#include <set>
#include <sstream>

namespace groklab {
namespace {

namespace fs = std::filesystem;

std::string printed_by_ninja(std::vector<std::string> arguments) {
  arguments.insert(arguments.begin(), {"ninja", "-C", test::build_dir().string()});
  const auto result = run_program(arguments);
  EXPECT_TRUE(result.succeeded()) << result.output;
  return result.output;
}

// The commands that build the target that scripts/demo names.
std::string commands_of_demo() {
  const auto script = read_file(test::source_dir() / "scripts/demo");
  std::smatch match;
  EXPECT_TRUE(std::regex_search(script, match, std::regex("scripts/build\" \\S+ (\\w+)\n")));
  return printed_by_ninja({"-t", "commands", match[1]});
}

// What ninja makes, and cmake does not when it configures.
std::set<std::string> built_files() {
  std::istringstream lines(printed_by_ninja({"-t", "targets", "all"}));
  std::set<std::string> files;
  for (std::string line; std::getline(lines, line);) {
    files.insert((test::build_dir() / line.substr(0, line.find(": "))).string());
  }
  return files;
}

// The files of the build folder that `cmake --install` copies.
std::vector<std::string> installed_files() {
  std::vector<std::string> files;
  const std::regex name("\"(" + test::build_dir().string() + "/[^\"]+)\"");
  for (const auto& entry : fs::recursive_directory_iterator(test::build_dir())) {
    if (entry.path().filename() != "cmake_install.cmake") continue;
    const auto script = read_file(entry.path());
    for (std::sregex_iterator at(script.begin(), script.end(), name), end; at != end; ++at) {
      files.push_back((*at)[1]);
    }
  }
  return files;
}

TEST(Installation, TakesNothingThatDemoDoesNotBuild) {
  const auto built = built_files();
  const auto commands = commands_of_demo();
  std::size_t checked = 0;
  for (const auto& file : installed_files()) {
    if (!built.contains(file)) continue;
    const auto name = file.substr(test::build_dir().string().size() + 1);
    EXPECT_NE(commands.find(name), std::string::npos) << name << " is not built by scripts/demo";
    ++checked;
  }
  EXPECT_GE(checked, 40U);  // the program, its libraries, each plugin
}

}  // namespace
}  // namespace groklab
