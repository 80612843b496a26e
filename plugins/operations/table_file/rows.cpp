#include "rows.h"

#include <groklab/error.h>
#include <groklab/operation.h>

#include <charconv>
#include <fstream>
#include <optional>
#include <string_view>

namespace {

constexpr auto kMaxElements = groklab::Operation::kMaxSize;

std::string_view trimmed(std::string_view text) {
  const auto first = text.find_first_not_of(" \t\r");
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(" \t\r") - first + 1);
}

std::optional<std::int64_t> parse_element(std::string_view text) {
  std::int64_t element = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), element);
  const bool whole = error == std::errc{} && end == text.data() + text.size();
  return whole && element >= 0 && element < kMaxElements ? std::optional(element) : std::nullopt;
}

std::vector<std::string_view> cells_of(std::string_view line) {
  std::vector<std::string_view> cells;
  for (std::size_t comma = 0; comma != std::string_view::npos;) {
    comma = line.find(',');
    cells.push_back(trimmed(line.substr(0, comma)));
    if (comma != std::string_view::npos) line.remove_prefix(comma + 1);
  }
  return cells;
}

Row parse_row(const std::string& file, std::int64_t number, std::string_view line) {
  const auto cells = cells_of(line);
  if (cells.size() == 3) {
    const auto x = parse_element(cells[0]), y = parse_element(cells[1]),
               z = parse_element(cells[2]);
    if (x && y && z) return {*x, *y, *z, number};
  }
  refuse_row(file, number,
             "expected x,y,z, three integers from 0 to " + std::to_string(kMaxElements - 1) +
                 ", found '" + std::string(line.substr(0, 60)) + "'");
}

}  // namespace

void refuse_row(const std::string& file, std::int64_t line, const std::string& message) {
  throw groklab::Error(file + ":" + std::to_string(line) + ": " + message);
}

std::vector<Row> read_rows(const std::string& file) {
  std::ifstream stream(file);
  std::vector<Row> rows;
  std::int64_t number = 0;
  for (std::string text; std::getline(stream, text);) {
    ++number;
    if (number == 1 && text.starts_with("\xEF\xBB\xBF")) text.erase(0, 3);  // byte order mark
    const auto line = trimmed(text);
    const auto cells = cells_of(line);
    const bool is_header = number == 1 && cells == std::vector<std::string_view>{"x", "y", "z"};
    if (!line.empty() && !is_header) rows.push_back(parse_row(file, number, line));
  }
  if (!stream.eof()) throw groklab::Error(file + ": cannot be read");
  if (rows.empty()) throw groklab::Error(file + ": has no rows x,y,z");
  return rows;
}
