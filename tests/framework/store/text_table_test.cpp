#include "base/files.h"
#include "store/table_writer.h"
#include "support/temporary_folder.h"

#include <gmock/gmock.h>
#include <groklab/error.h>
#include <sys/resource.h>

#include <algorithm>
#include <csignal>
#include <limits>
#include <nlohmann/json.hpp>
#include <sstream>

namespace groklab {
namespace {

namespace fs = std::filesystem;
using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::ThrowsMessage;

const TableLayout kTable{"things",
                         {{"name, \"first\"", ColumnType::text},
                          {"count", ColumnType::integer},
                          {"share", ColumnType::real}},
                         1,
                         ""};

class TextTableTest : public testing::Test {
 protected:
  std::vector<std::string> files() const {
    std::vector<std::string> names;
    for (const auto& entry : fs::directory_iterator(out_)) names.push_back(entry.path().filename());
    std::sort(names.begin(), names.end());
    return names;
  }

  test::TemporaryFolder folder_;
  fs::path out_ = folder_.path() / "deep" / "out";
};

TEST_F(TextTableTest, CsvQuotesWhatHasToBeQuoted) {
  const auto writer = make_csv_writer(out_);
  writer->begin(kTable);
  writer->add({"plain text", std::int64_t{-3}, 0.1});
  writer->add({"a,b", std::numeric_limits<std::int64_t>::max(), 1e300});
  writer->add({"say \"no\"", TableValue(), TableValue()});
  writer->add({"two\r\nlines", std::int64_t{0}, -0.0});
  writer->add({"", std::int64_t{0}, 5e-324});
  writer->finish();
  EXPECT_EQ(read_file(out_ / "things.csv"),
            "\"name, \"\"first\"\"\",count,share\n"
            "plain text,-3,0.1\n"
            "\"a,b\",9223372036854775807,1e+300\n"
            "\"say \"\"no\"\"\",,\n"
            "\"two\r\nlines\",0,-0\n"
            "\"\",0,5e-324\n");
}

TEST_F(TextTableTest, JsonLinesGiveBackWhatWasWritten) {
  const std::vector<std::vector<TableValue>> rows{
      {"größer, \"q\"\n", std::numeric_limits<std::int64_t>::min(), 0.1 + 0.2},
      {TableValue(), TableValue(), TableValue()},
      {std::string("\xff not UTF-8"), std::int64_t{1}, 1.0}};
  const auto writer = make_jsonl_writer(out_);
  writer->begin(kTable);
  for (const auto& row : rows) writer->add(row);
  writer->finish();
  std::istringstream text(read_file(out_ / "things.jsonl"));
  std::vector<nlohmann::ordered_json> read;
  for (std::string line; std::getline(text, line);) {
    read.push_back(nlohmann::ordered_json::parse(line));
  }
  ASSERT_EQ(read.size(), 3U);
  EXPECT_EQ(read[0].dump().find("{\"name, \\\"first\\\"\":"), 0U);
  EXPECT_EQ(read[0]["name, \"first\""], "größer, \"q\"\n");
  EXPECT_EQ(read[0]["count"], std::numeric_limits<std::int64_t>::min());
  EXPECT_EQ(read[0]["share"].get<double>(), 0.1 + 0.2);
  for (const auto& column : kTable.columns) EXPECT_TRUE(read[1].at(column.name).is_null());
  EXPECT_TRUE(read[2]["share"].is_number_float());
}

TEST_F(TextTableTest, LargeTablesAreWrittenWhole) {
  const auto writer = make_csv_writer(out_);
  std::string expected = "\"name, \"\"first\"\"\",count,share\n";
  writer->begin(kTable);
  for (std::int64_t i = 0; i < 20000; ++i) {
    writer->add({"row", i, 0.5});
    expected += "row," + std::to_string(i) + ",0.5\n";
  }
  auto other = kTable;
  other.name = "others";
  writer->begin(other);
  EXPECT_THAT(writer->finish(), ElementsAre(out_ / "things.csv", out_ / "others.csv"));
  EXPECT_EQ(read_file(out_ / "things.csv"), expected);
  EXPECT_EQ(read_file(out_ / "others.csv"), "\"name, \"\"first\"\"\",count,share\n");
}

TEST_F(TextTableTest, UnfinishedNothingIsLeftAndTheFormerFilesStay) {
  for (const auto make : {make_csv_writer, make_jsonl_writer, make_sqlite_writer}) {
    fs::create_directories(out_);
    folder_.write("deep/out/things.csv", "former");
    {
      const auto writer = make(out_);
      writer->begin(kTable);
      for (int i = 0; i < 10000; ++i) writer->add({std::to_string(i), TableValue(), TableValue()});
    }
    EXPECT_EQ(read_file(out_ / "things.csv"), "former");
    EXPECT_THAT(files(), ElementsAre("things.csv"));
    fs::remove_all(out_);
  }
}

TEST_F(TextTableTest, SeveralMayWriteIntoAFolderAtOnceAndTheLastIsThere) {
  for (const auto make : {make_csv_writer, make_jsonl_writer, make_sqlite_writer}) {
    const auto first = make(out_), second = make(out_);
    first->begin(kTable);
    second->begin(kTable);
    first->add({"alpha", std::int64_t{1}, 0.5});
    second->add({"beta", std::int64_t{2}, 0.5});
    const auto files = first->finish();
    ASSERT_EQ(files.size(), 1U);
    EXPECT_THAT(read_file(files[0]), HasSubstr("alpha"));
    second->finish();
    EXPECT_THAT(read_file(files[0]), AllOf(HasSubstr("beta"), Not(HasSubstr("alpha"))));
  }
}

TEST_F(TextTableTest, AFolderThatCannotBeMadeOrWrittenIsNamed) {
  const auto file = folder_.write("file", "");
  for (const auto make : {make_csv_writer, make_jsonl_writer, make_sqlite_writer}) {
    EXPECT_THAT(
        [&] { make(file / "out"); },
        ThrowsMessage<Error>(AllOf(HasSubstr("cannot make folder"), HasSubstr("file/out"))));
  }
  fs::create_directories(out_ / "things.csv" / "in the way");
  const auto writer = make_csv_writer(out_);
  writer->begin(kTable);
  EXPECT_THAT([&] { writer->finish(); },
              ThrowsMessage<WriteError>(HasSubstr("things.csv: Is a directory")));
}

// Files may not become larger, as on a full disk.
class FileSizeLimit {
 public:
  explicit FileSizeLimit(rlim_t bytes) : handler_(std::signal(SIGXFSZ, SIG_IGN)) {
    getrlimit(RLIMIT_FSIZE, &former_);
    const rlimit limit{bytes, former_.rlim_max};
    setrlimit(RLIMIT_FSIZE, &limit);
  }
  ~FileSizeLimit() {
    setrlimit(RLIMIT_FSIZE, &former_);
    std::signal(SIGXFSZ, handler_);
  }

 private:
  void (*handler_)(int);
  rlimit former_{};
};

TEST_F(TextTableTest, AWriteThatFailsIsAnErrorAndLeavesNoPartOfATable) {
  for (const auto make : {make_csv_writer, make_jsonl_writer, make_sqlite_writer}) {
    const FileSizeLimit limit(1 << 20);
    const auto write = [&] {
      const auto writer = make(out_);
      writer->begin(kTable);
      for (int i = 0; i < 4000; ++i) {
        writer->add({std::to_string(i) + std::string(1000, 'x'), TableValue(), TableValue()});
      }
      writer->finish();
    };
    EXPECT_THAT(write, ThrowsMessage<WriteError>(HasSubstr("cannot write " + out_.string())));
    EXPECT_THAT(files(), IsEmpty());
  }
}

}  // namespace
}  // namespace groklab
