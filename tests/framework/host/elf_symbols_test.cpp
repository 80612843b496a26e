#include "host/elf_symbols.h"

#include "base/files.h"
#include "base/process.h"
#include "support/paths.h"

#include <elf.h>
#include <gmock/gmock.h>
#include <groklab/error.h>

#include <cstring>
#include <functional>
#include <random>
#include <sstream>

namespace groklab {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::ThrowsMessage;
using testing::UnorderedElementsAreArray;

constexpr const char* kOperation = "operations/divide.so";
constexpr const char* kModel = "models/transformer.so";  // C++ names of many hundred characters

std::string plugin_bytes(const char* plugin) { return read_file(test::plugin_dir() / plugin); }

// What binutils' nm prints for the same file, the names cut as ours are.
std::vector<std::string> names_by_nm(const char* plugin) {
  const auto result = run_program(
      {"nm", "-D", "--defined-only", "--format=posix", (test::plugin_dir() / plugin).string()});
  std::vector<std::string> names;
  std::istringstream lines(result.output);
  for (std::string line; std::getline(lines, line);) {
    const auto name = line.substr(0, line.find_first_of(" @"));  // foo@@VERSION
    names.push_back(name.substr(0, 256));
  }
  return names;
}

TEST(ElfSymbols, AreThoseThatNmPrints) {
  if (!run_program({"nm", "--version"}).started) GTEST_SKIP() << "nm is not installed";
  for (const auto* plugin : {kOperation, kModel}) {
    const auto expected = names_by_nm(plugin);
    EXPECT_THAT(expected, Contains("groklab_plugin"));
    EXPECT_THAT(exported_symbols(plugin_bytes(plugin)), UnorderedElementsAreArray(expected))
        << plugin;
  }
}

// A library of the least that the reader looks at: a header, two sections, symbols, their names.
struct SmallLibrary {
  Elf64_Ehdr header{};
  Elf64_Shdr symbol_section{};
  Elf64_Shdr name_section{};
  std::vector<Elf64_Sym> symbols;
  std::string names;

  SmallLibrary(std::vector<Elf64_Word> name_offsets, std::string all_names)
      : names(std::move(all_names)) {
    std::memcpy(header.e_ident, ELFMAG, SELFMAG);
    header.e_ident[EI_CLASS] = ELFCLASS64;
    header.e_ident[EI_DATA] = ELFDATA2LSB;
    header.e_type = ET_DYN;
    // This test's own program is for the machine that the reader accepts.
    const auto self = read_file("/proc/self/exe");
    std::memcpy(&header.e_machine, self.data() + offsetof(Elf64_Ehdr, e_machine), 2);
    header.e_phentsize = sizeof(Elf64_Phdr);
    header.e_shentsize = sizeof(Elf64_Shdr);
    header.e_shnum = 2;
    header.e_shoff = sizeof header;
    for (const auto offset : name_offsets) {
      symbols.push_back({.st_name = offset,
                         .st_info = 0,
                         .st_other = 0,
                         .st_shndx = 1,
                         .st_value = 0,
                         .st_size = 0});
    }
    symbol_section.sh_type = SHT_DYNSYM;
    symbol_section.sh_link = 1;
    symbol_section.sh_offset = header.e_shoff + 2 * sizeof(Elf64_Shdr);
    symbol_section.sh_size = symbols.size() * sizeof(Elf64_Sym);
    name_section.sh_type = SHT_STRTAB;
    name_section.sh_offset = symbol_section.sh_offset + symbol_section.sh_size;
    name_section.sh_size = names.size();
  }

  std::string bytes() const {
    const auto raw = [](const auto& part) {
      return std::string(reinterpret_cast<const char*>(&part), sizeof part);
    };
    std::string all = raw(header) + raw(symbol_section) + raw(name_section);
    for (const auto& symbol : symbols) all += raw(symbol);
    return all + names;
  }
};

std::string two_names() { return std::string("\0one\0two\0", 9); }

TEST(ElfSymbols, ReadsALibraryMadeByHand) {
  EXPECT_THAT(exported_symbols(SmallLibrary({1, 5}, two_names()).bytes()),
              ElementsAre("one", "two"));
}

TEST(ElfSymbols, LeavesOutWhatTheLibraryNeedsFromOthers) {
  SmallLibrary library({1, 5}, two_names());
  library.symbols[0].st_shndx = SHN_UNDEF;
  EXPECT_THAT(exported_symbols(library.bytes()), ElementsAre("two"));
}

TEST(ElfSymbols, CutsNamesThatAreVeryLong) {
  const SmallLibrary library({1}, '\0' + std::string(10'000, 'x'));  // and without an end
  EXPECT_THAT(exported_symbols(library.bytes()), ElementsAre(std::string(256, 'x')));
}

TEST(ElfSymbols, LeavesOutNamesBeyondTheTableOfNames) {
  EXPECT_THAT(exported_symbols(SmallLibrary({9, 0xffffffff, 5}, two_names()).bytes()),
              ElementsAre("two"));
}

TEST(ElfSymbols, ALibraryWithoutASymbolTableExportsNothing) {
  SmallLibrary library({1}, two_names());
  library.header.e_shnum = 0;
  EXPECT_THAT(exported_symbols(library.bytes()), IsEmpty());
}

void expect_refused(const std::function<void(SmallLibrary&)>& damage, const char* reason) {
  SmallLibrary library({1, 5}, two_names());
  damage(library);
  EXPECT_THAT([&] { exported_symbols(library.bytes()); }, ThrowsMessage<Error>(HasSubstr(reason)));
}

TEST(ElfSymbols, RefusesWhatIsNoSharedLibraryForThisProcessor) {
  EXPECT_THAT([] { exported_symbols(""); }, ThrowsMessage<Error>("it is not a shared library"));
  EXPECT_THAT([] { exported_symbols("#!/bin/sh\n"); },
              ThrowsMessage<Error>("it is not a shared library"));
  constexpr const char* kOther = "it is built for another processor";
  expect_refused([](auto& library) { library.header.e_ident[EI_CLASS] = ELFCLASS32; }, kOther);
  expect_refused([](auto& library) { library.header.e_ident[EI_DATA] = ELFDATA2MSB; }, kOther);
  expect_refused([](auto& library) { library.header.e_machine = EM_S390; }, kOther);
  expect_refused([](auto& library) { library.header.e_type = ET_REL; },
                 "it is an object file, not a shared library");
}

TEST(ElfSymbols, RefusesPlacesBeyondTheFile) {
  constexpr const char* kPastEnd = "it refers to bytes past its end";
  expect_refused([](auto& library) { library.symbol_section.sh_size += 24; }, kPastEnd);
  expect_refused([](auto& library) { library.symbol_section.sh_offset = ~0ULL; }, kPastEnd);
  expect_refused([](auto& library) { library.symbol_section.sh_size = ~0ULL; }, kPastEnd);
  expect_refused([](auto& library) { library.symbol_section.sh_link = 0xffffffff; }, kPastEnd);
  expect_refused([](auto& library) { library.name_section.sh_size += 1; }, kPastEnd);
  expect_refused([](auto& library) { library.header.e_shoff = ~0ULL; }, kPastEnd);
  expect_refused([](auto& library) { library.header.e_shnum = 0xffff; }, kPastEnd);
  expect_refused([](auto& library) { library.header.e_phnum = 0xffff; }, kPastEnd);
  expect_refused([](auto& library) { library.header.e_phentsize = 0; }, "it is damaged");
  expect_refused([](auto& library) { library.header.e_shentsize = 1; }, "it is damaged");
}

TEST(ElfSymbols, RefusesALibraryCutOffAnywhere) {
  for (const auto* plugin : {kOperation, kModel}) {
    const auto whole = plugin_bytes(plugin);
    for (std::size_t size = 0; size < whole.size(); size += 64) {
      EXPECT_THROW(exported_symbols(std::string_view(whole).substr(0, size)), Error) << size;
    }
    EXPECT_THROW(exported_symbols(std::string_view(whole).substr(0, whole.size() - 1)), Error);
  }
}

// Counts how the reader takes damaged copies; anything but an Error or a list of names ends the
// test.
struct Outcomes {
  int read = 0, refused = 0;

  void take(std::string_view bytes) {
    try {
      for (const auto& name : exported_symbols(bytes)) ASSERT_LE(name.size(), 256U);
      ++read;
    } catch (const Error&) {
      ++refused;
    }
  }
};

TEST(ElfSymbols, SurvivesFlippedBytes) {
  const auto whole = plugin_bytes(kOperation);
  const auto sections = reinterpret_cast<const Elf64_Ehdr*>(whole.data())->e_shoff;
  std::mt19937 random(1);
  Outcomes outcomes;
  for (int trial = 0; trial < 9000; ++trial) {
    auto damaged = whole;
    for (int flips = 1 + static_cast<int>(random() % 8); flips > 0; --flips) {
      // A third each in the headers, in the section table, and anywhere.
      const std::size_t place = trial % 3 == 0   ? random() % 1024
                                : trial % 3 == 1 ? sections + random() % (whole.size() - sections)
                                                 : random() % whole.size();
      damaged[place] = static_cast<char>(random());
    }
    outcomes.take(damaged);
  }
  EXPECT_GT(outcomes.read, 500);
  EXPECT_GT(outcomes.refused, 500);
}

TEST(ElfSymbols, SurvivesGarbageBehindAnyBeginning) {
  const auto whole = plugin_bytes(kOperation);
  std::mt19937 random(2);
  Outcomes outcomes;
  for (int trial = 0; trial < 3000; ++trial) {
    std::string garbage(random() % 4096, '\0');
    for (auto& byte : garbage) byte = static_cast<char>(random());
    outcomes.take(garbage);
    outcomes.take(whole.substr(0, sizeof(Elf64_Ehdr)) + garbage);
    outcomes.take(whole.substr(0, random() % whole.size()) + garbage);
  }
  EXPECT_EQ(outcomes.read + outcomes.refused, 9000);
  EXPECT_GT(outcomes.refused, 3000);
}

}  // namespace
}  // namespace groklab
