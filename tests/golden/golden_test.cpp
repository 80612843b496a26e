// What training computes, against the same network, loss and AdamW in PyTorch. README.md here says
// what the golden files hold and how they were made.
#include "app/load_experiment.h"
#include "base/files.h"
#include "store/safetensors.h"
#include "support/paths.h"
#include "train/tensor_bytes.h"
#include "train/trainer.h"

#include <gmock/gmock.h>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <optional>
#include <set>
#include <sstream>
#include <string>
#include <utility>
#include <vector>

namespace groklab {
namespace {

namespace fs = std::filesystem;

// Both dtypes are held to the same numbers, computed in float64.
constexpr double kFloat32Tolerance = 1e-5;
constexpr double kFloat64Tolerance = 1e-10;
constexpr double kParametersTolerance = 1e-8;  // after ten updates, in float64

class AgainstPyTorch : public testing::Test {
 protected:
  void start(const std::string& spec, const std::string& precision) {
    start(spec, precision, spec + "_" + precision);
  }

  // `golden` is a file's name; it may say what its spec was overridden with.
  void start(const std::string& spec, const std::string& precision, const std::string& golden) {
    const auto folder = test::source_dir() / "tests/golden";
    golden_ = from_safetensors(read_file(folder / (golden + ".safetensors")));
    std::vector<std::string> overrides{"precision=" + precision, "device=cpu"};
    const auto own = golden_.metadata.find("overrides");
    if (own != golden_.metadata.end()) {
      std::istringstream lines(own->second);
      for (std::string line; std::getline(lines, line);) overrides.push_back(line);
    }
    loaded_.emplace(load_experiment(folder / (spec + ".yaml"), overrides, {test::plugin_dir()}));
    trainer_.emplace(loaded_->catalog, std::vector{loaded_->experiment});
    tolerance_ = precision == "float64" ? kFloat64Tolerance : kFloat32Tolerance;
    for (const auto& [name, tensor] : named(trainer_->weights())) {
      ASSERT_TRUE(agrees(tensor, "initial." + name, tolerance_)) << kOtherInputs;
    }
  }

  // One update. The golden file knows the hash of its batch.
  StepRecord step() {
    auto record = trainer_->record_step();
    const auto& rows = record.batch;
    const auto counts = rows.row_weights.gt(0).to(torch::kInt64);
    const auto batch = torch::cat({rows.x, rows.y, rows.z, counts}, 1);
    EXPECT_EQ(sha256(to_stored("", batch).bytes), golden_.metadata.at(in_step("batch")))
        << kOtherInputs;
    return record;
  }

  void expect_equal_steps(const std::set<std::int64_t>& compared) {
    while (trainer_->steps_done() < *compared.rbegin() && !HasFailure()) {
      const auto record = step();
      if (!compared.contains(trainer_->steps_done())) continue;
      EXPECT_TRUE(agrees(record.logits, in_step("logits"), tolerance_));
      EXPECT_TRUE(agrees(record.loss, in_step("loss"), tolerance_));
      const Weights gradients(trainer_->components().layout, record.gradients);
      for (const auto& [name, tensor] : named(gradients)) {
        EXPECT_TRUE(agrees(tensor, in_step("gradients." + name), tolerance_));
      }
    }
  }

  void expect_equal_parameters_after(std::int64_t last) {
    while (trainer_->steps_done() < last && !HasFailure()) step();
    for (const auto& [name, tensor] : named(trainer_->weights())) {
      EXPECT_TRUE(agrees(tensor, in_step("parameters." + name), kParametersTolerance));
    }
  }

 private:
  static constexpr auto kOtherInputs =
      "the golden values belong to other inputs; run tests/golden/make_golden.py";

  static std::vector<std::pair<std::string, Tensor>> named(const Weights& weights) {
    std::vector<std::pair<std::string, Tensor>> all;
    const auto& entries = weights.layout().entries();
    for (std::size_t i = 0; i < entries.size(); ++i) {
      all.emplace_back(entries[i].name, weights.at(i));
    }
    return all;
  }

  std::string in_step(const std::string& name) const {
    return "step." + std::to_string(trainer_->steps_done()) + "." + name;
  }

  Tensor golden(const std::string& name) const {
    const auto& stored = golden_.at(name);
    return from_stored(stored, stored.shape).to(torch::kFloat64);
  }

  // The one meaning of "relative" here: no number is off by more than `tolerance` times the largest
  // magnitude in its tensor, nor the tensor's norm by more than `tolerance` times itself.
  testing::AssertionResult agrees(const Tensor& tensor, const std::string& name,
                                  double tolerance) const {
    const auto flat = tensor.to(torch::kFloat64).flatten();
    const auto whole = flat.numel() <= std::stoll(golden_.metadata.at("whole_up_to"));
    const auto stride = whole ? 1 : std::stoll(golden_.metadata.at("stride"));
    const auto samples = flat.slice(0, 0, flat.numel(), stride), expected = golden(name);
    if (samples.numel() != expected.numel()) {
      return testing::AssertionFailure() << name << ": another number of values";
    }
    const auto summary = golden(name + ".summary");
    const auto norm = summary[0].item<double>(), largest = summary[1].item<double>();
    const auto deviation = (samples - expected).abs().max().item<double>();
    const auto norm_deviation = std::abs(flat.norm().item<double>() - norm);
    if (deviation <= tolerance * largest && norm_deviation <= tolerance * norm) {
      return testing::AssertionSuccess();
    }
    return testing::AssertionFailure()
           << name << ": off by " << deviation / largest << " of its largest number, its norm by "
           << norm_deviation / norm << "; allowed " << tolerance;
  }

  TensorFile golden_;
  std::optional<LoadedExperiment> loaded_;
  std::optional<Trainer> trainer_;
  double tolerance_ = 0;
};

class OptionsAgainstPyTorch : public AgainstPyTorch,
                              public testing::WithParamInterface<std::string> {};

// Each file options_<n> is a model with other options.
std::vector<std::string> option_files() {
  std::vector<std::string> names;
  for (const auto& file : fs::directory_iterator(test::source_dir() / "tests/golden")) {
    const auto name = file.path().stem().string();
    if (name.starts_with("options_")) names.push_back(name);
  }
  std::sort(names.begin(), names.end());
  return names;
}

INSTANTIATE_TEST_SUITE_P(All, OptionsAgainstPyTorch, testing::ValuesIn(option_files()),
                         [](const auto& info) { return info.param; });

TEST_P(OptionsAgainstPyTorch, GiveTheSameLogitsLossAndGradients) {
  for (const auto* precision : {"float64", "float32"}) {
    ASSERT_NO_FATAL_FAILURE(start("small", precision, GetParam())) << precision;
    expect_equal_steps({1});
  }
}

TEST_F(AgainstPyTorch, SmallNetworkHasTheSameLogitsLossAndGradientsInFloat64) {
  ASSERT_NO_FATAL_FAILURE(start("small", "float64"));
  expect_equal_steps({1, 2});  // the second batch is short
}

TEST_F(AgainstPyTorch, SmallNetworkHasTheSameLogitsLossAndGradientsInFloat32) {
  ASSERT_NO_FATAL_FAILURE(start("small", "float32"));
  expect_equal_steps({1, 2});
}

TEST_F(AgainstPyTorch, SmallNetworkHasTheSameParametersAfterTenAdamWSteps) {
  ASSERT_NO_FATAL_FAILURE(start("small", "float64"));
  expect_equal_parameters_after(10);
}

TEST_F(AgainstPyTorch, PapersNetworkHasTheSameLogitsLossAndGradientsInFloat64) {
  ASSERT_NO_FATAL_FAILURE(start("paper", "float64"));
  expect_equal_steps({1, 2});
}

TEST_F(AgainstPyTorch, PapersNetworkHasTheSameLogitsLossAndGradientsInFloat32) {
  ASSERT_NO_FATAL_FAILURE(start("paper", "float32"));
  expect_equal_steps({1, 2});
}

TEST_F(AgainstPyTorch, PapersNetworkHasTheSameParametersAfterTenAdamWSteps) {
  ASSERT_NO_FATAL_FAILURE(start("paper", "float64"));
  expect_equal_parameters_after(10);
}

}  // namespace
}  // namespace groklab
