#include "store/text_table.h"

#include <nlohmann/json.hpp>

namespace groklab {
namespace {

using Json = nlohmann::json;

std::string dump(const Json& value) {
  return value.dump(-1, ' ', false, Json::error_handler_t::replace);
}

struct JsonText {
  std::string operator()(std::monostate) const { return "null"; }
  template <typename T>
  std::string operator()(const T& value) const {
    return dump(value);  // a number with the digits that give it back
  }
};

class JsonlWriter final : public TextTableWriter {
 public:
  explicit JsonlWriter(const std::filesystem::path& folder) : TextTableWriter(folder, "jsonl") {}

 private:
  std::string header(const TableLayout&) const override { return ""; }

  std::string line(const TableLayout& table, const std::vector<TableValue>& row) const override {
    std::string text;
    for (std::size_t i = 0; i < row.size(); ++i) {
      text += text.empty() ? "{" : ",";
      text += dump(table.columns[i].name) + ":" + std::visit(JsonText{}, row[i]);
    }
    return text + "}\n";
  }
};

}  // namespace

std::unique_ptr<TableWriter> make_jsonl_writer(const std::filesystem::path& folder) {
  return std::make_unique<JsonlWriter>(folder);
}

}  // namespace groklab
