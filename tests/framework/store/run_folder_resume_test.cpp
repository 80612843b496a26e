#include "framework/store/run_folder_fixture.h"
#include "support/captured_log.h"

#include <gmock/gmock.h>
#include <groklab/error.h>

namespace groklab {
namespace {

namespace fs = std::filesystem;
using Json = nlohmann::ordered_json;
using test::checkpoint;
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

using RunFolderResume = test::RunFolderTest;

TEST_F(RunFolderResume, ResumingDropsMetricsBeyondTheCheckpoint) {
  interrupted_run();
  const auto started = run_json(run()).at("started");
  RunFolder folder(run(), identity());
  EXPECT_EQ(folder.status(), RunStatus::interrupted);
  EXPECT_THAT(steps(folder), ElementsAre(0, 10, 20, 30));
  ASSERT_TRUE(folder.checkpoint().has_value());
  EXPECT_EQ(folder.checkpoint()->metadata.at("step"), "20");

  folder.start(20, Json::object());
  EXPECT_THAT(steps(folder), ElementsAre(0, 10, 20));
  folder.append(row(25));
  EXPECT_THAT(steps(folder), ElementsAre(0, 10, 20, 25));
  EXPECT_EQ(run_json(run()).at("resumed_at_step"), 20);
  EXPECT_EQ(run_json(run()).at("started"), started);
}

TEST_F(RunFolderResume, StartingAgainDropsEveryMetric) {
  interrupted_run();
  folder_.write("runs/demo/events.out.tfevents.1.1", "");
  RunFolder folder(run(), identity());
  folder.start(0, Json::object());
  EXPECT_THAT(folder.metrics(), IsEmpty());
  EXPECT_EQ(event_files(), 1);
  EXPECT_FALSE(fs::exists(run() / "events.out.tfevents.1.1"));
}

TEST_F(RunFolderResume, ResumingKeepsEarlierEvents) {
  interrupted_run();
  folder_.write("runs/demo/events.out.tfevents.1.1", "");
  RunFolder folder(run(), identity());
  folder.start(20, Json::object());
  EXPECT_TRUE(fs::exists(run() / "events.out.tfevents.1.1"));
}

TEST_F(RunFolderResume, DoesNotResumeWhereMetricsWereLost) {
  interrupted_run();
  folder_.write("runs/demo/metrics.jsonl", to_json_line(row(0)) + "lost\n" + to_json_line(row(20)));
  RunFolder folder(run(), identity());
  ASSERT_TRUE(folder.checkpoint().has_value());
  EXPECT_THAT([&] { folder.start(20, Json::object()); },
              ThrowsMessage<Error>((run() / "metrics.jsonl").string() +
                                   " has 1 readable rows up to step 20, of 3 that were written; "
                                   "restore it, or remove the folder to start again"));
}

TEST_F(RunFolderResume, DoesNotResumeWithAnotherBuildOfAPlugin) {
  interrupted_run();
  auto rebuilt = identity();
  rebuilt.plugins[1].sha256 = "another";
  rebuilt.plugins[0].library = "/elsewhere/add.so";  // the same library, moved
  RunFolder folder(run(), rebuilt);
  EXPECT_THAT(folder.changed_plugins(), ElementsAre("loss entropy"));
  EXPECT_THAT([&] { folder.start(20, Json::object()); },
              ThrowsMessage<Error>(
                  run().string() +
                  " was begun with another build of loss entropy; put that back, remove the "
                  "folder or name another with --out"));
  EXPECT_THAT(RunFolder(run(), identity()).changed_plugins(), IsEmpty());
}

Json environment(const std::string& instructions) {
  return {{"groklab", "0.1.0"}, {"instructions", instructions}, {"threads", 4}};
}

TEST_F(RunFolderResume, WarnsOfWhatCanChangeTheLastBits) {
  {
    RunFolder folder(run(), identity());
    folder.start(0, environment("x86-64-v4"));
    folder.append(row(0));
    folder.write_checkpoint(checkpoint(20));
    folder.finish(RunStatus::interrupted, Json::object());
  }
  const std::string warning =
      "resumed at step 20: vector instructions: x86-64-v4 there, x86-64-v3 now";
  test::CapturedLog log;
  for (int session = 0; session < 2; ++session) {  // the second differs no more, and keeps it
    RunFolder folder(run(), identity());
    ASSERT_TRUE(folder.checkpoint().has_value());
    auto facts = environment("x86-64-v3");
    facts["threads"] = 1;  // changes no bit
    folder.start(20, facts);
    folder.finish(RunStatus::interrupted, Json::object());
    EXPECT_EQ(run_json(run()).at("warnings"), Json({warning}));
  }
  EXPECT_EQ(log.text(),
            "warning " + warning + "; the last bits of the numbers may differ from here on\n");
  EXPECT_THAT(read_file(run() / "log.txt"), HasSubstr(warning));
}

TEST_F(RunFolderResume, DoesNotWarnOfAnotherEnvironmentWhenItStartsAnew) {
  interrupted_run();
  RunFolder folder(run(), identity());
  folder.start(0, {{"device", "cuda"}});
  EXPECT_FALSE(run_json(run()).contains("warnings"));
}

TEST_F(RunFolderResume, AFailedRunStartsAgainWithAPluginThatWasMended) {
  interrupted_run();
  {
    RunFolder folder(run(), identity());
    folder.start(20, Json::object());
    folder.finish(RunStatus::failed, Json::object());
  }
  EXPECT_TRUE(RunFolder(run(), identity()).checkpoint().has_value());
  auto mended = identity();
  mended.plugins[0].sha256 = "another";
  RunFolder folder(run(), mended);
  EXPECT_EQ(folder.checkpoint(), std::nullopt);
  EXPECT_NO_THROW(folder.start(0, Json::object()));
}

TEST_F(RunFolderResume, NoticesThatAnotherProcessWroteMeanwhile) {
  RunFolder folder(run(), identity());
  interrupted_run();
  EXPECT_THAT([&] { folder.start(0, Json::object()); },
              ThrowsMessage<Error>(run().string() + ": another process has just written to this "
                                                    "run; give the command again"));
}

TEST_F(RunFolderResume, ForgetsALineThatWasCutOffWhenItResumes) {
  interrupted_run();
  AppendFile(run() / "metrics.jsonl").append("{\"step\":4");
  RunFolder folder(run(), identity());
  folder.start(30, Json::object());
  folder.append(row(40));
  EXPECT_THAT(steps(folder), ElementsAre(0, 10, 20, 30, 40));
}

TEST_F(RunFolderResume, NamesACheckpointThatIsDamagedAndTheWayOut) {
  interrupted_run();
  const auto file = run() / "checkpoint.safetensors";
  fs::resize_file(file, fs::file_size(file) - 1);
  RunFolder folder(run(), identity());
  EXPECT_THAT([&] { folder.checkpoint(); },
              ThrowsMessage<Error>(AllOf(StartsWith(file.string() + ": "),
                                         EndsWith("; remove it to start the run again"))));
}

TEST_F(RunFolderResume, GoesOnFromThePreviousCheckpointAndSaysSoOnce) {
  {
    RunFolder folder(run(), identity());
    folder.start(0, Json::object());
    for (const auto step : {0, 10, 20, 30}) {
      folder.append(row(step));
      if (step > 0) folder.write_checkpoint(checkpoint(step));
    }
  }
  const auto newest = run() / "checkpoint.safetensors";
  fs::resize_file(newest, fs::file_size(newest) - 1);
  test::CapturedLog log;
  RunFolder folder(run(), identity());
  for (int i = 0; i < 2; ++i) EXPECT_EQ(folder.checkpoint()->metadata.at("step"), "20");
  EXPECT_EQ(log.text(), "");
  folder.start(20, Json::object());
  EXPECT_THAT(log.text(),
              testing::MatchesRegex("warning " + newest.string() + ": [^\n]*; going on from " +
                                    (run() / "checkpoint.previous.safetensors").string() + "\n"));
  EXPECT_THAT(read_file(run() / "log.txt"), HasSubstr(log.text()));
  EXPECT_THAT(steps(folder), ElementsAre(0, 10, 20));
  folder.let_go();
  RunFolder again(run(), identity());
  EXPECT_EQ(again.checkpoint()->metadata.at("step"), "20");
  again.start(20, Json::object());
  EXPECT_EQ(log.text().find("warning", 1), std::string::npos);
}

TEST_F(RunFolderResume, StartingAgainDropsTheCheckpoints) {
  interrupted_run();
  auto mended = identity();
  mended.plugins[0].sha256 = "another";
  {
    RunFolder folder(run(), identity());
    folder.start(20, Json::object());
    folder.write_checkpoint(checkpoint(20));
    folder.finish(RunStatus::failed, Json::object());
  }
  {
    RunFolder folder(run(), mended);
    folder.start(0, Json::object());  // and is killed
  }
  RunFolder folder(run(), mended);
  EXPECT_EQ(folder.status(), RunStatus::running);
  EXPECT_EQ(folder.checkpoint(), std::nullopt);
}

TEST_F(RunFolderResume, ACheckpointWithoutARunIsNone) {
  RunFolder folder(run(), identity());
  folder_.write("runs/demo/checkpoint.safetensors", to_safetensors(checkpoint(20)));
  EXPECT_EQ(folder.checkpoint(), std::nullopt);
}

TEST_F(RunFolderResume, AStartThatFailedMidwayCanBeRepeated) {
  {
    RunFolder folder(run(), identity());
    folder_.write("runs/demo/metrics.jsonl/in_the_way", "");
    EXPECT_THAT([&] { folder.start(0, Json::object()); },
                ThrowsMessage<Error>(HasSubstr("metrics.jsonl")));
    fs::remove_all(run() / "metrics.jsonl");
  }
  RunFolder again(run(), identity());
  again.start(0, Json::object());
  again.append(row(0));
  EXPECT_THAT(steps(again), ElementsAre(0));
}

}  // namespace
}  // namespace groklab
