#include "support/program_run.h"

#include <gmock/gmock.h>

namespace groklab {
namespace {

using testing::HasSubstr;

TEST(Program, ExplainsItself) {
  const auto result = test::run_groklab({"--help"});
  EXPECT_EQ(result.exit_code, 0);
  for (const auto* command : {"validate", "inspect", "compare"}) {
    EXPECT_THAT(result.output, HasSubstr(command));
    EXPECT_EQ(test::run_groklab({command, "--help"}).exit_code, 0) << command;
  }
}

TEST(Program, AnUnknownSubcommandIsTheUsersMistake) {
  const auto mistake = [](std::vector<std::string> words) {
    const auto result = test::run_groklab(std::move(words));
    EXPECT_EQ(result.exit_code, 2);
    return result.output;
  };
  EXPECT_EQ(mistake({"rum", "spec.yaml"}),
            "there is no command 'groklab rum'; did you mean 'run'?\n");
  EXPECT_EQ(mistake({"plugins", "lst"}),
            "there is no command 'groklab plugins lst'; did you mean 'list'?\n");
  EXPECT_EQ(mistake({"run", "spec.yaml", "--treads=2", "-q"}),
            "run: there is no option --treads; did you mean '--threads'?\n"
            "run: there is no option -q; known: --help, --device, --plugin-path, --pack, --out, "
            "--threads, --print, --retry, --jobs, --fail-fast\n");
  EXPECT_EQ(mistake({"run", "spec.yaml", "--seed=3"}),
            "run: there is no option --seed; an override is written without dashes: seed=3\n");
  EXPECT_EQ(mistake({"status", "a", "b"}), "status: nothing is to be done with 'b'\n");
  mistake({});
}

TEST(Program, ListsThePluginsOfTheProject) {
  const auto result = test::run_groklab({"plugins", "list"});
  EXPECT_EQ(result.exit_code, 0) << result.output;
  for (const auto* name :
       {"x2_plus_y2", "transformer", "cross_entropy", "adamw", "weight_decay", "weight_norm"}) {
    EXPECT_THAT(result.output, HasSubstr(name));
  }
}

}  // namespace
}  // namespace groklab
