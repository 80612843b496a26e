// What the program wrote, read by the programs that users read it with: pandas, TensorBoard,
// safetensors and PyTorch. The scripts in readers/ compare; the pages of docs/ are run as they
// stand there.
#include "base/files.h"
#include "support/program_run.h"
#include "support/python.h"
#include "support/temporary_folder.h"

#include <gmock/gmock.h>

#include <nlohmann/json.hpp>

namespace groklab {
namespace {

namespace fs = std::filesystem;
using testing::AllOf;
using testing::HasSubstr;
using Words = std::vector<std::string>;

constexpr const char* kSpec = R"(
experiment: read
operation: {name: add, modulus: 7}
data: {train_fraction: 0.5, outliers: 2}
model: {name: transformer, layers: 2, width: 16, heads: 4}
loss: cross_entropy
optimizer: {name: adamw, learning_rate: 1e-2, weight_decay: 1.0}
training: {steps: 160, batch_size: 10}
evaluation: {every: 20}
checkpoint: {every: 7}
)";

class Readers : public testing::Test {
 protected:
  void groklab(Words arguments) const {
    const auto result = test::run_groklab(std::move(arguments));
    EXPECT_EQ(result.exit_code, 0) << result.output;
  }

  void train(const Words& overrides, const std::string& out) const {
    Words arguments{"run", spec_, "--out", path(out)};
    arguments.insert(arguments.end(), overrides.begin(), overrides.end());
    groklab(std::move(arguments));
  }

  // Eight runs; those with the greater rate diverge, so some of their numbers are not finite.
  void train_sweep(const std::string& out) const {
    train({"operation.name=add,multiply", "optimizer.learning_rate=1e-2,1e30", "seed=0,1"}, out);
  }

  void export_tables(const std::string& sweep, const Words& formats) const {
    for (const auto& format : formats) groklab({"export", path(sweep), "--format", format});
  }

  // What a script of readers/ prints.
  static std::string check(const test::Python& python, const char* script, const Words& arguments) {
    const auto result =
        python.run(test::source_dir() / "tests/program/readers" / script, arguments);
    EXPECT_EQ(result.exit_code, 0) << result.output;
    return result.output;
  }

  std::string path(const std::string& name) const { return folder_.path() / name; }
  static std::string page(const char* name) { return test::source_dir() / "docs" / name; }

  const test::TemporaryFolder folder_;
  const std::string spec_ = folder_.write("spec.yaml", kSpec);
};

// Gives the runs of a sweep ids that could all be numbers, as few hashes are.
void rename_cells(const fs::path& sweep) {
  auto text = read_file(sweep / "plan.json");
  const auto cells = nlohmann::json::parse(text).at("cells");
  for (std::size_t i = 0; i < cells.size(); ++i) {
    const std::string before = cells[i].at("id");
    const auto after = (i % 2 == 0 ? "001234567890123" : "12e456789012345") + std::to_string(i);
    for (auto at = text.find(before); at != std::string::npos; at = text.find(before)) {
      text.replace(at, before.size(), after);
    }
    fs::rename(sweep / "cells" / before, sweep / "cells" / after);
  }
  write_atomically(sweep / "plan.json", text);
}

TEST_F(Readers, PandasFindsEveryNumberOfASweepInEachTable) {
  const test::Python python({"pandas"});
  if (!python.missing().empty()) GTEST_SKIP() << python.missing();
  train_sweep("DIR");
  rename_cells(path("DIR"));
  export_tables("DIR", {"csv", "jsonl", "sqlite"});
  const auto found = check(python, "check_tables.py", {path("DIR")});
  for (const auto* format : {"csv", "jsonl", "sqlite"}) {
    EXPECT_THAT(found, HasSubstr(format + std::string(": 8 cells, ")));
  }
  EXPECT_THAT(found, testing::Not(HasSubstr(", 0 numbers not finite")));
  check(python, "check_reading_results_page.py", {page("reading_results.md"), folder_.path()});
}

TEST_F(Readers, TensorBoardFindsScalarsSettingsAndResultsOfASweep) {
  const test::Python python({"tensorboard", "google.protobuf", "numpy"});
  if (!python.missing().empty()) GTEST_SKIP() << python.missing();
  train_sweep("sweep");
  EXPECT_EQ(check(python, "check_events.py", {path("sweep")}),
            "8 runs; they differ in operation.name, optimizer.learning_rate, seed.batches, "
            "seed.init, seed.noise, seed.split\n");
}

TEST_F(Readers, InspectFindsInFilesOfOtherProgramsTheNumbersThatNumPyFinds) {
  const test::Python python({"torch", "numpy", "safetensors"});
  if (!python.missing().empty()) GTEST_SKIP() << python.missing();
  const auto file = path("dtypes.safetensors");
  const auto expected = nlohmann::json::parse(check(python, "write_dtypes.py", {file}));
  const auto result = test::run_groklab({"inspect", file, "--format", "json"});
  ASSERT_EQ(result.exit_code, 0) << result.output;
  const auto groups = nlohmann::json::parse(result.output).at("groups");
  const auto& tensors = groups.at(0).at("tensors");
  EXPECT_EQ(tensors.size(), expected.size());
  for (const auto& tensor : tensors) {
    for (const auto& [key, value] : expected.at(tensor.at("name")).items()) {
      EXPECT_DOUBLE_EQ(tensor.at(key).get<double>(), value.get<double>()) << tensor << ' ' << key;
    }
  }
}

// 1e-5 and 1e-12 leave room for another order of sums: found were 6e-7 and below 1e-13.
TEST_F(Readers, PyTorchGetsTheLogitsAccuraciesAndLossesOfARunFromItsCheckpoint) {
  const test::Python python({"torch", "safetensors", "pandas", "tensorboard", "google.protobuf"});
  if (!python.missing().empty()) GTEST_SKIP() << python.missing();
  train({"seed=0,1,2"}, "sweep");
  export_tables("sweep", {"csv", "sqlite"});
  for (const auto& [precision, tolerance] :
       {std::pair{"precision=float32", "1e-5"}, std::pair{"precision=float64", "1e-12"}}) {
    fs::remove_all(path("run"));
    train({precision}, "run");
    groklab({"trace", spec_, precision, "--steps", "3", "--out", path("trace.safetensors")});
    EXPECT_THAT(
        check(python, "check_python_page.py", {page("python.md"), folder_.path(), tolerance}),
        AllOf(HasSubstr("step 160 train: accuracy "), HasSubstr("step 160 val: accuracy ")));
  }
}

}  // namespace
}  // namespace groklab
