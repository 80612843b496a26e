#include "store/values.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <optional>
#include <set>

namespace groklab {
namespace {

template <typename T>
std::optional<T> parse(const std::string& text) {
  T number{};
  const auto* end = text.data() + text.size();
  const auto [rest, error] = std::from_chars(text.data(), end, number);
  if (error != std::errc() || rest != end) return std::nullopt;
  return number;
}

// 007 is no number but a name.
bool has_superfluous_zero(const std::string& text) {
  const auto digits = text.starts_with('-') ? text.substr(1) : text;
  return digits.size() > 1 && digits[0] == '0' && digits[1] >= '0' && digits[1] <= '9';
}

bool is_integer(const std::string& text) {
  return !has_superfluous_zero(text) && parse<std::int64_t>(text);
}

// An integer of more than 64 bits would lose digits as a number.
bool is_real(const std::string& text) {
  if (has_superfluous_zero(text)) return false;
  if (text.find_first_not_of("-0123456789") == std::string::npos) return is_integer(text);
  const auto number = parse<double>(text);
  return number && std::isfinite(*number);
}

// Letters of ASCII in lower case: names of SQLite's columns do not tell them apart.
std::string folded(std::string name) {
  for (auto& letter : name) {
    if (letter >= 'A' && letter <= 'Z') letter = static_cast<char>(letter - 'A' + 'a');
  }
  return name;
}

}  // namespace

TableValue number_value(double number) {
  if (!std::isfinite(number)) return {};
  return number;
}

TableValue json_value(const nlohmann::ordered_json& json, ColumnType type) {
  if (type == ColumnType::integer && json.is_number_integer()) return json.get<std::int64_t>();
  if (type == ColumnType::real && json.is_number()) return number_value(json.get<double>());
  if (type == ColumnType::text && json.is_string()) return json.get<std::string>();
  return {};
}

ColumnType type_of(const std::vector<std::string>& texts) {
  if (std::all_of(texts.begin(), texts.end(), is_integer)) return ColumnType::integer;
  if (std::all_of(texts.begin(), texts.end(), is_real)) return ColumnType::real;
  return ColumnType::text;
}

TableValue text_value(const std::string& text, ColumnType type) {
  if (type == ColumnType::integer) return parse<std::int64_t>(text).value();
  if (type == ColumnType::real) return parse<double>(text).value();
  return text;
}

std::vector<std::string> distinct_names(std::vector<std::string> names,
                                        const std::vector<Column>& taken,
                                        const std::string& prefix) {
  std::set<std::string> used;
  for (const auto& column : taken) used.insert(folded(column.name));
  for (auto& name : names) {
    while (!used.insert(folded(name)).second) name = prefix + name;
  }
  return names;
}

}  // namespace groklab
