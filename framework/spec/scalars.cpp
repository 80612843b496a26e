#include "spec/scalars.h"

#include <cctype>
#include <charconv>
#include <cmath>

namespace groklab {
namespace {

bool is_digit(char letter) { return std::isdigit(static_cast<unsigned char>(letter)) != 0; }

// 010 would be 8 to one reader and 10 to another.
bool has_leading_zero(std::string_view text) {
  if (!text.empty() && text.front() == '-') text.remove_prefix(1);
  return text.size() > 1 && text[0] == '0' && is_digit(text[1]);
}

template <class Number>
std::optional<Number> parse_whole(std::string_view text) {
  Number number{};
  const auto end = text.data() + text.size();
  const auto result = std::from_chars(text.data(), end, number);
  if (result.ec != std::errc{} || result.ptr != end) return std::nullopt;
  return number;
}

}  // namespace

std::optional<double> parse_real(std::string_view text) {
  if (text.starts_with("+-")) return std::nullopt;
  if (text.starts_with('+')) text.remove_prefix(1);
  if (text.empty() || has_leading_zero(text)) return std::nullopt;
  if (!is_digit(text.front()) && text.front() != '-' && text.front() != '.') return std::nullopt;
  const auto number = parse_whole<double>(text);
  return number && std::isfinite(*number) ? number : std::nullopt;
}

std::optional<std::int64_t> parse_integer(std::string_view text) {
  if (has_leading_zero(text)) return std::nullopt;
  if (const auto number = parse_whole<std::int64_t>(text)) return number;
  const auto real = parse_real(text);
  const bool exact = real && std::floor(*real) == *real && std::abs(*real) <= 0x1p53;
  return exact ? std::optional(static_cast<std::int64_t>(*real)) : std::nullopt;
}

}  // namespace groklab
