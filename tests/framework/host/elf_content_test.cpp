#include "host/elf_content.h"

#include "base/files.h"
#include "base/process.h"
#include "support/paths.h"
#include "support/temporary_folder.h"

#include <elf.h>
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <groklab/error.h>

#include <array>
#include <cstring>
#include <random>
#include <sstream>

namespace groklab {
namespace {

namespace fs = std::filesystem;

fs::path divide() { return test::plugin_dir() / "operations/divide.so"; }
fs::path build(int number) {
  return test::fixture_dir() / fmt::format("build_{}/shifted_sum.so", number);
}

std::string content_of(const fs::path& library) { return content_hash(read_file(library)); }

// A copy of divide.so, changed by a command of CMake's, as `cmake --install` changes libraries.
fs::path changed_by_cmake(const test::TemporaryFolder& folder, const std::string& command,
                          const std::string& arguments) {
  const auto copy = folder.path() / "divide.so";
  fs::copy_file(divide(), copy);
  const auto script = folder.write(
      "install.cmake", fmt::format("file({} FILE \"{}\" {})\n", command, copy.string(), arguments));
  const auto result = run_program({"cmake", "-P", script.string()});
  EXPECT_TRUE(result.succeeded()) << result.output;
  return copy;
}

TEST(ContentHash, IsNotChangedByInstallation) {
  const std::array changes{std::pair{"RPATH_SET", "NEW_RPATH \"\\$ORIGIN\""},
                           std::pair{"RPATH_REMOVE", ""}};
  for (const auto& [command, arguments] : changes) {
    const test::TemporaryFolder folder;
    const auto copy = changed_by_cmake(folder, command, arguments);
    ASSERT_NE(read_file(copy), read_file(divide())) << command;
    EXPECT_EQ(content_of(copy), content_of(divide())) << command;
  }
}

TEST(ContentHash, IsNotChangedByLeavingOutSymbolsForDebuggers) {
  if (!run_program({"strip", "--version"}).started) GTEST_SKIP() << "strip is not installed";
  const test::TemporaryFolder folder;
  const auto copy = folder.path() / "divide.so";
  ASSERT_TRUE(run_program({"strip", "-o", copy.string(), divide().string()}).succeeded());
  ASSERT_NE(read_file(copy), read_file(divide()));
  EXPECT_EQ(content_of(copy), content_of(divide()));
}

// Linked with this RUNPATH, from this source.
std::string linked_content(const test::TemporaryFolder& folder, const std::string& runpath,
                           const std::string& source) {
  const auto file = folder.write("f.cpp", source);
  const auto library = folder.path() / "f.so";
  const auto result = run_program({"c++", "-shared", "-fPIC", "-O1", "-Wl,-rpath," + runpath,
                                   "-Wl,--build-id", file.string(), "-o", library.string()});
  EXPECT_TRUE(result.succeeded()) << result.output;
  return content_of(library);
}

TEST(ContentHash, IsThatOfTheSameSourceBuiltInAnotherFolder) {
  const test::TemporaryFolder folder;
  const std::string source = "#include <string>\nstd::string f() { return std::to_string(1); }\n";
  const auto here = linked_content(folder, "/a", source);
  EXPECT_EQ(linked_content(folder, "/home/someone/groklab/build/release/lib", source), here);
  EXPECT_NE(linked_content(folder, "/a",
                           "#include <string>\n"
                           "std::string f() { return std::to_string(2); }\n"),
            here);
}

TEST(ContentHash, TellsBuildsApartThatDifferInOneNumber) {
  EXPECT_NE(content_of(build(1)), content_of(build(2)));
}

TEST(ContentHash, TellsApartWhichLibrariesAreNeeded) {
  auto bytes = read_file(test::fixture_dir() / "helped/shifted_sum.so");
  const auto before = content_hash(bytes);
  bytes.replace(bytes.find("libshift.so"), 11, "libshort.so");
  EXPECT_NE(content_hash(bytes), before);
}

TEST(NeededLibraries, AreThoseThatReadelfPrints) {
  const auto library = test::fixture_dir() / "helped/shifted_sum.so";
  const auto result = run_program({"readelf", "--dynamic", "--wide", library.string()});
  if (!result.started) GTEST_SKIP() << "readelf is not installed";
  std::vector<std::string> expected;
  std::istringstream lines(result.output);
  for (std::string line; std::getline(lines, line);) {
    if (line.find("(NEEDED)") == std::string::npos) continue;
    const auto start = line.find('[') + 1;
    expected.push_back(line.substr(start, line.find(']') - start));
  }
  EXPECT_THAT(expected, testing::Contains("libshift.so"));
  EXPECT_EQ(needed_libraries(read_file(library)), expected);
}

TEST(ContentHash, SurvivesFlippedBytes) {
  const auto whole = read_file(build(1));
  Elf64_Ehdr header;
  std::memcpy(&header, whole.data(), sizeof header);
  std::mt19937 random(1);
  int read = 0, refused = 0;
  for (int trial = 0; trial < 3000; ++trial) {
    auto damaged = whole;
    for (int flips = 1 + static_cast<int>(random() % 8); flips > 0; --flips) {
      const auto sections = whole.size() - header.e_shoff;
      damaged[trial % 2 == 0 ? header.e_shoff + random() % sections : random() % whole.size()] =
          static_cast<char>(random());
    }
    try {
      content_hash(damaged);
      needed_libraries(damaged);
      ++read;
    } catch (const Error&) {
      ++refused;
    }
  }
  EXPECT_GT(read, 100);
  EXPECT_GT(refused, 100);
}

// Else a file of some KiB could ask for all memory.
TEST(ContentHash, RefusesSectionsThatOverlapAgainAndAgain) {
  auto bytes = read_file(build(1));
  Elf64_Ehdr header;
  std::memcpy(&header, bytes.data(), sizeof header);
  const auto size = bytes.size();
  bytes.resize(size + 40 * sizeof(Elf64_Shdr));
  for (int i = 0; i < 40; ++i) {
    Elf64_Shdr section{};
    section.sh_type = SHT_PROGBITS;
    section.sh_flags = SHF_ALLOC;
    section.sh_size = size;
    std::memcpy(bytes.data() + size + i * sizeof section, &section, sizeof section);
  }
  header.e_shoff = size;
  header.e_shnum = 40;
  std::memcpy(bytes.data(), &header, sizeof header);
  EXPECT_THAT([&] { content_hash(bytes); },
              testing::ThrowsMessage<Error>("it is damaged: its sections overlap"));
}

}  // namespace
}  // namespace groklab
