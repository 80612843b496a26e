#include "store/run_record.h"

#include "framework/store/run_folder_fixture.h"
#include "store/run_result.h"

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

TEST_F(RunRecordTest, HasItsSummaryAndWhereItsStopRuleEndedIt) {
  interrupted_run();
  auto json = run_json(run());
  json["stopped"] = {{"when", "generalized"}, {"step", 20}};
  json["summary"]["val_accuracy"] = 0.5;
  json["summary"].erase("sustained_steps_to_memorize");  // as earlier versions wrote it
  folder_.write("runs/demo/run.json", json.dump());
  const auto record = read_run_record(run());
  EXPECT_EQ(recorded_stop(JsonField(record->json)), 20);
  const auto summary = recorded_summary(JsonField(record->json));
  EXPECT_EQ(summary->steps, 30);
  EXPECT_EQ(summary->val_accuracy, 0.5);
  EXPECT_FALSE(summary->steps_to_generalize.has_value());
  json.erase("summary");
  json.erase("stopped");
  EXPECT_FALSE(recorded_summary(JsonField(json)).has_value());
  EXPECT_FALSE(recorded_stop(JsonField(json)).has_value());
}

TEST_F(RunRecordTest, IsDamagedWhereSomethingIsOfAnotherType) {
  interrupted_run();
  const auto whole = run_json(run());
  const std::vector<std::pair<const char*, nlohmann::ordered_json>> damages{
      {"summary", 5},
      {"summary", {{"steps", -1}}},
      {"summary", {{"val_accuracy", "high"}}},
      {"stopped", nullptr},
      {"stopped", nlohmann::ordered_json::object()},
      {"settings", {{"training.steps", 5}}},
      {"failure", 1},
      {"figures", {{"kind", "curve"}}},
      {"plugins", {{{"kind", "loss"}}}}};
  for (const auto& [key, value] : damages) {
    auto json = whole;
    json[key] = value;
    folder_.write("runs/demo/run.json", json.dump());
    EXPECT_THAT([&] { read_run_record(run()); },
                ThrowsMessage<Error>(AllOf(HasSubstr("run.json is damaged ("), HasSubstr(key))))
        << json[key];
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
