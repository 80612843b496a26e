// Where a table names a text by its place in the table of texts, the text itself counts: another
// RUNPATH moves all texts behind it, and what follows the table of texts in the file.
#include "host/elf_content.h"

#include "base/files.h"
#include "host/elf.h"

#include <fmt/format.h>

#include <algorithm>

namespace groklab {
namespace {

// The dynamic section names what the library needs and is called; the rest of it repeats where
// other sections are.
bool names_a_library(const Elf64_Dyn& entry) {
  return entry.d_tag == DT_NEEDED || entry.d_tag == DT_SONAME;
}

// A library of which a damaged table asks for more than so many times its size is refused.
constexpr std::size_t kMostRepeated = 16;

class ContentReader {
 public:
  explicit ContentReader(std::string_view library)
      : elf_(library), most_(kMostRepeated * library.size()) {}

  std::string read() {
    for (std::size_t i = 0; i < elf_.sections(); ++i) {
      const auto section = elf_.section(i);
      if ((section.sh_flags & SHF_ALLOC) != 0) add(section);
    }
    return std::move(text_);
  }

 private:
  void add(const Elf64_Shdr& section) {
    switch (section.sh_type) {
      case SHT_STRTAB:
      case SHT_NOTE:
        return;
      case SHT_DYNAMIC:
        return add_dynamic(section);
      case SHT_DYNSYM:
        return add_symbols(section);
      case SHT_GNU_verneed:
        return add_versions(section);
      default:
        add_numbers(section.sh_type, section.sh_flags, section.sh_size);
        add(elf_.content(section));
    }
  }

  void add(std::string_view bytes) {
    if (bytes.size() > most_ - std::min(text_.size(), most_)) {
      throw Error("it is damaged: its sections overlap");
    }
    text_ += bytes;
  }

  template <class... Numbers>
  void add_numbers(Numbers... numbers) {
    ((text_ += fmt::format("{:x} ", static_cast<std::uint64_t>(numbers))), ...);
  }

  void add_name(std::string_view strings, std::uint64_t offset) {
    add(Elf::text_at(strings, offset));
    text_ += '\0';
  }

  std::string_view strings_of(const Elf64_Shdr& section) const {
    return elf_.content(elf_.section(section.sh_link));
  }

  void add_dynamic(const Elf64_Shdr& section) {
    const auto strings = strings_of(section);
    for_each_record<Elf64_Dyn>(elf_.content(section), [&](const Elf64_Dyn& entry) {
      if (!names_a_library(entry)) return;
      add_numbers(entry.d_tag);
      add_name(strings, entry.d_un.d_val);
    });
  }

  void add_symbols(const Elf64_Shdr& section) {
    const auto strings = strings_of(section);
    for_each_record<Elf64_Sym>(elf_.content(section), [&](const Elf64_Sym& symbol) {
      add_numbers(symbol.st_info, symbol.st_other, symbol.st_shndx, symbol.st_value,
                  symbol.st_size);
      add_name(strings, symbol.st_name);
    });
  }

  // A record for each library that versions of symbols are of, followed by one for each version;
  // all are of one size.
  void add_versions(const Elf64_Shdr& section) {
    static_assert(sizeof(Elf64_Verneed) == sizeof(Elf64_Vernaux));
    const auto strings = strings_of(section);
    unsigned versions = 0;  // still to come, of the library
    for_each_record<Elf64_Vernaux>(elf_.content(section), [&](const Elf64_Vernaux& version) {
      if (versions > 0) {
        --versions;
        add_numbers(version.vna_hash, version.vna_flags, version.vna_other);
        return add_name(strings, version.vna_name);
      }
      Elf64_Verneed needed;
      std::memcpy(&needed, &version, sizeof needed);
      versions = needed.vn_cnt;
      add_numbers(needed.vn_version, needed.vn_cnt);
      add_name(strings, needed.vn_file);
    });
  }

  const Elf elf_;
  const std::size_t most_;  // bytes of text
  std::string text_;
};

}  // namespace

std::string content_hash(std::string_view library) { return sha256(ContentReader(library).read()); }

std::vector<std::string> needed_libraries(std::string_view library) {
  const Elf elf(library);
  std::vector<std::string> names;
  for (std::size_t i = 0; i < elf.sections(); ++i) {
    const auto section = elf.section(i);
    if (section.sh_type != SHT_DYNAMIC) continue;
    const auto strings = elf.content(elf.section(section.sh_link));
    for_each_record<Elf64_Dyn>(elf.content(section), [&](const Elf64_Dyn& entry) {
      if (entry.d_tag == DT_NEEDED) names.emplace_back(Elf::text_at(strings, entry.d_un.d_val));
    });
  }
  return names;
}

}  // namespace groklab
