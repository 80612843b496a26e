#include "base/text.h"

#include "base/synonyms.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cctype>
#include <charconv>
#include <cmath>
#include <new>

namespace groklab {
namespace {

// Of two words that are less alike than this none is taken for the other.
std::size_t largest_distance(std::string_view a, std::string_view b) {
  return std::max<std::size_t>(1, std::max(a.size(), b.size()) * 2 / 5);
}

// Of lengths alone, so that a long word costs nothing.
bool may_be_alike(std::string_view a, std::string_view b) {
  const auto difference = std::max(a.size(), b.size()) - std::min(a.size(), b.size());
  return difference <= largest_distance(a, b);
}

// "17179869184 bytes" of LibTorch's "you tried to allocate 17179869184 bytes. Error code 12 …".
std::string wanted_bytes(std::string_view message) {
  constexpr std::string_view kBefore = "tried to allocate ";
  const auto found = message.find(kBefore);
  if (found == std::string_view::npos) return "";
  auto rest = message.substr(found + kBefore.size());
  const auto end = rest.find_first_not_of("0123456789");
  if (end == 0 || !rest.substr(std::min(end, rest.size())).starts_with(" bytes")) return "";
  return fmt::format(" ({} bytes more were wanted)", rest.substr(0, end));
}

bool is_number(std::string_view text) {
  if (text.starts_with('+')) text.remove_prefix(1);
  double number = 0;
  const auto* end = text.data() + text.size();
  const auto [rest, error] = std::from_chars(text.data(), end, number);
  return error == std::errc() && rest == end && std::isfinite(number);
}

// Whether a spreadsheet would compute what it reads, as it does after one of these characters.
bool is_formula(std::string_view text) {
  constexpr std::string_view kStarts = "=+-@\t\r";
  return !text.empty() && kStarts.find(text[0]) != std::string_view::npos && !is_number(text);
}

}  // namespace

std::size_t edit_distance(std::string_view a, std::string_view b) {
  std::vector<std::vector<std::size_t>> cost(a.size() + 1, std::vector<std::size_t>(b.size() + 1));
  for (std::size_t i = 0; i <= a.size(); ++i) cost[i][0] = i;
  for (std::size_t j = 0; j <= b.size(); ++j) cost[0][j] = j;
  for (std::size_t i = 1; i <= a.size(); ++i) {
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const bool same = a[i - 1] == b[j - 1];
      cost[i][j] = std::min({cost[i - 1][j] + 1, cost[i][j - 1] + 1, cost[i - 1][j - 1] + !same});
      if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1]) {
        cost[i][j] = std::min(cost[i][j], cost[i - 2][j - 2] + 1);
      }
    }
  }
  return cost[a.size()][b.size()];
}

std::vector<std::string> nearest(std::string_view word,
                                 const std::vector<std::string>& candidates) {
  const auto known = std::find(candidates.begin(), candidates.end(), name_here(word));
  if (known != candidates.end()) return {*known};
  std::vector<std::pair<std::size_t, std::string>> ranked;
  for (const auto& candidate : candidates) {
    const bool contains = word.size() >= 3 && candidate.find(word) != std::string::npos;
    if (!contains && !may_be_alike(word, candidate)) continue;
    const std::size_t distance = contains ? 1 : edit_distance(word, candidate);
    if (distance <= largest_distance(word, candidate)) ranked.emplace_back(distance, candidate);
  }
  std::sort(ranked.begin(), ranked.end());
  ranked.erase(std::unique(ranked.begin(), ranked.end()), ranked.end());
  std::vector<std::string> best;
  for (std::size_t i = 0; i < ranked.size() && i < 3; ++i) best.push_back(ranked[i].second);
  return best;
}

std::string suggestion(std::string_view word, const std::vector<std::string>& candidates) {
  const auto near = nearest(word, candidates);
  if (!near.empty()) return fmt::format("; did you mean '{}'?", fmt::join(near, "' or '"));
  if (candidates.empty()) return "";
  return fmt::format("; known: {}", fmt::join(candidates, ", "));
}

std::string csv_field(const std::string& value) {
  const auto text = is_formula(value) ? "'" + value : value;  // which makes it a text again
  if (!text.empty() && text.find_first_of(",\"\r\n") == std::string::npos) return text;
  std::string quoted = "\"";
  for (const char character : text) {
    if (character == '"') quoted += '"';
    quoted += character;
  }
  return quoted + '"';
}

std::size_t control_bytes(std::string_view text, std::size_t i) {
  const auto byte = static_cast<unsigned char>(text[i]);
  if (byte < 0x20 || byte == 0x7F) return 1;
  if (byte != 0xC2 || i + 1 == text.size()) return 0;
  const auto next = static_cast<unsigned char>(text[i + 1]);
  return next >= 0x80 && next < 0xA0 ? 2 : 0;
}

std::string printable(std::string_view text) {
  std::string shown;
  for (std::size_t i = 0; i < text.size();) {
    const auto bytes = text[i] == '\n' || text[i] == '\t' ? 0 : control_bytes(text, i);
    for (std::size_t k = 0; k < bytes; ++k) {
      shown += fmt::format("\\x{:02x}", static_cast<unsigned char>(text[i + k]));
    }
    if (bytes == 0) shown += text[i];
    i += std::max<std::size_t>(1, bytes);
  }
  return shown;
}

bool is_out_of_memory(const std::exception& error) {
  if (dynamic_cast<const std::bad_alloc*>(&error) != nullptr) return true;
  const std::string_view message = error.what();
  return message.find("DefaultCPUAllocator: can't allocate memory") != std::string_view::npos ||
         message.find("CUDA out of memory") != std::string_view::npos ||
         message.find("CUDA error: out of memory") != std::string_view::npos;
}

std::string message_of(const std::exception& error) {
  const std::string message = error.what();
  if (is_out_of_memory(error)) {
    return fmt::format(
        "memory ran out{}; a smaller model, table or batch needs less, and in a sweep a smaller "
        "--pack or fewer --jobs",
        wanted_bytes(message));
  }
  return printable(message.substr(0, message.find("\nException raised from")));
}

std::string escape_markup(std::string_view text) {
  std::string result;
  for (const char letter : text) {
    switch (letter) {
      case '&':
        result += "&amp;";
        break;
      case '<':
        result += "&lt;";
        break;
      case '>':
        result += "&gt;";
        break;
      default:
        result += letter;
    }
  }
  return result;
}

std::string filled(std::string_view text, const std::map<std::string, std::string>& values) {
  std::string result;
  while (!text.empty()) {
    const auto start = text.find('@');
    result += text.substr(0, start);
    if (start == std::string_view::npos) break;
    text.remove_prefix(start + 1);
    const auto end = text.find('@');
    const auto value = end == std::string_view::npos
                           ? values.end()
                           : values.find(std::string(text.substr(0, end)));
    result += value == values.end() ? "@" : value->second;
    if (value != values.end()) text.remove_prefix(end + 1);
  }
  return result;
}

std::string shortened(std::string_view text, std::size_t bytes) {
  if (text.size() <= bytes) return std::string(text);
  while (bytes > 0 && (text[bytes] & 0xC0) == 0x80) --bytes;  // inside of a character
  return std::string(text.substr(0, bytes)) + "…";
}

std::string join(const std::vector<std::string>& words, std::string_view separator) {
  return fmt::format("{}", fmt::join(words, separator));
}

std::vector<std::string> split(std::string_view text, char separator) {
  std::vector<std::string> parts;
  while (!text.empty()) {
    const auto end = std::min(text.find(separator), text.size());
    const auto part = text.substr(0, end);
    const auto first = part.find_first_not_of(' ');
    if (first != std::string_view::npos) {
      parts.emplace_back(part.substr(first, part.find_last_not_of(' ') + 1 - first));
    }
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return parts;
}

}  // namespace groklab
