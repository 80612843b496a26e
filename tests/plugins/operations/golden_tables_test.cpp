// Every table against one that a program in another language made: make_tables.py.
#include "base/files.h"
#include "base/text.h"
#include "plugins/operations/tables.h"

#include <fmt/format.h>
#include <gmock/gmock.h>

#include <nlohmann/json.hpp>
#include <set>

namespace groklab {
namespace {

using Json = nlohmann::json;

const Json& golden_tables() {
  static const auto all =
      Json::parse(read_file(test::source_dir() / "tests/plugins/operations/golden_tables.json"));
  return all;
}

std::unique_ptr<Operation> operation_of(const Json& golden) {
  std::map<std::string, Value> values;
  for (const auto& [name, value] : golden["parameters"].items()) {
    values[name] =
        value.is_string() ? Value(value.get<std::string>()) : Value(value.get<std::int64_t>());
  }
  return test::operation(golden["operation"], values);
}

std::string csv_of(const Operation& operation) {
  std::string csv = "x,y,z\n";
  for (std::int64_t x = 0; x < operation.size(); ++x) {
    for (std::int64_t y = 0; y < operation.size(); ++y) {
      const auto z = operation.apply(x, y);
      if (z != Operation::kUndefined) csv += fmt::format("{},{},{}\n", x, y, z);
    }
  }
  return csv;
}

std::string line_of(const Operation& operation, std::int64_t x) {
  std::vector<std::string> cells;
  for (std::int64_t y = 0; y < operation.size(); ++y) {
    const auto z = operation.apply(x, y);
    cells.push_back(z == Operation::kUndefined ? "-" : std::to_string(z));
  }
  return join(cells, " ");
}

TEST(GoldenTables, AgreeCellByCell) {
  for (const auto& golden : golden_tables()) {
    const auto operation = operation_of(golden);
    const auto name =
        fmt::format("{} {}", golden["operation"].get<std::string>(), golden["parameters"].dump());
    ASSERT_EQ(operation->size(), golden["size"]) << name;
    EXPECT_EQ(test::table_of(*operation).rows, golden["rows"]) << name;
    EXPECT_EQ(sha256(csv_of(*operation)), golden["sha256"]) << name;
    if (!golden.contains("table")) continue;
    for (std::int64_t x = 0; x < operation->size(); ++x) {
      EXPECT_EQ(line_of(*operation, x), golden["table"][x]) << name << ", x = " << x;
    }
  }
}

// Those of the paper at its size, and every operation that has a rule of its own.
TEST(GoldenTables, CoverEveryOperation) {
  std::set<std::string> covered, paper;
  for (const auto& golden : golden_tables()) {
    covered.insert(golden["operation"]);
    if (golden["size"] == 97 || golden["size"] == 120) paper.insert(golden["operation"]);
  }
  covered.insert("table_file");  // has no rule
  const auto names = Catalog({test::plugin_dir()}).names(Operation::kKind);
  EXPECT_EQ(covered, std::set(names.begin(), names.end()));
  for (const auto* name :
       {"add", "subtract", "multiply", "divide", "divide_or_subtract", "x2_plus_y2",
        "x2_plus_xy_plus_y2", "x2_plus_xy_plus_y2_plus_x", "x3_plus_xy", "x3_plus_xy2_plus_y",
        "s5_product", "s5_conjugate", "s5_aba"}) {
    EXPECT_TRUE(paper.contains(name)) << name;
  }
}

}  // namespace
}  // namespace groklab
