#include "base/text.h"
#include "store/text_table.h"

#include <fmt/format.h>

namespace groklab {
namespace {

struct FieldText {
  std::string operator()(std::monostate) const { return ""; }
  std::string operator()(std::int64_t number) const { return std::to_string(number); }
  std::string operator()(double number) const { return fmt::format("{}", number); }  // shortest
  std::string operator()(const std::string& text) const { return csv_field(text); }
};

class CsvWriter final : public TextTableWriter {
 public:
  explicit CsvWriter(const std::filesystem::path& folder) : TextTableWriter(folder, "csv") {}

 private:
  std::string header(const TableLayout& table) const override {
    std::vector<TableValue> names;
    for (const auto& column : table.columns) names.emplace_back(column.name);
    return line(table, names);
  }

  std::string line(const TableLayout&, const std::vector<TableValue>& row) const override {
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
