#include "host/elf_symbols.h"

#include <elf.h>
#include <groklab/error.h>

#include <cstdint>
#include <cstring>

namespace groklab {
namespace {

#if defined(__x86_64__)
constexpr auto kMachine = EM_X86_64;
#elif defined(__aarch64__)
constexpr auto kMachine = EM_AARCH64;
#else
#error "groklab knows the shared libraries of x86-64 and aarch64 Linux"
#endif

// Names are cut here, so that a damaged table cannot make this slow: many times longer than any ABI
// tag.
constexpr std::size_t kLongestName = 256;

class Elf {
 public:
  explicit Elf(std::string_view bytes) : bytes_(bytes) {
    if (bytes_.substr(0, SELFMAG) != ELFMAG) throw Error("it is not a shared library");
    header_ = at<Elf64_Ehdr>(0);
    if (header_.e_ident[EI_CLASS] != ELFCLASS64 || header_.e_ident[EI_DATA] != ELFDATA2LSB ||
        header_.e_machine != kMachine) {
      throw Error("it is built for another processor");
    }
    if (header_.e_type != ET_DYN) throw Error("it is an object file, not a shared library");
    if (header_.e_phentsize != sizeof(Elf64_Phdr) || header_.e_shentsize != sizeof(Elf64_Shdr)) {
      throw Error("it is damaged: its header is not one of a shared library");
    }
    for (std::size_t i = 0; i < header_.e_phnum; ++i) {
      const auto segment = at<Elf64_Phdr>(header_.e_phoff + i * sizeof(Elf64_Phdr));
      if (segment.p_type == PT_LOAD) range(segment.p_offset, segment.p_filesz);
    }
    range(header_.e_shoff, header_.e_shnum * sizeof(Elf64_Shdr));  // the linker puts these last
  }

  std::vector<std::string> symbols() const {
    for (std::size_t i = 0; i < header_.e_shnum; ++i) {
      const auto table = section(i);
      if (table.sh_type == SHT_DYNSYM) return read_table(table);  // a library has one
    }
    return {};
  }

 private:
  // The `size` bytes at `offset`, which must lie within the file.
  std::string_view range(std::uint64_t offset, std::uint64_t size) const {
    if (offset > bytes_.size() || size > bytes_.size() - offset) {
      throw Error("it is truncated or damaged: it refers to bytes past its end");
    }
    return bytes_.substr(offset, size);
  }

  template <class T>
  T at(std::uint64_t offset) const {
    T value;
    std::memcpy(&value, range(offset, sizeof(T)).data(), sizeof(T));
    return value;
  }

  Elf64_Shdr section(std::size_t index) const {
    return at<Elf64_Shdr>(header_.e_shoff + index * sizeof(Elf64_Shdr));
  }

  std::vector<std::string> read_table(const Elf64_Shdr& table) const {
    std::vector<std::string> names;
    const auto symbols = range(table.sh_offset, table.sh_size);
    const auto strings_section = section(table.sh_link);
    const auto strings = range(strings_section.sh_offset, strings_section.sh_size);
    for (std::size_t i = 0; i < symbols.size() / sizeof(Elf64_Sym); ++i) {
      const auto symbol = at<Elf64_Sym>(table.sh_offset + i * sizeof(Elf64_Sym));
      if (symbol.st_shndx == SHN_UNDEF || symbol.st_name >= strings.size()) continue;
      const auto name = strings.substr(symbol.st_name, kLongestName);
      names.emplace_back(name.substr(0, name.find('\0')));
    }
    return names;
  }

  std::string_view bytes_;
  Elf64_Ehdr header_{};
};

}  // namespace

std::vector<std::string> exported_symbols(std::string_view library) {
  return Elf(library).symbols();
}

}  // namespace groklab
