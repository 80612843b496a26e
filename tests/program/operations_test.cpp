// groklab table, and whole runs on operations of the paper.
#include "base/files.h"
#include "store/metrics.h"
#include "support/program_run.h"
#include "support/temporary_folder.h"

#include <gmock/gmock.h>

#include <nlohmann/json.hpp>

namespace groklab {
namespace {

using testing::HasSubstr;

ProcessResult print_table(std::vector<std::string> arguments) {
  arguments.insert(arguments.begin(), "table");
  return test::run_groklab(arguments);
}

TEST(TableCommand, PrintsAGridWithDashesWhereThereIsNoAnswer) {
  const auto result = print_table({"divide", "modulus=5"});
  EXPECT_EQ(result.exit_code, 0);
  EXPECT_EQ(result.output,
            "∘ | 0 1 2 3 4\n"
            "--+----------\n"
            "0 | - 0 0 0 0\n"
            "1 | - 1 3 2 4\n"
            "2 | - 2 1 4 3\n"
            "3 | - 3 4 1 2\n"
            "4 | - 4 2 3 1\n");
}

TEST(TableCommand, PrintsNames) {
  const auto grid = print_table({"dihedral_group", "degree=3", "--names"});
  EXPECT_THAT(grid.output, HasSubstr("\nr1 | r1 r2 r0 s2 s0 s1\n"));
  const auto csv = print_table({"symmetric_group", "degree=3", "--names", "--format", "csv"});
  EXPECT_THAT(csv.output, HasSubstr("\n021,102,120\n"));
}

// The hashes are of tables made by a program in another language.
TEST(TableCommand, PrintsAsCsvWhatTheGoldenTablesSay) {
  const auto golden = nlohmann::json::parse(
      read_file(test::source_dir() / "tests/plugins/operations/golden_tables.json"));
  int compared = 0;
  for (const auto& table : golden) {
    if (table["size"] != 97 && table["size"] != 120) continue;
    std::vector<std::string> arguments{table["operation"], "--format", "csv"};
    for (const auto& [name, value] : table["parameters"].items()) {
      arguments.push_back(name + "=" + value.dump());
    }
    const auto result = print_table(arguments);
    EXPECT_EQ(result.exit_code, 0) << result.output;
    EXPECT_EQ(sha256(result.output), table["sha256"]) << arguments.front();
    ++compared;
  }
  EXPECT_GE(compared, 13);
}

TEST(TableCommand, PrintsWhatATableFileReads) {
  const test::TemporaryFolder folder;
  const auto csv = print_table({"divide", "modulus=7", "--format", "csv"}).output;
  const auto file = folder.write("division.csv", csv);
  EXPECT_EQ(print_table({"table_file", "file=" + file.string(), "--format", "csv"}).output, csv);
}

TEST(TableCommand, AnswersMistakesAsASpecDoes) {
  const auto expect = [](const std::vector<std::string>& arguments, const std::string& message) {
    const auto result = print_table(arguments);
    EXPECT_EQ(result.exit_code, 2) << result.output;
    EXPECT_THAT(result.output, HasSubstr(message));
  };
  expect({"divde"}, "there is no operation 'divde'; did you mean 'divide'?");
  expect({"add", "modulos=5"},
         "command line: operation.modulos: unknown parameter of add; did you mean 'modulus'?\n");
  expect({"add", "modulus=1"},
         "command line: operation.modulus: expected integer in [2, 8192], found '1'\n");
  expect({"add", "modulus=5,7"},
         "command line: operation.modulus: expected one value, found several\n");
  expect({"add", "97"}, "command line: operation: '97' is no parameter; write parameter=value\n");
  expect({"divide", "modulus=6"}, "operation divide: modulus 6 is not prime");
  expect({"polynomial"}, "command line: operation.expression: missing: ");
  expect({"polynomial", "expression=x^3 + 2x"},
         "operation polynomial: expression 'x^3 + 2x': position 8: expected an operator (+ - * ^; "
         "products are written with *) or the end, found 'x'\n");
  expect({"table_file", "file=nowhere.csv"},
         "command line: operation.file: there is no file nowhere.csv\n");
  expect({"add", "--format", "table"}, "--format");
  expect({}, "OPERATION is required");
}

constexpr const char* kSpec = R"(experiment: by_heart
operation: {name: x2_plus_y2, modulus: 11}
model: {name: transformer, layers: 1, width: 32, heads: 4}
loss: cross_entropy
optimizer: {name: adamw, learning_rate: 5e-3, weight_decay: 0}
training: {steps: 120, batch_size: full}
evaluation: {every: 120}
)";

// Metrics before and after training with these overrides.
std::pair<MetricsRow, MetricsRow> train(const std::vector<std::string>& overrides) {
  const test::TemporaryFolder folder;
  const auto out = folder.path() / "run";
  std::vector<std::string> command{"run", folder.write("spec.yaml", kSpec).string(), "--out",
                                   out.string()};
  command.insert(command.end(), overrides.begin(), overrides.end());
  const auto result = test::run_groklab(command);
  EXPECT_EQ(result.exit_code, 0) << result.output;
  const auto rows = read_metrics(out / "metrics.jsonl");
  EXPECT_EQ(rows.size(), 2U);
  return {rows.front(), rows.back()};
}

TEST(OperationsOfThePaper, AreLearnedByHeart) {
  const std::vector<std::vector<std::string>> cases{
      {"operation=x2_plus_y2"},
      {"operation=x3_plus_xy2_plus_y"},
      {"operation=s5_product", "data.train_fraction=0.02"}};
  for (const auto& overrides : cases) {
    const auto [before, after] = train(overrides);
    EXPECT_LT(before.at("train_accuracy"), 0.3) << overrides.front();
    EXPECT_EQ(after.at("train_accuracy"), 1) << overrides.front();
    EXPECT_LT(after.at("train_loss"), 0.05 * before.at("train_loss")) << overrides.front();
  }
}

}  // namespace
}  // namespace groklab
