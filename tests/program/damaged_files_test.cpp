// What commands say to folders whose files are damaged: the exit code of a mistake or of a failed
// run, and a sentence. tests/framework/app/damaged_files_test.cpp has every damage; here are those
// that a whole command is needed for.
#include "base/files.h"
#include "support/program_run.h"
#include "support/temporary_folder.h"

#include <gmock/gmock.h>

#include <nlohmann/json.hpp>

namespace groklab {
namespace {

namespace fs = std::filesystem;
using testing::AnyOf;
using testing::Eq;
using testing::HasSubstr;
using testing::Not;
using Json = nlohmann::ordered_json;
using Words = std::vector<std::string>;

constexpr const char* kSpec = R"(
experiment: damaged
operation: {name: add, modulus: 5}
model: {name: mlp, width: 2, hidden: 4}
loss: cross_entropy
optimizer: adamw
training: {steps: 12, batch_size: 5}
evaluation: {every: 3}
checkpoint: {every: 4}
sweep: {seeds: 2}
)";

class DamagedFolders : public testing::Test {
 protected:
  void SetUp() override {
    const auto result = test::run_groklab({"run", spec_, "--out", sweep_});
    ASSERT_EQ(result.exit_code, 0) << result.output;
    const auto plan = Json::parse(read_file(sweep_ / "plan.json"));
    run_ = sweep_ / "cells" / plan.at("cells").at(0).at("id").get<std::string>();
  }

  // Changes one file, gives the commands, and puts the file back.
  void expect_sentences(const fs::path& file, const std::string& text,
                        const std::vector<Words>& commands) const {
    const auto whole = read_file(file);
    for (const auto& command : commands) {
      replace_file(file, text);
      const auto result = test::run_groklab(command);
      const auto what = command.front() + " with " + file.filename().string() + ": " +
                        text.substr(0, 80) + "\n" + result.output;
      EXPECT_EQ(result.signal, 0) << what;
      EXPECT_THAT(result.exit_code, AnyOf(Eq(0), Eq(2), Eq(3))) << what;
      EXPECT_THAT(result.output, Not(HasSubstr("groklab has a bug"))) << what;
      EXPECT_GT(result.output.size(), 20U) << what;
    }
    replace_file(file, whole);
  }

  std::string changed(const fs::path& file, const std::function<void(Json&)>& change) const {
    auto json = Json::parse(read_file(file));
    change(json);
    return json.dump();
  }

  std::string out() const { return (folder_.path() / "out").string(); }
  Words run() const { return {"run", spec_, "--out", sweep_}; }
  Words work() const { return {"work", sweep_}; }
  Words status() const { return {"status", sweep_}; }
  Words report() const { return {"report", sweep_, "--page-only", "--out", out()}; }
  Words table() const { return {"export", sweep_, "--out", out()}; }
  Words compare() const { return {"compare", sweep_, sweep_}; }
  Words inspect() const { return {"inspect", run_, "--element", "1", "--element", "2"}; }

  const test::TemporaryFolder folder_;
  const fs::path spec_ = folder_.write("spec.yaml", kSpec), sweep_ = folder_.path() / "sweep";
  fs::path run_;
};

TEST_F(DamagedFolders, APlanWithoutCellsOrPacksOrWithWrongOnesIsAMistake) {
  const auto plan = sweep_ / "plan.json";
  const auto empty =
      changed(plan, [](Json& json) { json["cells"] = json["packs"] = Json::array(); });
  expect_sentences(plan, empty, {work(), run(), status(), report(), table(), compare(), inspect()});
  const auto hollow = changed(plan, [](Json& json) { json["packs"][0]["cells"] = Json::array(); });
  expect_sentences(plan, hollow, {work(), run()});
  const auto huge = changed(plan, [](Json& json) { json["cells"][0]["steps"] = 1e300; });
  expect_sentences(plan, huge, {work(), run(), status()});
}

TEST_F(DamagedFolders, ARunsRecordWithAWrongSummaryIsADamagedRun) {
  const auto record = run_ / "run.json";
  const auto number = changed(record, [](Json& json) { json["summary"] = 5; });
  expect_sentences(record, number,
                   {run(), work(), status(), report(), table(), compare(), inspect()});
  const auto partial = changed(record, [](Json& json) { json["summary"].erase("val_accuracy"); });
  expect_sentences(record, partial, {run(), status()});
  const auto stopped = changed(record, [](Json& json) { json["stopped"] = Json::array(); });
  expect_sentences(record, stopped, {run(), status()});
}

TEST_F(DamagedFolders, MetricsAndCheckpointsThatMakeNoSenseAreNamed) {
  expect_sentences(run_ / "metrics.jsonl", "{\"step\":-9223372036854775808}\n{\"step\":1e300}\n",
                   {report(), table(), compare()});
  expect_sentences(run_ / "checkpoint.safetensors", std::string("\xff\xff\0\0\0\0\0\0{", 9),
                   {inspect(), report()});
  expect_sentences(run_ / "spec.yaml", "experiment: [", {inspect(), run(), work()});
}

TEST_F(DamagedFolders, APathOfTooManyLevelsOrAThreadSettingThatIsNoneIsOneLine) {
  std::string path = "model";
  for (int i = 0; i < 50'000; ++i) path += ".a";
  for (const auto* command : {"run", "plan", "trace"}) {
    const auto result = test::run_groklab({command, spec_, path + "=1", "--out", out()});
    EXPECT_EQ(result.exit_code, 2) << command << result.signal;
    EXPECT_LT(result.output.size(), 1000U) << command;
  }
  for (const auto* setting : {"99999999999", "0", "-1", "many"}) {
    const auto result = run_program({"env", std::string("OMP_NUM_THREADS=") + setting,
                                     test::program(), "run", spec_, "--out", sweep_});
    EXPECT_EQ(result.exit_code, 0) << setting << result.signal;
    EXPECT_THAT(result.output, HasSubstr("warning: OMP_NUM_THREADS is '" + std::string(setting)));
  }
  for (const auto* threads : {"99999999999", "0", "-1", "many", "1025"}) {
    const auto result = test::run_groklab({"run", spec_, "--threads", threads});
    EXPECT_EQ(result.exit_code, 2) << threads << result.signal;
    EXPECT_THAT(result.output, HasSubstr("--threads")) << threads;
  }
}

}  // namespace
}  // namespace groklab
