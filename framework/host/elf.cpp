#include "host/elf.h"

namespace groklab {
namespace {

#if defined(__x86_64__)
constexpr auto kMachine = EM_X86_64;
#elif defined(__aarch64__)
constexpr auto kMachine = EM_AARCH64;
#else
#error "groklab knows the shared libraries of x86-64 and aarch64 Linux"
#endif

template <class T>
T first_of(std::string_view bytes) {
  T value;
  std::memcpy(&value, bytes.data(), sizeof(T));
  return value;
}

}  // namespace

Elf::Elf(std::string_view bytes) : bytes_(bytes) {
  if (bytes_.substr(0, SELFMAG) != ELFMAG) throw Error("it is not a shared library");
  header_ = first_of<Elf64_Ehdr>(range(0, sizeof(Elf64_Ehdr)));
  if (header_.e_ident[EI_CLASS] != ELFCLASS64 || header_.e_ident[EI_DATA] != ELFDATA2LSB ||
      header_.e_machine != kMachine) {
    throw Error("it is built for another processor");
  }
  if (header_.e_type != ET_DYN) throw Error("it is an object file, not a shared library");
  if (header_.e_phentsize != sizeof(Elf64_Phdr) || header_.e_shentsize != sizeof(Elf64_Shdr)) {
    throw Error("it is damaged: its header is not one of a shared library");
  }
  for_each_record<Elf64_Phdr>(range(header_.e_phoff, header_.e_phnum * sizeof(Elf64_Phdr)),
                              [&](const auto& segment) {
                                if (segment.p_type == PT_LOAD)
                                  range(segment.p_offset, segment.p_filesz);
                              });
  range(header_.e_shoff, header_.e_shnum * sizeof(Elf64_Shdr));  // the linker puts these last
}

Elf64_Shdr Elf::section(std::size_t index) const {
  return first_of<Elf64_Shdr>(
      range(header_.e_shoff + index * sizeof(Elf64_Shdr), sizeof(Elf64_Shdr)));
}

std::string_view Elf::content(const Elf64_Shdr& section) const {
  if (section.sh_type == SHT_NOBITS) return {};
  return range(section.sh_offset, section.sh_size);
}

std::string_view Elf::text_at(std::string_view strings, std::uint64_t offset, std::size_t longest) {
  if (offset >= strings.size()) return {};
  const auto rest = strings.substr(offset, longest);
  return rest.substr(0, rest.find('\0'));
}

std::string_view Elf::range(std::uint64_t offset, std::uint64_t size) const {
  if (offset > bytes_.size() || size > bytes_.size() - offset) {
    throw Error("it is truncated or damaged: it refers to bytes past its end");
  }
  return bytes_.substr(offset, size);
}

}  // namespace groklab
