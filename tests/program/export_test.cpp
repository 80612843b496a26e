// What the program says of a sweep's folder while it is at work, after it was killed and when it is
// done, and the tables that it writes of real runs.
#include "base/files.h"
#include "store/sweep_plan.h"
#include "support/background_program.h"
#include "support/program_run.h"
#include "support/temporary_folder.h"

#include <gmock/gmock.h>

#include <csignal>
#include <nlohmann/json.hpp>

namespace groklab {
namespace {

namespace fs = std::filesystem;
using testing::AllOf;
using testing::HasSubstr;
using testing::StartsWith;
using Json = nlohmann::ordered_json;

constexpr const char* kSpec = R"(
experiment: swept
operation: {name: add, modulus: 7}
model: {name: mlp, width: 8, hidden: 16}
loss: cross_entropy
optimizer: {name: adamw, learning_rate: 1e-2}
training: {steps: 40, batch_size: 10}
evaluation: {every: 10}
checkpoint: {every: 7}
regularizers: [{name: gate, at: 25, file: "DIR/gate"}]
)";

class ExportProgram : public testing::Test {
 protected:
  ExportProgram() {
    std::string text = kSpec;
    text.replace(text.find("DIR"), 3, folder_.path().string());
    folder_.write("spec.yaml", text);
  }

  // A sweep of two cells, of which `a` is trained below.
  SweepFolder make_sweep(const char* name) const {
    SweepFolder sweep{folder_.path() / name};
    SweepPlan plan;
    plan.experiment = "swept";
    plan.keys = {"operation.name"};
    plan.cells = {{"a", {"add"}, 40}, {"b", {"multiply"}, 40}};
    plan.packs = {{"pack", "graph", {0, 1}}};
    write_plan(sweep, plan);
    fs::create_directories(sweep.path / "cells");
    return sweep;
  }

  std::vector<std::string> run_cell(const SweepFolder& sweep) const {
    return {"run",           (folder_.path() / "spec.yaml").string(),
            "--out",         sweep.cell("a"),
            "--plugin-path", test::fixture_dir()};
  }

  static Json status(const fs::path& path) {
    const auto result = test::run_groklab({"status", path, "--format", "json"});
    EXPECT_EQ(result.exit_code, 0) << result.output;
    return Json::parse(result.output);
  }

  // Cells and metrics.
  static std::string tables(const fs::path& path, const std::vector<std::string>& more = {}) {
    std::vector<std::string> arguments{"export", path};
    arguments.insert(arguments.end(), more.begin(), more.end());
    const auto result = test::run_groklab(arguments);
    EXPECT_EQ(result.exit_code, 0) << result.output;
    return read_file(path / "export" / "cells.csv") + read_file(path / "export" / "metrics.csv");
  }

  test::TemporaryFolder folder_;
};

TEST_F(ExportProgram, AKilledAndResumedRunGivesTheTablesOfAnUndisturbedOneByteForByte) {
  const auto killed = make_sweep("killed"), whole = make_sweep("whole");
  {
    test::BackgroundProgram program(run_cell(killed));
    ASSERT_TRUE(program.wait_until([&] { return fs::exists(folder_.path() / "gate.reached"); }));
    program.send(SIGKILL);
    program.wait();
  }
  const auto state = status(killed.path);
  EXPECT_EQ(state["counts"]["interrupted"], 1);
  EXPECT_EQ(state["counts"]["waiting"], 1);
  EXPECT_EQ(state["steps_left"], 20 + 40);  // measured at 20
  EXPECT_THAT(tables(killed.path), HasSubstr("\na,add,interrupted,,cells/a,20,"));

  folder_.write("gate", "");
  ASSERT_EQ(test::run_groklab(run_cell(killed)).exit_code, 0);
  ASSERT_EQ(test::run_groklab(run_cell(whole)).exit_code, 0);
  const auto expected = tables(whole.path, {"--reproducible"});
  EXPECT_THAT(expected, HasSubstr("\na,add,done,,cells/a,40,"));
  EXPECT_THAT(expected, HasSubstr("\nb,multiply,waiting,,cells/b,,"));
  EXPECT_EQ(tables(killed.path, {"--reproducible"}), expected);
}

TEST_F(ExportProgram, StatusOfARunAndTablesInEveryFormatAreReadFromItsFolder) {
  const auto sweep = make_sweep("sweep");
  folder_.write("gate", "");
  ASSERT_EQ(test::run_groklab(run_cell(sweep)).exit_code, 0);
  const auto run = sweep.cell("a");
  const auto watched = test::run_groklab({"status", "--watch", run});  // ends: all is over
  EXPECT_EQ(watched.exit_code, 0);
  EXPECT_EQ(watched.output, "swept in " + run.string() + "\n1 run: 1 done\n0 of 40 steps left\n");

  const auto out = folder_.path() / "tables";
  for (const auto* format : {"jsonl", "sqlite"}) {
    const auto result =
        test::run_groklab({"export", run, "--format", format, "--out", out.string()});
    EXPECT_EQ(result.exit_code, 0) << result.output;
    EXPECT_THAT(result.output, StartsWith("1 cell, 5 rows of metrics\n  " + out.string()));
  }
  const auto record = Json::parse(read_file(run / "run.json"));
  const auto cell = Json::parse(read_file(out / "cells.jsonl"));
  EXPECT_EQ(cell["cell"], record["identity"]);
  EXPECT_EQ(cell["device"], record["device"]);
  for (const auto& [name, value] : record["summary"].items()) EXPECT_EQ(cell[name], value) << name;
  EXPECT_THAT(read_file(out / "results.sqlite"), StartsWith("SQLite format 3"));
  EXPECT_FALSE(fs::exists(run / "export"));
}

// Sends SIGINT once the first words are there.
TEST_F(ExportProgram, WatchingEndsAtASignalWithoutAnError) {
  const auto sweep = make_sweep("sweep");
  const auto words = folder_.path() / "words";
  const auto result = run_program({"sh", "-c",
                                   "\"$0\" status \"$1\" --watch 0.05 >\"$2\" & program=$!;"
                                   "while [ ! -s \"$2\" ] && kill -0 $program; do sleep 0.01; done;"
                                   "kill -INT $program; wait $program",
                                   test::program(), sweep.path, words});
  EXPECT_EQ(result.exit_code, 0) << result.output;
  EXPECT_THAT(read_file(words), StartsWith("swept in " + sweep.path.string() +
                                           "\n2 runs: 2 waiting\n80 of 80 steps left\n"));
}

TEST_F(ExportProgram, MistakesSayWhatIsWrongAndWhatToGive) {
  const auto empty = test::run_groklab({"export", folder_.path().string()});
  EXPECT_EQ(empty.exit_code, 2);
  EXPECT_THAT(empty.output, AllOf(HasSubstr("neither a sweep (plan.json) nor a run (run.json)"),
                                  HasSubstr("--out")));
  const auto seconds = test::run_groklab({"status", folder_.path(), "--watch", "often"});
  EXPECT_EQ(seconds.exit_code, 2);
  EXPECT_THAT(seconds.output, HasSubstr("often is no number of seconds"));
  EXPECT_EQ(test::run_groklab({"status"}).exit_code, 2);
}

}  // namespace
}  // namespace groklab
