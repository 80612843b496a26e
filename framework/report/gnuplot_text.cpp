#include "report/gnuplot_text.h"

#include <algorithm>
#include <cstdint>
#include <utility>

namespace groklab {
namespace {

constexpr char32_t kReplacement = 0xFFFD;
constexpr std::string_view kEllipsis = "…";

// The character that starts at `at`, which moves on by at least a byte.
char32_t next_character(std::string_view text, std::size_t& at) {
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  const auto first = byte(at++);
  if (first < 0x80) return first;
  const int following = first >= 0xF0 ? 3 : first >= 0xE0 ? 2 : 1;
  if (first < 0xC2 || first > 0xF4) return kReplacement;
  char32_t character = first & (0x3F >> following);
  for (int i = 0; i < following; ++i) {
    if (at == text.size() || (byte(at) & 0xC0) != 0x80) return kReplacement;
    character = character << 6 | (byte(at++) & 0x3F);
  }
  constexpr char32_t kLeast[] = {0, 0x80, 0x800, 0x10000};
  const bool is_surrogate = character >= 0xD800 && character <= 0xDFFF;
  if (character < kLeast[following] || is_surrogate || character > 0x10FFFF) return kReplacement;
  return (character & 0xFFFE) == 0xFFFE ? kReplacement : character;  // XML has no U+FFFE, U+FFFF
}

std::string to_utf8(char32_t character) {
  const auto part = [&](int shift, int mark, int mask) {
    return static_cast<char>(mark | (character >> shift & mask));
  };
  if (character < 0x80) return {part(0, 0, 0x7F)};
  if (character < 0x800) return {part(6, 0xC0, 0x1F), part(0, 0x80, 0x3F)};
  if (character < 0x10000) {
    return {part(12, 0xE0, 0x0F), part(6, 0x80, 0x3F), part(0, 0x80, 0x3F)};
  }
  return {part(18, 0xF0, 0x07), part(12, 0x80, 0x3F), part(6, 0x80, 0x3F), part(0, 0x80, 0x3F)};
}

bool is_control(char32_t character) {
  return character < 0x20 || (character >= 0x7F && character < 0xA0) || character == 0x2028 ||
         character == 0x2029;
}

// Would change the direction of what follows, in other labels too.
bool reorders(char32_t character) {
  return (character >= 0x202A && character <= 0x202E) ||
         (character >= 0x2066 && character <= 0x2069);
}

// In units of the type's size; DejaVu Sans, by groups of like letters.
double character_width(char32_t character) {
  if (character >= 0x1100) return character < 0x2000 || character >= 0x2E80 ? 1.0 : 0.75;
  if (character >= 0x80) return 0.65;
  const auto is_one_of = [&](std::string_view set) {
    return set.find(static_cast<char>(character)) != std::string_view::npos;
  };
  if (is_one_of("ijl'|")) return 0.29;
  if (is_one_of(" .,:;!frtI()[]-/\\\"")) return 0.39;
  if (is_one_of("mwMW@%&<>=+~^#")) return 0.87;
  if (character >= 'A' && character <= 'Z') return 0.70;
  return 0.62;
}

// Characters, each with its width.
std::vector<std::pair<std::string, double>> characters_of(std::string_view text, double size) {
  std::vector<std::pair<std::string, double>> characters;
  for (std::size_t at = 0; at < text.size();) {
    const auto character = next_character(text, at);
    characters.emplace_back(to_utf8(character), size * character_width(character));
  }
  return characters;
}

// The lines, of any number.
std::vector<std::string> all_lines(const std::string& text, double width, double size) {
  std::vector<std::string> lines;
  std::string line, word;
  double line_width = 0, word_width = 0;  // of the line without the word
  const auto end_line = [&] {
    if (!line.empty()) lines.push_back(std::exchange(line, ""));
    line_width = 0;
  };
  const auto end_word = [&](const std::string& space, double space_width) {
    line += std::exchange(word, "") + space;
    line_width += std::exchange(word_width, 0) + space_width;
  };
  for (const auto& [character, advance] : characters_of(text, size)) {
    if (character == " ") {
      end_word(" ", advance);
      continue;
    }
    if (line_width + word_width + advance > width) {
      if (line_width == 0) end_word("", 0);
      end_line();
    }
    word += character;
    word_width += advance;
  }
  end_word("", 0);
  end_line();
  for (auto& full : lines) full.erase(full.find_last_not_of(' ') + 1);
  std::erase(lines, "");
  return lines;
}

}  // namespace

std::string plain(std::string_view text) {
  std::string line;
  for (std::size_t at = 0; at < text.size();) {
    const auto character = next_character(text, at);
    if (!reorders(character)) line += is_control(character) ? " " : to_utf8(character);
  }
  return line;
}

std::string literal(std::string_view text) {
  const auto line = plain(text);
  // gnuplot takes the doubled quote for the end of an empty string where a string begins with it.
  const auto start = std::min(line.find_first_not_of('\''), line.size());
  std::string literal = start == 0 ? "'" : "\"" + line.substr(0, start) + "\".'";
  for (const char letter : line.substr(start)) {
    literal += letter == '\'' ? "''" : std::string(1, letter);
  }
  return literal + "'";
}

double text_width(std::string_view text, double size) {
  double width = 0;
  for (const auto& [character, advance] : characters_of(text, size)) width += advance;
  return width;
}

std::string shortened(std::string_view text, double width, double size) {
  auto whole = plain(text);
  if (text_width(whole, size) <= width) return whole;
  std::string start;
  double used = text_width(kEllipsis, size);
  for (const auto& [character, advance] : characters_of(whole, size)) {
    used += advance;
    if (used > width) break;
    start += character;
  }
  return start.append(kEllipsis);
}

std::vector<std::string> wrapped(std::string_view text, double width, double size,
                                 std::size_t max_lines) {
  auto lines = all_lines(plain(text), width, size);
  if (lines.size() <= max_lines) return lines;
  lines.resize(max_lines);
  lines.back() = shortened(lines.back().append(kEllipsis).append(kEllipsis), width, size);
  return lines;
}

std::string literal_lines(const std::vector<std::string>& lines) {
  std::string text;
  for (const auto& line : lines) text += (text.empty() ? "" : R"(."\n".)") + literal(line);
  return text.empty() ? "''" : text;
}

}  // namespace groklab
