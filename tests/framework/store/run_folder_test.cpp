#include "framework/store/run_folder_fixture.h"
#include "support/failing_calls.h"

#include <gmock/gmock.h>
#include <groklab/error.h>
#include <unistd.h>

#include <cerrno>
#include <functional>
#include <set>

namespace groklab {
namespace {

namespace fs = std::filesystem;
using Json = nlohmann::ordered_json;
using test::identity;
using test::row;
using test::run_json;
using test::steps;
using testing::AllOf;
using testing::ElementsAre;
using testing::EndsWith;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::StartsWith;
using testing::ThrowsMessage;

using RunFolderTest = test::RunFolderTest;

TEST_F(RunFolderTest, IsAbsentAtFirstAndLookingWritesNothing) {
  RunFolder folder(run(), identity());
  EXPECT_EQ(folder.status(), std::nullopt);
  EXPECT_THAT(folder.metrics(), IsEmpty());
  EXPECT_EQ(folder.checkpoint(), std::nullopt);
  EXPECT_TRUE(fs::is_empty(folder_.path()));
}

TEST_F(RunFolderTest, MayBeEmptyOrHoldWhatAStartLeft) {
  fs::create_directories(run());
  EXPECT_EQ(RunFolder(run(), identity()).status(), std::nullopt);
  for (const auto* name : {"spec.yaml", ".spec.yaml.0123456789abcdef.part",
                           ".run.json.0123456789abcdef.part", "log.txt"}) {
    folder_.write(fs::path("runs/demo") / name, "");
  }
  EXPECT_EQ(RunFolder(run(), identity()).status(), std::nullopt);
}

TEST_F(RunFolderTest, RemovesWhatAKilledProcessLeftUnfinished) {
  interrupted_run();
  const auto left = folder_.write("runs/demo/.run.json.0123456789abcdef.part", "{");
  const auto others = folder_.write("runs/demo/.report.html.0123456789abcdef.part", "<html>");
  RunFolder folder(run(), identity());
  folder.checkpoint();
  folder.start(20, Json::object());
  EXPECT_FALSE(fs::exists(left));
  EXPECT_TRUE(fs::exists(others));  // of a report that may be at work
}

TEST_F(RunFolderTest, RefusesAFolderOfOtherFiles) {
  folder_.write("runs/demo/thesis.tex", "years of work");
  EXPECT_THAT([&] { RunFolder(run(), identity()); },
              ThrowsMessage<Error>(run().string() +
                                   " holds files but no run (no run.json); name another folder "
                                   "with --out"));
}

TEST_F(RunFolderTest, RefusesAFile) {
  const auto file = folder_.write("file", "");
  EXPECT_THAT([&] { RunFolder(file, identity()); },
              ThrowsMessage<Error>(file.string() + " is a file; name another folder with --out"));
}

TEST_F(RunFolderTest, RecordsWhatARunIs) {
  RunFolder folder(run(), identity());
  folder.start(0, {{"device", "cpu"}});
  EXPECT_EQ(folder.status(), RunStatus::running);
  EXPECT_EQ(read_file(run() / "spec.yaml"), "experiment: demo\n");
  const auto record = run_json(run());
  EXPECT_EQ(record.at("status"), "running");
  EXPECT_EQ(record.at("experiment"), "demo");
  EXPECT_EQ(record.at("identity"), "00112233");
  EXPECT_EQ(record.at("device"), "cpu");
  EXPECT_EQ(record.at("resumed_at_step"), 0);
  EXPECT_EQ(record.at("settings").at("operation.name"), "add");
  ASSERT_EQ(record.at("plugins").size(), 2U);
  EXPECT_EQ(record.at("plugins")[1], Json::parse(R"({"kind": "loss", "name": "entropy",
      "library": "/lib/entropy.so", "sha256": "hash of entropy"})"));
  EXPECT_THAT(record.at("started").get<std::string>(),
              testing::MatchesRegex("[0-9]+-[0-9]+-[0-9]+T[0-9]+:[0-9]+:[0-9]+Z"));
}

TEST_F(RunFolderTest, RecordsHowItEndedWithTheSummary) {
  RunFolder folder(run(), identity());
  folder.start(0, {{"device", "cpu"}});
  for (const auto step : {0, 10, 20, 30}) folder.append(row(step, 0.995));
  folder.append(row(40, 1));
  folder.finish(RunStatus::done, {{"seconds", 3}});
  const auto record = run_json(run());
  EXPECT_EQ(record.at("status"), "done");
  EXPECT_EQ(record.at("seconds"), 3);
  EXPECT_EQ(record.at("device"), "cpu");
  EXPECT_TRUE(record.contains("finished"));
  const auto& summary = record.at("summary");
  EXPECT_EQ(summary.at("steps"), 40);
  EXPECT_EQ(summary.at("best_val_accuracy"), 1.0);
  EXPECT_EQ(summary.at("steps_to_memorize"), 0);
  EXPECT_EQ(summary.at("sustained_steps_to_generalize"), 0);
  EXPECT_TRUE(summary.at("val_loss").is_null());  // not measured here
  EXPECT_EQ(RunFolder(run(), identity()).status(), RunStatus::done);
}

TEST_F(RunFolderTest, KeepsEveryStatus) {
  std::set<std::string> names;
  for (const auto status :
       {RunStatus::interrupted, RunStatus::done, RunStatus::diverged, RunStatus::failed}) {
    const auto path = folder_.path() / to_text(status);
    RunFolder folder(path, identity());
    folder.start(0, Json::object());
    folder.finish(status, Json::object());
    EXPECT_EQ(RunFolder(path, identity()).status(), status);
    names.insert(to_text(status));
  }
  EXPECT_THAT(names, ElementsAre("diverged", "done", "failed", "interrupted"));
}

TEST_F(RunFolderTest, HoldsMetricsAndEventsAsTheyAreMeasured) {
  RunFolder folder(run(), identity());
  folder.start(0, Json::object());
  folder.append(row(0));
  folder.append(row(10));
  EXPECT_EQ(read_file(run() / "metrics.jsonl"), to_json_line(row(0)) + to_json_line(row(10)));
  EXPECT_EQ(event_files(), 1);
}

TEST_F(RunFolderTest, NamesTheSettingsInWhichAnotherSpecDiffers) {
  interrupted_run();
  auto other = identity();
  other.hash = "44556677";
  other.settings = {{"operation.name", "add"}, {"training.steps", "6"}, {"seed.init", "1"}};
  EXPECT_THAT([&] { RunFolder(run(), other); },
              ThrowsMessage<Error>(run().string() +
                                   " holds a run of another spec; name another folder with --out, "
                                   "or remove it:"
                                   "\n  seed.init: (none) there, 1 now"
                                   "\n  training.steps: 5 there, 6 now"));
}

TEST_F(RunFolderTest, NamesARunJsonThatIsDamaged) {
  const auto begins_right = StartsWith((run() / "run.json").string() + " is damaged");
  for (const auto* content : {"", "{", "[]", "{}", R"({"status": 5})", R"({"status": "done"})",
                              R"({"status": "done", "identity": "other"})",
                              R"({"status": "done", "identity": "other", "settings": {"a": 1}})"}) {
    folder_.write("runs/demo/run.json", content);
    EXPECT_THAT([&] { RunFolder(run(), identity()); }, ThrowsMessage<Error>(begins_right))
        << content;
  }
  folder_.write("runs/demo/run.json",
                R"({"status": "sleeping", "identity": "00112233", "settings": {}, "plugins": []})");
  EXPECT_THAT([&] { RunFolder(run(), identity()); },
              ThrowsMessage<Error>(AllOf(begins_right, HasSubstr("unknown status 'sleeping'"))));
}

TEST_F(RunFolderTest, IsWrittenByOneProcessAtATimeAndNamesIt) {
  char host[256] = "";
  ASSERT_EQ(::gethostname(host, sizeof host), 0);
  RunFolder first(run(), identity());
  first.start(0, Json::object());
  EXPECT_EQ(run_json(run()).at("host"), host);
  EXPECT_EQ(run_json(run()).at("process"), ::getpid());
  RunFolder second(run(), identity());
  EXPECT_THAT([&] { second.start(0, Json::object()); },
              ThrowsMessage<Error>(run().string() + " is being written by process " +
                                   std::to_string(::getpid()) + " on host " + host));
  first.append(row(0));
  EXPECT_THAT(steps(first), ElementsAre(0));
  first.let_go();
  EXPECT_NO_THROW(second.start(0, Json::object()));
}

TEST_F(RunFolderTest, IsWrittenByAnotherProcessWhereThatWroteNothingYet) {
  RunFolder folder(run(), identity());
  fs::create_directories(run());
  const FolderLock lock(run());
  EXPECT_THAT([&] { folder.start(0, Json::object()); },
              ThrowsMessage<Error>(run().string() + " is being written by another process"));
}

TEST_F(RunFolderTest, IsStillRunningIfItsEndCannotBeRecorded) {
  using enum test::SystemCall;
  for (const auto call : {open_to_write, open_to_read, write, fsync, rename}) {
    const auto path = folder_.path() / std::to_string(static_cast<int>(call));
    RunFolder folder(path, identity());
    folder.start(0, Json::object());
    folder.append(row(0));
    {
      const test::FailingCalls calls(path, {{call}, EIO}, 1);
      EXPECT_THAT(
          [&] { folder.finish(RunStatus::done, Json::object()); },
          ThrowsMessage<Error>(AllOf(HasSubstr(path.string()), EndsWith("Input/output error"))));
    }
    EXPECT_EQ(folder.status(), RunStatus::running);
    EXPECT_EQ(run_json(path).at("status"), "running");
    EXPECT_THAT(steps(folder), ElementsAre(0));
    folder.finish(RunStatus::done, Json::object());
    EXPECT_EQ(run_json(path).at("summary").at("steps"), 0);
  }
}

TEST_F(RunFolderTest, IsNotDoneIfItsMetricsAreNotThoseThatWereWritten) {
  const auto metrics = run() / "metrics.jsonl";
  const std::vector<std::function<void()>> damages{
      [&] { fs::remove(metrics); }, [&] { write_atomically(metrics, read_file(metrics)); },
      [&] { folder_.write("runs/demo/metrics.jsonl", ""); },
      [&] { folder_.write("runs/demo/metrics.jsonl", std::string(2, 'x')); },
      [&] { fs::rename(run(), folder_.path() / "elsewhere"); }};
  for (const auto& damage : damages) {
    fs::remove_all(run());
    RunFolder folder(run(), identity());
    folder.start(0, Json::object());
    folder.append(row(0));
    damage();
    const auto is_told = ThrowsMessage<FileError>(
        AllOf(StartsWith(metrics.string()), HasSubstr("changed by another program")));
    EXPECT_THAT([&] { folder.write_checkpoint(test::checkpoint(0)); }, is_told);
    EXPECT_THAT([&] { folder.finish(RunStatus::done, Json::object()); }, is_told);
    EXPECT_EQ(folder.status(), RunStatus::running);
    EXPECT_FALSE(fs::exists(run() / "checkpoint.safetensors"));
  }
}

TEST_F(RunFolderTest, HasItsSpecInTheEndThoughOneRemovedIt) {
  RunFolder folder(run(), identity());
  folder.start(0, Json::object());
  fs::remove(run() / "spec.yaml");
  folder.finish(RunStatus::done, Json::object());
  EXPECT_EQ(read_file(run() / "spec.yaml"), "experiment: demo\n");
}

TEST_F(RunFolderTest, NamesAFolderThatCannotBeMade) {
  const auto file = folder_.write("file", "");
  EXPECT_THAT(
      [&] { RunFolder(file / "run", identity()).start(0, Json::object()); },
      ThrowsMessage<Error>("cannot make folder " + (file / "run").string() + ": Not a directory"));
}

}  // namespace
}  // namespace groklab
