#include "app/slurm_script.h"

#include "base/files.h"
#include "base/process.h"
#include "support/temporary_folder.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <groklab/error.h>

namespace groklab {
namespace {

namespace fs = std::filesystem;
using testing::AllOf;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::StartsWith;
using testing::ThrowsMessage;

constexpr const char* kHostile = R"(/tmp/a b'c"d$HOME`id`#e\f%g;*&)";

SlurmJob job() {
  return {.name = "figure",
          .program = "/opt/bin/groklab",
          .sweep = "/data/figure",
          .logs = "/data/figure/slurm",
          .attempts = 3,
          .options = {}};
}

// The script in a shell in which srun and scontrol only say what they are asked. srun ends with the
// given codes, one after another.
class SlurmScriptRun : public testing::Test {
 protected:
  ProcessResult run(const SlurmJob& job, const std::string& codes) const {
    program("srun", fmt::format("printf '<%s>' \"$@\"; echo\n"
                                "set -- {}; shift $(wc -l <{}/count); echo >>{}/count; exit $1",
                                codes, folder(), folder()));
    program("scontrol", "echo \"scontrol $*\"");
    folder_.write("count", "");
    const auto script = folder_.write("script", slurm_script(job)).string();
    return run_program({"env", "PATH=" + folder() + ":/usr/bin:/bin", "SLURM_CPUS_PER_TASK=4",
                        "SLURM_ARRAY_JOB_ID=12", "SLURM_ARRAY_TASK_ID=3", "bash", script});
  }

 private:
  std::string folder() const { return folder_.path().string(); }

  void program(const char* name, const std::string& commands) const {
    fs::permissions(folder_.write(name, "#!/bin/sh\n" + commands + "\n"), fs::perms::owner_all);
  }

  const test::TemporaryFolder folder_;
};

TEST_F(SlurmScriptRun, HandsPathsToTheWorkerAsTheyAre) {
  auto hostile = job();
  hostile.program = kHostile + std::string("/groklab");
  hostile.sweep = kHostile + std::string("/sweep");
  const auto result = run(hostile, "0");
  EXPECT_EQ(result.exit_code, 0);
  EXPECT_EQ(result.output,
            fmt::format("<--ntasks=1><--cpus-per-task=4><{}/groklab><work><{}/sweep><--threads>"
                        "<4>\n",
                        kHostile, kHostile));
}

TEST_F(SlurmScriptRun, ATaskThatWasToldToStopGoesBackToTheQueueAndNoOtherDoes) {
  const auto stopped = run(job(), "75");
  EXPECT_THAT(stopped.output, HasSubstr("\nscontrol requeue 12_3\n"));
  EXPECT_EQ(stopped.exit_code, 75);
  for (const int code : {0, 1, 2, 3}) {
    const auto result = run(job(), std::to_string(code));
    EXPECT_THAT(result.output, Not(HasSubstr("scontrol"))) << code;
    EXPECT_EQ(result.exit_code, code);
  }
}

TEST_F(SlurmScriptRun, StartsAnotherWorkerAfterOneThatDiedThreeAtMost) {
  EXPECT_EQ(run(job(), "137 0 3").exit_code, 0);
  const auto died = run(job(), "137 139 137 0");
  EXPECT_EQ(died.exit_code, 137);
  EXPECT_THAT(died.output, AllOf(HasSubstr("worker 2 of this task died (exit code 139)"),
                                 Not(HasSubstr("scontrol"))));
  EXPECT_THAT(run(job(), "137 75").output, HasSubstr("scontrol requeue"));
}

TEST(SlurmScript, TellsSbatchWhatATaskIs) {
  auto asked = job();
  asked.tasks = 7;
  asked.at_once = 2;
  asked.cpus = 4;
  asked.options = {"--partition=gpu", "--time=1-12"};
  EXPECT_THAT(slurm_script(asked), StartsWith(R"(#!/bin/bash
# Written by groklab slurm.
#SBATCH --job-name=figure
#SBATCH --array=0-6%2
#SBATCH --ntasks=1
#SBATCH --cpus-per-task=4
#SBATCH --requeue
#SBATCH --signal=USR1@120
#SBATCH --chdir=/data/figure/slurm
#SBATCH --output=/data/figure/slurm/%A_%a.log
#SBATCH --open-mode=append
#SBATCH --partition=gpu
#SBATCH --time=1-12

)"));
}

// tests/program/slurm_test.cpp has sbatch itself read such a path.
TEST(SlurmScript, QuotesWhatMeansSomethingToSbatch) {
  auto hostile = job();
  hostile.options = {R"(--comment=a b'c"d$e#f\g%h)"};
  hostile.logs = "/a b/100%A";
  EXPECT_THAT(slurm_script(hostile), AllOf(HasSubstr(R"(#SBATCH "--comment=a b\'c\"d$e#f\\g%h")"
                                                     "\n"),
                                           HasSubstr(R"("--output=/a b/100%%A/%A_%a.log")")));
}

TEST(SlurmScript, RefusesWhatSbatchCannotBeTold) {
  auto asked = job();
  asked.options = {"--comment=one\n#SBATCH --partition=other"};
  EXPECT_THAT([&] { slurm_script(asked); }, ThrowsMessage<Error>(HasSubstr("line break")));
  asked = job();
  asked.sweep = "/data/a\nb";
  EXPECT_THAT([&] { slurm_script(asked); }, ThrowsMessage<Error>(HasSubstr("line break")));
  asked = job();
  asked.logs = "/data/a\\b";
  EXPECT_THAT([&] { slurm_script(asked); }, ThrowsMessage<Error>(HasSubstr("backslash")));
}

TEST(SlurmScript, HasNothingThatShellcheckWarnsOf) {
  if (!run_program({"shellcheck", "--version"}).started) GTEST_SKIP() << "no shellcheck here";
  auto hostile = job();
  hostile.program = hostile.sweep = kHostile;
  const test::TemporaryFolder folder;
  for (const auto& asked : {job(), hostile}) {
    const auto script = folder.write("script", slurm_script(asked)).string();
    EXPECT_THAT(run_program({"shellcheck", "--severity=warning", script}).output, IsEmpty());
  }
}

TEST(SlurmSubmission, IsTheNumberInTheLastLine) {
  for (const auto* text : {"17", "17\n", "17;here", "17;here\n\n", "17 \t\r\n"}) {
    EXPECT_EQ(parse_submission(text)->job, "17") << text;
    EXPECT_EQ(parse_submission(text)->words, "") << text;
  }
  const auto told = parse_submission("welcome\n3 jobs wait\n17;here\n");
  EXPECT_EQ(told->job, "17");
  EXPECT_EQ(told->words, "welcome\n3 jobs wait\n");
  for (const auto* text : {"", "\n", "job 17", "17 18", "17;a b", "-17", "17\nbye", ";17", "17x"}) {
    EXPECT_FALSE(parse_submission(text).has_value()) << text;
  }
}

TEST(SlurmSubmission, MayFollowAnyAmountOfText) {
  const std::string words(1 << 20, 'x'), lines(1 << 20, '\n');
  EXPECT_EQ(parse_submission(words + "\n17" + lines)->job, "17");
  EXPECT_EQ(parse_submission(lines + words + "\n" + std::string(1 << 20, '1') + ";x")->job.size(),
            1U << 20);
}

TEST(SlurmTimeLimit, IsWhatSlurmWrites) {
  for (const auto* limit : {"5", "90", "5:00", "0:05:00", "12:00:00", "1-0", "2-12:30",
                            "2-12:30:00", "UNLIMITED", "infinite", "0"}) {
    EXPECT_NO_THROW(check_time_limit(limit)) << limit;
  }
  for (const auto* limit : {"", "5m", "1h", "-5", "1:2:3:4", "1-", "1.5", "5 "}) {
    EXPECT_THAT([&] { check_time_limit(limit); }, ThrowsMessage<Error>(HasSubstr("days-hours")))
        << limit;
  }
}

TEST(SlurmTimeLimit, LeavesTimeToWorkBeforeTheTaskIsToldToStop) {
  for (const auto* limit : {"4", "2:00", "4:59", "0:04:59", "0-0:04"}) {
    EXPECT_THAT([&] { check_time_limit(limit); },
                ThrowsMessage<Error>(AllOf(HasSubstr(limit), HasSubstr("5 minutes or more"))))
        << limit;
  }
}

}  // namespace
}  // namespace groklab
