// groklab inspect on checkpoints of real runs, whole, damaged and of other programs.
#include "base/files.h"
#include "store/metrics.h"
#include "store/safetensors.h"
#include "support/program_run.h"
#include "support/temporary_folder.h"

#include <gmock/gmock.h>

#include <nlohmann/json.hpp>

namespace groklab {
namespace {

namespace fs = std::filesystem;
using testing::AllOf;
using testing::HasSubstr;
using testing::Not;
using Json = nlohmann::ordered_json;

constexpr const char* kSpec = R"(
experiment: inspected
operation: {name: divide, modulus: 7}
data: {train_fraction: 0.5, outliers: 2}
model: {name: mlp, width: 8, hidden: 16}
loss: cross_entropy
optimizer: {name: adamw, learning_rate: 1e-2}
training: {steps: 30, batch_size: 10}
evaluation: {every: 10}
checkpoint: {every: 20}
probes: [weight_norm]
)";

class InspectProgram : public testing::Test {
 protected:
  InspectProgram() : run_(folder_.path() / "run") { train({"--out", run_.string()}); }

  void train(const std::vector<std::string>& more) const {
    std::vector<std::string> command{"run", folder_.write("spec.yaml", kSpec).string()};
    command.insert(command.end(), more.begin(), more.end());
    const auto result = test::run_groklab(command);
    ASSERT_EQ(result.exit_code, 0) << result.output;
  }

  static ProcessResult inspect(const fs::path& checkpoint,
                               const std::vector<std::string>& more = {}) {
    std::vector<std::string> command{"inspect", checkpoint.string()};
    command.insert(command.end(), more.begin(), more.end());
    return test::run_groklab(command);
  }

  static Json read(const fs::path& checkpoint, std::vector<std::string> more = {}) {
    more.insert(more.end(), {"--format", "json"});
    const auto result = inspect(checkpoint, more);
    EXPECT_EQ(result.exit_code, 0) << result.output;
    return Json::parse(result.output);
  }

  static void expect_mistake(const ProcessResult& result, const std::string& message) {
    EXPECT_EQ(result.exit_code, 2) << result.output;
    EXPECT_THAT(result.output, HasSubstr(message));
  }

  test::TemporaryFolder folder_;
  fs::path run_;
};

// The norm is also that of a probe, which computes it by LibTorch in the precision of training.
TEST_F(InspectProgram, CountsTheParametersThatTheRunHasWithTheirNorm) {
  const auto json = read(run_);
  EXPECT_EQ(json["step"], 30);
  EXPECT_EQ(json["experiment"], "inspected");
  EXPECT_EQ(json["has_hash"], true);
  EXPECT_EQ(json["settings"]["model.width"], "8");
  const auto record = Json::parse(read_file(run_ / "run.json"));
  const auto& parameters = json["groups"].at(0);
  EXPECT_EQ(parameters["name"], "parameters");
  EXPECT_EQ(parameters["numbers"], record["parameters"]);
  const double norm = read_metrics(run_ / "metrics.jsonl").back().at("weight_norm");
  EXPECT_NEAR(parameters["norm"].get<double>(), norm, 1e-5 * norm);
  EXPECT_EQ(json["groups"].at(1)["name"], "optimizer");
  EXPECT_EQ(json["prediction"], nullptr);
}

TEST_F(InspectProgram, SaysInWordsWhatACheckpointIs) {
  const auto result = inspect(run_ / "checkpoint.safetensors");
  EXPECT_EQ(result.exit_code, 0);
  EXPECT_THAT(result.output,
              AllOf(HasSubstr("whole: its bytes have the hash that it records"),
                    HasSubstr("step        30 of 30\n"), HasSubstr(run_.string() + " (done)"),
                    HasSubstr("operation   divide, modulus 7\n"),
                    HasSubstr("data        train_fraction 0.5, split_by row, outliers 2\n"),
                    HasSubstr("seed        split 0, init 0, batches 0, noise 0\n"),
                    HasSubstr("\nparameters: "), HasSubstr("\nstate of the optimizer: ")));
}

TEST_F(InspectProgram, ShowsTheBestCandidatesAndWhereTheAnswerIs) {
  const auto json = read(run_, {"--element", "3", "--element", "2", "--top", "7"});
  const auto& candidates = json["prediction"]["candidates"];
  EXPECT_EQ(json["prediction"]["answer"]["element"], 5);  // 5 · 2 = 10 = 3
  ASSERT_EQ(candidates.size(), 7U);
  double sum = 0;
  for (std::size_t i = 0; i < 7; ++i) {
    EXPECT_EQ(candidates[i]["rank"], i + 1);
    sum += candidates[i]["probability"].get<double>();
    if (i > 0) EXPECT_LE(candidates[i]["logit"], candidates[i - 1]["logit"]);
  }
  EXPECT_NEAR(sum, 1, 1e-12);
  const auto text = inspect(run_, {"--element", "3", "--element", "2", "--top", "1"}).output;
  EXPECT_THAT(text, AllOf(HasSubstr("\n3 ∘ 2, of x / y (mod p), y != 0: this pair "),
                          HasSubstr("answer 5"), HasSubstr("the answer\n")));
  EXPECT_THAT(inspect(run_, {"--element", "3", "--element", "0"}).output,
              AllOf(HasSubstr("this pair has no answer in this operation\n"),
                    Not(HasSubstr("the answer"))));
}

TEST_F(InspectProgram, UsesThePreviousCheckpointWhereTheNewestIsDamagedAndSaysSo) {
  const auto newest = run_ / "checkpoint.safetensors";
  auto bytes = read_file(newest);
  bytes[bytes.size() - 5] ^= 1;
  write_atomically(newest, bytes);
  expect_mistake(inspect(newest), newest.string() + ": damaged: its bytes do not have the hash");
  const auto result = inspect(run_);
  EXPECT_EQ(result.exit_code, 0);
  EXPECT_THAT(result.output, AllOf(HasSubstr("going on from "), HasSubstr("20 of 30"),
                                   HasSubstr("checkpoint.previous.safetensors")));
  write_atomically(newest, bytes.substr(0, 100));
  expect_mistake(inspect(newest), "truncated");
}

TEST_F(InspectProgram, ACheckpointOnItsOwnIsListedAndPredictsNothing) {
  const auto alone = folder_.path() / "elsewhere" / "moved.safetensors";
  fs::create_directories(alone.parent_path());
  fs::copy_file(run_ / "checkpoint.safetensors", alone);
  EXPECT_EQ(read(alone)["groups"], read(run_)["groups"]);
  EXPECT_THAT(inspect(alone).output, HasSubstr("not known: there is no run.json beside it"));
  expect_mistake(inspect(alone, {"--element", "1", "--element", "2"}),
                 "there is no spec.yaml beside " + alone.string());
  fs::copy_file(run_ / "spec.yaml", alone.parent_path() / "spec.yaml");
  EXPECT_EQ(read(alone, {"--element", "1", "--element", "2"})["prediction"],
            read(run_, {"--element", "1", "--element", "2"})["prediction"]);
}

TEST_F(InspectProgram, TensorsOfAnotherProgramAreListedAsSuch) {
  const TensorFile file{{{"weight", "F64", {1}, std::string(8, '\0')}}, {}};
  const auto hashed = folder_.write("hashed.safetensors", to_safetensors(file));
  EXPECT_EQ(read(hashed)["is_of_groklab"], false);
  const std::string header = R"({"weight":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}} )";
  const std::string size{static_cast<char>(header.size()), 0, 0, 0, 0, 0, 0, 0};
  const std::string half("\0\0\0\x3f", 4);  // 0.5
  const auto plain = folder_.write("plain.safetensors", size + header + half);
  const auto result = inspect(plain);
  EXPECT_EQ(result.exit_code, 0) << result.output;
  EXPECT_THAT(result.output, AllOf(HasSubstr("no checkpoint of groklab"),
                                   HasSubstr("not known to be whole: it records no hash"),
                                   HasSubstr("weight  F32    [1]     0.5  0.5  0.5      0")));
  expect_mistake(inspect(plain, {"--element", "1", "--element", "2"}), "no checkpoint of groklab");
}

TEST_F(InspectProgram, RefusesASweepNamingItsRuns) {
  const auto sweep = folder_.path() / "sweep";
  train({"seed=0,1", "--out", sweep.string()});
  const auto result = inspect(sweep);
  expect_mistake(result, sweep.string() + " is a sweep of 2 runs; name the folder of one of them:");
  EXPECT_THAT(result.output, AllOf(HasSubstr(" seed=0\n"), HasSubstr(" seed=1\n")));
  const auto place = result.output.find((sweep / "cells").string());
  const auto cell = result.output.substr(place, result.output.find(' ', place) - place);
  EXPECT_EQ(read(cell, {"--element", "1", "--element", "2"})["step"], 30);
}

TEST_F(InspectProgram, FindsPluginsWhereTheRunHadThem) {
  const auto other = folder_.path() / "other";
  train({"probes=[update_probe]", "--plugin-path", test::fixture_dir().string(), "--out",
         other.string()});
  const auto json = read(other, {"--element", "1", "--element", "2"});
  EXPECT_EQ(json["prediction"]["answer"]["element"], 4);  // 4 · 2 = 8 = 1
}

TEST_F(InspectProgram, MistakesSayWhatToGive) {
  expect_mistake(inspect(folder_.path()), "holds neither a run (run.json) nor a checkpoint");
  expect_mistake(inspect(folder_.path() / "nothing"), "nothing");
  expect_mistake(inspect(run_, {"--element", "1"}), "give it twice");
  expect_mistake(inspect(run_, {"--element", "1", "--element", "7"}),
                 "there is no element '7'; elements are called 0 … 6");
  expect_mistake(inspect(run_, {"--top", "3"}), "--element");
  fs::remove(run_ / "checkpoint.safetensors");
  fs::remove(run_ / "checkpoint.previous.safetensors");
  expect_mistake(inspect(run_), "(done) has no checkpoint; checkpoint.every of its spec is 20");
  expect_mistake(test::run_groklab({"inspect"}), "CHECKPOINT is required");
}

TEST_F(InspectProgram, RefusesAPredictionByASpecThatWasEdited) {
  auto spec = read_file(run_ / "spec.yaml");
  const auto place = spec.find("train_fraction: 0.5");
  ASSERT_NE(place, std::string::npos);
  write_atomically(run_ / "spec.yaml", spec.replace(place, 19, "train_fraction: 0.4"));
  expect_mistake(inspect(run_, {"--element", "1", "--element", "2"}),
                 "data.train_fraction: 0.5 there, 0.4 now");
  EXPECT_EQ(inspect(run_).exit_code, 0);
}

}  // namespace
}  // namespace groklab
