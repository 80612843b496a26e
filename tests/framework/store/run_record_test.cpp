#include "store/run_record.h"

#include "framework/store/run_folder_fixture.h"

#include <gmock/gmock.h>
#include <groklab/error.h>

namespace groklab {
namespace {

namespace fs = std::filesystem;
using test::run_json;
using testing::AllOf;
using testing::HasSubstr;
using testing::StartsWith;
using testing::ThrowsMessage;

using RunRecordTest = test::RunFolderTest;

TEST_F(RunRecordTest, IsNoneBeforeTheFirstStart) {
  EXPECT_FALSE(read_run_record(run()).has_value());
  folder_.write("runs/demo/spec.yaml", "");
  EXPECT_FALSE(read_run_record(run()).has_value());
  EXPECT_FALSE(read_run_record(run() / "spec.yaml").has_value());
}

TEST_F(RunRecordTest, IsWhatTheRunWroteLast) {
  interrupted_run();
  const auto record = read_run_record(run());
  ASSERT_TRUE(record.has_value());
  EXPECT_EQ(record->status, RunStatus::interrupted);
  EXPECT_EQ(record->json, run_json(run()));
  EXPECT_EQ(record->text, read_file(run() / "run.json"));
  EXPECT_EQ(record->json.at("summary").at("steps"), 30);
}

TEST_F(RunRecordTest, EveryPrefixOfItIsDamagedAndSaysSo) {
  interrupted_run();
  const auto file = run() / "run.json";
  for (auto size = fs::file_size(file) - 1; size-- > 0;) {  // the last byte is a line's end
    fs::resize_file(file, size);
    EXPECT_THAT([&] { read_run_record(run()); },
                ThrowsMessage<Error>(AllOf(StartsWith(file.string() + " is damaged"),
                                           HasSubstr("remove the folder to start the run again"))))
        << size;
  }
}

TEST_F(RunRecordTest, IsDamagedWithoutWhatEveryRunRecords) {
  interrupted_run();
  const auto whole = run_json(run());
  for (const auto* key : {"status", "identity", "settings", "plugins"}) {
    auto record = whole;
    record.erase(key);
    folder_.write("runs/demo/run.json", record.dump());
    EXPECT_THAT([&] { read_run_record(run()); }, ThrowsMessage<Error>(HasSubstr(key)));
    record[key] = 5;
    folder_.write("runs/demo/run.json", record.dump());
    EXPECT_THAT([&] { read_run_record(run()); }, ThrowsMessage<Error>(HasSubstr("is damaged")));
  }
}

TEST_F(RunRecordTest, NamesAFileThatCannotBeRead) {
  folder_.write("runs/demo/run.json/in_the_way", "");
  EXPECT_THAT(
      [&] { read_run_record(run()); },
      ThrowsMessage<Error>("cannot read " + (run() / "run.json").string() + ": Is a directory"));
}

}  // namespace
}  // namespace groklab
