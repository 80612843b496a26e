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
  EXPECT_EQ(test::run_groklab({"trian"}).exit_code, 2);
  EXPECT_EQ(test::run_groklab({}).exit_code, 2);
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
