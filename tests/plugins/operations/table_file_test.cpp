#include "plugins/operations/tables.h"
#include "support/temporary_folder.h"

#include <fmt/format.h>
#include <gmock/gmock.h>

namespace groklab {
namespace {

using testing::HasSubstr;
using testing::ThrowsMessage;

std::unique_ptr<Operation> table_of_text(const std::string& text, std::int64_t elements = 0) {
  const test::TemporaryFolder folder;
  const auto file = folder.write("table.csv", text);
  return test::operation("table_file", {{"file", file.string()}, {"elements", elements}});
}

// What is said of the file after its name.
void expect_refused(const std::string& text, const std::string& message,
                    std::int64_t elements = 0) {
  EXPECT_THAT([&] { table_of_text(text, elements); },
              ThrowsMessage<Error>(HasSubstr("table.csv" + message)));
}

TEST(TableFile, HasTheAnswersOfTheFileAndNoOthers) {
  const auto table = table_of_text("x,y,z\n0,1,2\n2,2,0\n1,0,1\n");
  EXPECT_EQ(table->size(), 3);
  EXPECT_EQ(table->apply(0, 1), 2);
  EXPECT_EQ(table->apply(2, 2), 0);
  EXPECT_EQ(table->apply(1, 0), 1);
  EXPECT_EQ(table->apply(1, 1), Operation::kUndefined);
  EXPECT_EQ(test::table_of(*table).rows, 3);
  EXPECT_THAT(table->formula(), HasSubstr("table.csv"));
}

TEST(TableFile, ReadsWhatSpreadsheetsWrite) {
  for (const auto* text :
       {"0,1,1\n1,1,0", "0,1,1\r\n1,1,0\r\n", " x , y , z \n\n0 , 1 , 1\n1,1,0\n\n",
        "1,1,0\n0,1,1\n", "\xEF\xBB\xBFx,y,z\n0,1,1\n1,1,0\n"}) {
    const auto table = table_of_text(text);
    EXPECT_EQ(table->size(), 2) << text;
    EXPECT_EQ(table->apply(0, 1), 1) << text;
    EXPECT_EQ(table->apply(1, 1), 0) << text;
    EXPECT_EQ(table->apply(0, 0), Operation::kUndefined) << text;
  }
}

TEST(TableFile, MayHaveMoreElementsThanItNames) {
  EXPECT_EQ(table_of_text("0,0,0\n", 5)->size(), 5);
  EXPECT_EQ(table_of_text("0,0,0\n")->size(), 2);  // the fewest that there can be
  EXPECT_EQ(table_of_text("0,0,8191\n")->size(), 8192);
  expect_refused("0,0,0\n0,1,3\n", ":2: 3 is no element; elements: 3 are 0 … 2", 3);
}

TEST(TableFile, NamesFileAndLineOfABadRow) {
  const std::string expected = "expected x,y,z, three integers from 0 to 8191, found ";
  expect_refused("x,y,z\n0,0\n", ":2: " + expected + "'0,0'");
  expect_refused("0,0,0\n1,1,1,1\n", ":2: " + expected + "'1,1,1,1'");
  expect_refused("0,0,0\n\n0,1,a\n", ":3: " + expected + "'0,1,a'");
  expect_refused("0,0,-1\n", ":1: " + expected + "'0,0,-1'");
  expect_refused("0,0,1.0\n", ":1: " + expected + "'0,0,1.0'");
  expect_refused("0,0,\n", ":1: " + expected + "'0,0,'");
  expect_refused("0,0,8192\n", ":1: " + expected + "'0,0,8192'");
  expect_refused("0,0,99999999999999999999\n", ":1: " + expected);
  expect_refused("0;0;0\n", ":1: " + expected + "'0;0;0'");
  expect_refused("0,0,0\nx,y,z\n", ":2: " + expected + "'x,y,z'");  // a header comes first
}

TEST(TableFile, RefusesAPairThatStandsThereTwice) {
  expect_refused("x,y,z\n0,1,1\n1,0,1\n0,1,1\n",
                 ":4: the pair 0,1 stands here a second time; the first is in line 2");
}

TEST(TableFile, RefusesAFileWithoutRows) {
  expect_refused("", ": has no rows x,y,z");
  expect_refused("x,y,z\n", ": has no rows x,y,z");
  EXPECT_THAT(
      [] {
        test::operation("table_file", {{"file", std::string("/nowhere/table.csv")}});
      },
      ThrowsMessage<Error>("operation table_file: /nowhere/table.csv: cannot be read"));
  EXPECT_THAT(
      [] {
        test::operation("table_file", {{"file", std::string("/tmp")}});
      },
      ThrowsMessage<Error>("operation table_file: /tmp: cannot be read"));
}

}  // namespace
}  // namespace groklab
