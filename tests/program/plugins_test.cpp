// groklab plugins, and plugins from outside of the project.
#include "base/files.h"
#include "support/program_run.h"
#include "support/temporary_folder.h"

#include <fmt/format.h>
#include <gmock/gmock.h>

#include <nlohmann/json.hpp>

namespace groklab {
namespace {

namespace fs = std::filesystem;
using testing::ContainsRegex;
using testing::HasSubstr;

TEST(Plugins, DescribeShowsEveryParameterWithDefaultAndRange) {
  const auto result = test::run_groklab({"plugins", "describe", "adamw"});
  EXPECT_EQ(result.exit_code, 0);
  EXPECT_THAT(result.output, HasSubstr("optimizer adamw"));
  EXPECT_THAT(result.output, HasSubstr("beta2"));
  EXPECT_THAT(result.output, HasSubstr("real in [0, 1), default 0.98, may differ within a pack"));
}

TEST(Plugins, DescribeShowsAChoiceWithoutARange) {
  const auto result = test::run_groklab({"plugins", "describe", "transformer"});
  EXPECT_EQ(result.exit_code, 0);
  EXPECT_THAT(result.output,
              HasSubstr("one of auto, plain, trimmed, shared, fused, default auto: how"));
}

TEST(Plugins, DescribeOfAnUnknownNameOffersTheNearest) {
  const auto result = test::run_groklab({"plugins", "describe", "transfomer"});
  EXPECT_EQ(result.exit_code, 2);
  EXPECT_THAT(result.output, HasSubstr("did you mean 'transformer'"));
}

TEST(Plugins, CheckNamesWhatIsWrongWithAFile) {
  const test::TemporaryFolder folder;
  const auto text = folder.write("notes.so", "no library");
  const auto result = test::run_groklab({"plugins", "check", text.string()});
  EXPECT_EQ(result.exit_code, 2);
  EXPECT_THAT(result.output, HasSubstr("notes.so: it is not a shared library"));
}

TEST(Plugins, CheckAcceptsAGoodOne) {
  const auto file = test::plugin_dir() / "optimizers/adamw.so";
  const auto result = test::run_groklab({"plugins", "check", file.string()});
  EXPECT_EQ(result.exit_code, 0);
  EXPECT_THAT(result.output, HasSubstr("adamw.so: optimizer adamw\n"));
  EXPECT_THAT(result.output, ContainsRegex("\n  keeps replicas apart, to the bit +ok\n"));
}

TEST(Plugins, CheckOutlivesALibraryThatCrashes) {
  const auto file = test::fixture_dir() / "crashing_library.so";
  const auto result = test::run_groklab({"plugins", "check", file.string()});
  EXPECT_EQ(result.exit_code, 2);
  EXPECT_THAT(result.output, HasSubstr("crashing_library.so: crashed"));
}

TEST(Plugins, CheckTakesParametersThatHaveNoDefault) {
  const auto file = (test::plugin_dir() / "operations/polynomial.so").string();
  const auto without = test::run_groklab({"plugins", "check", file});
  EXPECT_EQ(without.exit_code, 2);
  EXPECT_THAT(without.output, HasSubstr("command line: operation.expression: missing: "));
  const auto with = test::run_groklab({"plugins", "check", file, "expression=x*y + 1"});
  EXPECT_EQ(with.exit_code, 0) << with.output;
  const auto list = (test::plugin_dir() / "regularizers/l2.so").string();
  EXPECT_EQ(test::run_groklab({"plugins", "check", list, "strength=0.5"}).exit_code, 0);
}

TEST(Plugins, DescribeShowsFormulaAndSource) {
  const auto result = test::run_groklab({"plugins", "describe", "lion"});
  EXPECT_THAT(result.output, ContainsRegex("\n  formula +θ ← θ − η "));
  EXPECT_THAT(result.output, ContainsRegex("\n  source +Chen et al. 2023, arXiv:2302.06675\n"));
  const auto operation = test::run_groklab({"plugins", "describe", "s5_conjugate"});
  EXPECT_THAT(operation.output, ContainsRegex("\n  formula +.*in S5"));
}

TEST(Plugins, CheckSaysWhichClaimsFail) {
  const auto file = test::fixture_dir() / "mixing_optimizer.so";
  const auto result = test::run_groklab({"plugins", "check", file.string()});
  EXPECT_EQ(result.exit_code, 2);
  EXPECT_THAT(result.output, ContainsRegex("\n  gives the same bits again +ok\n"));
  EXPECT_THAT(result.output, ContainsRegex("\n  keeps replicas apart, to the bit +FAILED\n"));
}

TEST(Plugins, CheckSaysAtWhichClaimAPluginCrashes) {
  const auto file = test::fixture_dir() / "crashing_apply.so";
  const auto result = test::run_groklab({"plugins", "check", file.string()});
  EXPECT_EQ(result.exit_code, 2);
  EXPECT_THAT(result.output,
              ContainsRegex("crashing_apply.so: crashed .* at: answers pairs with "));
}

TEST(Plugins, PathsListsTheFoldersInOrder) {
  const auto result = test::run_groklab({"plugins", "paths", "--plugin-path", "/first"});
  EXPECT_EQ(result.exit_code, 0);
  EXPECT_THAT(result.output, testing::StartsWith("/first"));
  EXPECT_THAT(result.output, HasSubstr(test::plugin_dir().string()));
}

// What docs/plugin_guide.md tells an author to type.
std::string compile_command(const fs::path& source, const fs::path& library,
                            const std::string& package) {
  return fmt::format("g++ {} -o {} $(pkg-config --cflags --libs {})", source.string(),
                     library.string(), package);
}

class OutsidePlugins : public testing::Test {
 protected:
  ProcessResult shell(const std::string& command) const {
    return run_program(
        {"sh", "-c",
         fmt::format("export PKG_CONFIG_PATH={}/lib/pkgconfig; {}", prefix_.string(), command)});
  }

  void compile(const std::string& name, const std::string& package) const {
    const auto source = test::source_dir() / "tests/program/external" / (name + ".cpp");
    const auto library = folder_.path() / "plugins" / (name + ".so");
    fs::create_directories(library.parent_path());
    const auto result = shell(compile_command(source, library, package));
    ASSERT_TRUE(result.succeeded()) << result.output;
  }

  ProcessResult run(const std::string& out, const std::string& overrides) const {
    return shell(fmt::format("{}/bin/groklab run {}/plugins/spec.yaml --out {}/{} {}",
                             prefix_.string(), folder_.path().string(), folder_.path().string(),
                             out, overrides));
  }

  const test::TemporaryFolder folder_;
  const fs::path prefix_ = folder_.path() / "prefix";
};

// An operation, an optimiser and a model, each of one file outside of the repository, compiled by
// one command against the installed program, run by name, up to the curve that the guide promises.
TEST_F(OutsidePlugins, RunByNameFromASpecWithoutTouchingTheProject) {
  const auto installed =
      run_program({"cmake", "--install", test::build_dir().string(), "--prefix", prefix_.string()});
  ASSERT_TRUE(installed.succeeded()) << installed.output;
  compile("sum_of_cubes", "groklab");
  compile("sign_descent", "groklab-torch");
  compile("product_network", "groklab-torch");
  const auto spec = read_file(test::source_dir() / "tests/program/external/experiment.yaml");
  folder_.write("plugins/spec.yaml", spec);
  const auto first = run("adamw", "");
  ASSERT_EQ(first.exit_code, 0) << first.output;
  const auto switched = run("switched", "optimizer.name=sign_descent");
  ASSERT_EQ(switched.exit_code, 0) << switched.output;
  const auto record = read_file(folder_.path() / "switched/run.json");
  EXPECT_THAT(record, HasSubstr((folder_.path() / "plugins/sum_of_cubes.so").string()));
  EXPECT_THAT(record, HasSubstr((folder_.path() / "plugins/sign_descent.so").string()));
  EXPECT_NE(read_file(folder_.path() / "adamw/metrics.jsonl"),
            read_file(folder_.path() / "switched/metrics.jsonl"));

  const auto grokked = run("grokked", "model=product_network");
  ASSERT_EQ(grokked.exit_code, 0) << grokked.output;
  const auto picture = folder_.path() / "grokked/figures/curve.png";
  EXPECT_THAT(grokked.output, HasSubstr("picture: " + picture.string()));
  EXPECT_THAT(read_file(picture), testing::StartsWith("\x89PNG"));
  const auto summary =
      nlohmann::json::parse(read_file(folder_.path() / "grokked/run.json")).at("summary");
  EXPECT_LT(summary.at("steps_to_memorize"), 200);
  EXPECT_GT(summary.at("steps_to_generalize"), 200);
}

TEST_F(OutsidePlugins, AreAsTheGuideShowsThem) {
  const auto guide = read_file(test::source_dir() / "docs/plugin_guide.md");
  EXPECT_THAT(guide,
              HasSubstr(read_file(test::source_dir() / "tests/program/external/experiment.yaml")));
  for (const auto* name : {"sum_of_cubes", "sign_descent", "product_network"}) {
    const auto source =
        test::source_dir() / "tests/program/external" / (std::string(name) + ".cpp");
    EXPECT_THAT(guide, HasSubstr(read_file(source)));
    EXPECT_THAT(
        guide, HasSubstr(fmt::format("g++ {0}.cpp -o {0}.so $(pkg-config --cflags --libs ", name)));
  }
  EXPECT_THAT(guide, HasSubstr("\ngroklab run experiment.yaml model=product_network\n"));
}

}  // namespace
}  // namespace groklab
