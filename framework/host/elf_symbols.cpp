#include "host/elf_symbols.h"

#include "host/elf.h"

namespace groklab {
namespace {

// Names are cut here, so that a damaged table cannot make this slow: many times longer than any ABI
// tag.
constexpr std::size_t kLongestName = 256;

}  // namespace

std::vector<std::string> exported_symbols(std::string_view library) {
  const Elf elf(library);
  std::vector<std::string> names;
  for (std::size_t i = 0; i < elf.sections(); ++i) {
    const auto table = elf.section(i);
    if (table.sh_type != SHT_DYNSYM) continue;
    const auto strings = elf.content(elf.section(table.sh_link));
    for_each_record<Elf64_Sym>(elf.content(table), [&](const Elf64_Sym& symbol) {
      if (symbol.st_shndx == SHN_UNDEF || symbol.st_name >= strings.size()) return;
      names.emplace_back(Elf::text_at(strings, symbol.st_name, kLongestName));
    });
    break;  // a library has one
  }
  return names;
}

}  // namespace groklab
