#include "base/shell.h"

#include "base/text.h"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>

namespace groklab {
namespace {

bool is_plain(char letter) {
  return std::isalnum(static_cast<unsigned char>(letter)) ||
         std::string_view("/._-+=,:@%").find(letter) != std::string_view::npos;
}

// As $'…', in which a backslash begins an escape.
std::string escaped_word(std::string_view text) {
  std::string word = "$'";
  for (std::size_t i = 0; i < text.size(); ++i) {
    const auto bytes = control_bytes(text, i);
    for (std::size_t k = 0; k < bytes; ++k) {
      word += fmt::format("\\x{:02x}", static_cast<unsigned char>(text[i + k]));
    }
    if (bytes > 0) {
      i += bytes - 1;
      continue;
    }
    if (text[i] == '\'' || text[i] == '\\') word += '\\';
    word += text[i];
  }
  return word + "'";
}

}  // namespace

std::string shell_word(std::string_view text) {
  // A shell may expand a word that begins with =.
  const bool plain =
      !text.empty() && text.front() != '=' && std::all_of(text.begin(), text.end(), is_plain);
  if (plain) return std::string(text);
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (control_bytes(text, i) > 0) return escaped_word(text);
  }
  std::string word = "'";
  for (const char letter : text) word += letter == '\'' ? "'\\''" : std::string(1, letter);
  return word + "'";
}

std::string shell_command(const std::vector<std::string>& words) {
  std::vector<std::string> all;
  for (const auto& word : words) all.push_back(shell_word(word));
  return join(all, " ");
}

}  // namespace groklab
