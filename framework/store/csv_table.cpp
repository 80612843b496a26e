#include "store/text_table.h"

#include <fmt/format.h>

namespace groklab {
namespace {

std::string quoted_if_needed(const std::string& text) {
  if (!text.empty() && text.find_first_of(",\"\r\n") == std::string::npos) return text;
  std::string quoted = "\"";
  for (const char character : text) {
    if (character == '"') quoted += '"';
    quoted += character;
  }
  return quoted + '"';
}

struct FieldText {
  std::string operator()(std::monostate) const { return ""; }
  std::string operator()(std::int64_t number) const { return std::to_string(number); }
  std::string operator()(double number) const { return fmt::format("{}", number); }  // shortest
  std::string operator()(const std::string& text) const { return quoted_if_needed(text); }
};

class CsvWriter final : public TextTableWriter {
 public:
  explicit CsvWriter(const std::filesystem::path& folder) : TextTableWriter(folder, "csv") {}

 private:
  std::string header(const Table& table) const override {
    std::vector<TableValue> names;
    for (const auto& column : table.columns) names.emplace_back(column.name);
    return line(table, names);
  }

  std::string line(const Table&, const std::vector<TableValue>& row) const override {
    std::string text;
    for (const auto& value : row) text += std::visit(FieldText{}, value) + ',';
    text.back() = '\n';
    return text;
  }
};

}  // namespace

std::unique_ptr<TableWriter> make_csv_writer(const std::filesystem::path& folder) {
  return std::make_unique<CsvWriter>(folder);
}

}  // namespace groklab
