// groklab slurm without Slurm: the script it writes, and an sbatch that does as a test wants.
#include "base/files.h"
#include "support/program_run.h"
#include "support/temporary_folder.h"

#include <gmock/gmock.h>

#include <iterator>
#include <sstream>

namespace groklab {
namespace {

namespace fs = std::filesystem;
using testing::AllOf;
using testing::HasSubstr;

constexpr const char* kSpec = R"(
experiment: small
operation: {name: add, modulus: 7}
model: {name: mlp, width: 8, hidden: 16}
loss: cross_entropy
optimizer: adamw
)";

// cuda: where jobs are submitted from there is no GPU.
constexpr const char* kOptions =
    "seed=0,1,2,3,4 --device cuda --gpus a100:1 --memory 8G --cpus 4 --account me --qos long "
    "--constraint fast --at-once 2 --tasks 2 --sbatch mail-type=END --sbatch exclusive --submit";

class SlurmCommand : public testing::Test {
 protected:
  ProcessResult run(const std::string& options) const {
    std::vector<std::string> command{"env", "PATH=" + folder_.path().string()};
    for (const auto& word : {test::program(), fs::path("slurm"), spec_, fs::path("--out"), out_}) {
      command.push_back(word);
    }
    std::istringstream words(options + " --pack 2");
    command.insert(command.end(), std::istream_iterator<std::string>(words), {});
    return run_program(command);
  }

  void make_sbatch(const std::string& commands) const {
    fs::permissions(folder_.write("sbatch", "#!/bin/sh\n" + commands), fs::perms::owner_all);
  }

  const test::TemporaryFolder folder_;
  const fs::path spec_ = folder_.write("spec.yaml", kSpec), out_ = folder_.path() / "out";
};

TEST_F(SlurmCommand, WritesWhatItIsToldIntoTheScriptAndSaysWhereNoSbatchIs) {
  const auto result = run(kOptions);
  EXPECT_EQ(result.exit_code, 2);
  EXPECT_THAT(result.output, AllOf(HasSubstr("5 runs in 3 packs; packs left: 3\ntasks: 2;"),
                                   HasSubstr("sbatch is not to be found")));
  const auto script = read_file(out_ / "slurm/sweep.sbatch");
  for (const std::string option :
       {"job-name=small", "array=0-1%2", "gpus=a100:1", "mem=8G", "cpus-per-task=4", "account=me",
        "constraint=fast", "qos=long", "mail-type=END", "exclusive"}) {
    EXPECT_THAT(script, HasSubstr("\n#SBATCH --" + option + "\n"));
  }
}

TEST_F(SlurmCommand, ShowsWhatSbatchSaysAndNotesTheJob) {
  make_sbatch("echo 'sbatch: error: no such account'; exit 1\n");
  const auto refused = run(kOptions);
  EXPECT_EQ(refused.exit_code, 2);
  EXPECT_THAT(refused.output, HasSubstr("sbatch: error: no such account"));
  EXPECT_FALSE(fs::exists(out_ / "slurm/jobs.txt"));

  make_sbatch("echo 'sbatch: a word of the site'; echo '17;here'\n");
  const auto taken = run(kOptions);
  EXPECT_EQ(taken.exit_code, 0);
  EXPECT_THAT(taken.output, HasSubstr("sbatch: a word of the site\nsubmitted as job 17\n"));
  EXPECT_THAT(read_file(out_ / "slurm/jobs.txt"), HasSubstr("job 17, 2 tasks\n"));
}

TEST_F(SlurmCommand, NotesTheJobHoweverMuchTheSiteHasToSay) {
  make_sbatch(
      "i=0; while [ $i -lt 800 ]; do i=$((i+1)); "
      "echo 'a line of fifty letters of what the site has to say'; done; echo 17\n");
  const auto taken = run(kOptions);
  EXPECT_EQ(taken.exit_code, 0);
  EXPECT_THAT(taken.output, HasSubstr("\nsubmitted as job 17\n"));
  EXPECT_THAT(read_file(out_ / "slurm/jobs.txt"), HasSubstr("job 17, 2 tasks\n"));

  make_sbatch("echo no number\n");
  const auto silent = run(kOptions);
  EXPECT_EQ(silent.exit_code, 2);
  EXPECT_THAT(silent.output, HasSubstr("printed no job number in its last line; squeue lists"));
}

TEST_F(SlurmCommand, RefusesATimeLimitWithoutTimeToWorkBeforeItWritesAnything) {
  const auto result = run("--time 2:00");
  EXPECT_EQ(result.exit_code, 2);
  EXPECT_THAT(result.output, HasSubstr("give it 5 minutes or more"));
  EXPECT_FALSE(fs::exists(out_));
}

}  // namespace
}  // namespace groklab
