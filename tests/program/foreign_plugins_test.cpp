// Plugins from strangers: what is loaded is announced, and what need not be loaded is not.
#include "support/program_run.h"
#include "support/temporary_folder.h"

#include <fmt/format.h>
#include <gmock/gmock.h>

namespace groklab {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;
using testing::Not;

constexpr const char* kSpec = R"(experiment: foreign
plugins: [theirs]
operation: {name: loud_library, modulus: 7}
model: {name: mlp, width: 4, hidden: 4}
loss: cross_entropy
optimizer: adamw
training: {steps: 5}
device: cpu
sweep:
  grid: {model.width: [4, 8]}
)";

constexpr const char* kLoaded = "loud_library is loaded";

class ForeignPlugins : public testing::Test {
 protected:
  ForeignPlugins() {
    fs::create_directory(theirs_);
    fs::copy_file(test::fixture_dir() / "loud_library.so", theirs_ / "loud_library.so");
  }

  const test::TemporaryFolder folder_;
  const fs::path spec_ = folder_.write("spec.yaml", kSpec);
  const fs::path theirs_ = folder_.path() / "theirs";
};

TEST_F(ForeignPlugins, OfASpecAreAnnouncedBeforeTheyAreLoaded) {
  const std::vector<std::vector<std::string>> commands{
      {"validate", spec_.string()}, {"run", spec_.string(), "--print"}, {"plan", spec_.string()}};
  for (const auto& command : commands) {
    const auto result = test::run_groklab(command);
    EXPECT_EQ(result.exit_code, 0) << result.output;
    const auto note =
        fmt::format("note: {} takes plugins from {} (plugins:); to load one is to run it\n",
                    spec_.string(), theirs_.string());
    ASSERT_THAT(result.output, HasSubstr(note)) << command.front();
    ASSERT_THAT(result.output, HasSubstr(kLoaded)) << command.front();
    EXPECT_LT(result.output.find(note), result.output.find(kLoaded)) << command.front();
  }
}

TEST_F(ForeignPlugins, AreNotLoadedByValidateWithoutPlugins) {
  const auto good = test::run_groklab({"validate", "--no-plugins", spec_.string()});
  EXPECT_EQ(good.exit_code, 0);
  EXPECT_EQ(good.output, spec_.string() +
                             ": ok, 2 cells, as far as no plugin is asked: names and parameters of "
                             "plugins are not checked\n");
  folder_.write("spec.yaml", std::string(kSpec) + "stop: {sustained: never}\n");
  const auto bad = test::run_groklab({"validate", "--no-plugins", spec_.string()});
  EXPECT_EQ(bad.exit_code, 2);
  EXPECT_THAT(bad.output, HasSubstr("spec.yaml:11:"));
  EXPECT_THAT(bad.output, Not(HasSubstr(kLoaded)));
}

TEST_F(ForeignPlugins, AreNotLoadedForASuggestion) {
  const auto spec = test::run_groklab({"validate", spec_.string()});
  ASSERT_THAT(spec.output, HasSubstr(kLoaded));
  folder_.write("spec.yaml",
                std::string(kSpec).replace(std::string(kSpec).find("loud_library"), 4, "laud"));
  const auto misspelt = test::run_groklab({"validate", spec_.string()});
  EXPECT_EQ(misspelt.exit_code, 2);
  EXPECT_THAT(misspelt.output,
              HasSubstr("there is no operation 'laud_library'; did you mean 'loud_library'?"));
  EXPECT_THAT(misspelt.output, Not(HasSubstr(kLoaded)));
  for (const auto* name : {"loud_librar", "adamw"}) {
    const auto described =
        test::run_groklab({"plugins", "describe", name, "--plugin-path", theirs_.string()});
    EXPECT_THAT(described.output, Not(HasSubstr(kLoaded))) << name;
  }
}

TEST_F(ForeignPlugins, ThatEverybodyMayExchangeAreRefused) {
  fs::permissions(theirs_, fs::perms::all);
  const auto result = test::run_groklab({"validate", spec_.string()});
  EXPECT_EQ(result.exit_code, 2);
  EXPECT_THAT(result.output, HasSubstr("operation.name: "));
  EXPECT_THAT(result.output, HasSubstr("everybody may write its folder " + theirs_.string()));
  EXPECT_THAT(result.output, Not(HasSubstr(kLoaded)));
}

}  // namespace
}  // namespace groklab
