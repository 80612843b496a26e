#pragma once

#include <elf.h>
#include <groklab/error.h>

#include <cstdint>
#include <cstring>
#include <string_view>

namespace groklab {

// The bytes of a shared library. Every offset is checked before it is followed, so damaged files
// are safe to read.
class Elf {
 public:
  // Throws Error, without the file's name, if this is no complete shared library for this
  // processor.
  explicit Elf(std::string_view bytes);

  std::size_t sections() const { return header_.e_shnum; }
  Elf64_Shdr section(std::size_t index) const;  // Throws Error if there is none

  // The content of a section, empty if it has none in the file.
  std::string_view content(const Elf64_Shdr& section) const;

  // The zero-terminated text at `offset` of `strings`, at most `longest` characters of it; empty
  // beyond the end of `strings`.
  static std::string_view text_at(std::string_view strings, std::uint64_t offset,
                                  std::size_t longest = std::string_view::npos);

 private:
  // The `size` bytes at `offset`, which must lie within the file.
  std::string_view range(std::uint64_t offset, std::uint64_t size) const;

  std::string_view bytes_;
  Elf64_Ehdr header_{};
};

// Calls action(record) for each whole record of type T in `table`.
template <class T, class Action>
void for_each_record(std::string_view table, Action action) {
  for (; table.size() >= sizeof(T); table.remove_prefix(sizeof(T))) {
    T record;
    std::memcpy(&record, table.data(), sizeof(T));
    action(record);
  }
}

}  // namespace groklab
