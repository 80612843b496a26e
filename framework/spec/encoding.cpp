#include "spec/encoding.h"

#include "base/text.h"

#include <fmt/format.h>

#include <algorithm>

namespace groklab {
namespace {

// The encoding that a text is in, if it is one of two or four bytes a letter.
const char* wide_encoding(std::string_view text) {
  const auto starts = [&](std::string_view mark) { return text.starts_with(mark); };
  using namespace std::string_view_literals;
  if (starts("\xFF\xFE\0\0"sv) || starts("\0\0\xFE\xFF"sv)) return "UTF-32";
  if (starts("\xFF\xFE"sv) || starts("\xFE\xFF"sv)) return "UTF-16";
  // Without a byte order mark: ASCII's letters have a zero byte before or after them.
  if (text.size() >= 2 && (text[0] == '\0') != (text[1] == '\0')) return "UTF-16";
  return nullptr;
}

// Bytes of the UTF-8 character that begins at text[i]; 0: none does.
std::size_t character_bytes(std::string_view text, std::size_t i) {
  const auto byte = [&](std::size_t k) { return static_cast<unsigned char>(text[k]); };
  const auto first = byte(i);
  if (first < 0x80) return 1;
  const std::size_t count = first < 0xC2   ? 0
                            : first < 0xE0 ? 2
                            : first < 0xF0 ? 3
                            : first < 0xF5 ? 4
                                           : 0;
  if (count == 0 || i + count > text.size()) return 0;
  for (std::size_t k = 1; k < count; ++k) {
    if (byte(i + k) < 0x80 || byte(i + k) > 0xBF) return 0;
  }
  const auto second = byte(i + 1);
  const bool is_too_long = (first == 0xE0 && second < 0xA0) || (first == 0xF0 && second < 0x90);
  const bool is_none = (first == 0xED && second > 0x9F) || (first == 0xF4 && second > 0x8F);
  return is_too_long || is_none ? 0 : count;
}

}  // namespace

void require_readable(std::string_view text, const std::shared_ptr<const std::string>& file) {
  Mark mark{file, 1, 1};
  const auto refuse = [&](const std::string& message) {
    throw Error(printable(fmt::format("{}: {}", mark.text(), message)));
  };
  if (const auto* encoding = wide_encoding(text)) {
    refuse(fmt::format("the text is {}; save it as UTF-8", encoding));
  }
  for (std::size_t i = 0; i < text.size();) {
    const auto bytes = character_bytes(text, i);
    const auto code = static_cast<unsigned char>(text[i]);
    if (bytes == 0) {
      refuse(fmt::format("the byte 0x{:02X} is not UTF-8; save the text as UTF-8", code));
    }
    const bool is_space = code == '\n' || code == '\r' || code == '\t';
    if (!is_space && control_bytes(text, i) == 1) {
      refuse(
          fmt::format("a control character (0x{:02X}) cannot be in YAML; remove it, or write "
                      "\"\\x{:02x}\" in double quotes",
                      code, code));
    }
    mark.line += code == '\n' ? 1 : 0;
    mark.column = code == '\n' ? 1 : mark.column + 1;
    i += bytes;
  }
}

std::optional<int> first_tab(std::string_view text, int last) {
  for (int line = 0; line <= last && !text.empty(); ++line) {
    const auto end = std::min(text.find('\n'), text.size());
    const auto content = text.substr(0, text.find_first_not_of(" \t-"));
    if (content.substr(0, end).find('\t') != std::string_view::npos) return line + 1;
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return std::nullopt;
}

}  // namespace groklab
