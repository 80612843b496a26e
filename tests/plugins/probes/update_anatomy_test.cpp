#include "support/snapshots.h"

#include <gmock/gmock.h>
#include <groklab/probe.h>

namespace groklab {
namespace {

using testing::SizeIs;

Tensor buffer(std::vector<double> numbers) {
  numbers.resize(64);
  return torch::tensor(numbers, test::kFloat64).unsqueeze(0);
}

std::map<std::string, double> measured(const Snapshot& snapshot) {
  std::map<std::string, double> numbers;
  for (const auto& [name, values] : test::make_plugin<Probe>("update_anatomy")->measure(snapshot)) {
    numbers[name] = values.item<double>();
  }
  return numbers;
}

TEST(UpdateAnatomy, MeasuresPartsAndTheAnglesBetweenThem) {
  test::OneSnapshot shown("mlp", Weights(test::flat_layout(), buffer({9, 9})));
  shown.snapshot.update = {buffer({0, 2}), buffer({3, 4}), buffer({0, -1}), buffer({0, 9, 4})};
  shown.snapshot.gradients = buffer({-1e-30, 0});
  auto numbers = measured(shown.snapshot);
  EXPECT_THAT(numbers, SizeIs(7));
  EXPECT_DOUBLE_EQ(numbers[""], 13);  // (3, 12, 4)
  EXPECT_DOUBLE_EQ(numbers["optimizer"], 5);
  EXPECT_DOUBLE_EQ(numbers["decay"], 1);
  EXPECT_DOUBLE_EQ(numbers["regularizers"], std::sqrt(97));
  EXPECT_DOUBLE_EQ(numbers["descent_along_weights"], 0);
  EXPECT_DOUBLE_EQ(numbers["optimizer_along_weights"], 0.8);
  EXPECT_DOUBLE_EQ(numbers["optimizer_along_descent"], 0.6);
}

TEST(UpdateAnatomy, IsUnknownBeforeTheFirstStep) {
  const test::OneSnapshot shown("mlp", Weights(test::flat_layout(), buffer({1})));
  const auto numbers = measured(shown.snapshot);
  EXPECT_THAT(numbers, SizeIs(7));
  for (const auto& [name, number] : numbers) EXPECT_TRUE(std::isnan(number)) << name;
}

// AdamW: the first of ten warm-up steps has a tenth of the rate 1e-2, and decay 1. Corrected for
// their start, Adam's moments are then g and g².
TEST(UpdateAnatomy, AddsUpToWhatATrainerChanges) {
  const auto cell = test::experiment({"probes=[update_anatomy]", "precision=float64"});
  Trainer trainer(test::catalog(), {cell});
  const auto before = trainer.weights().flat().clone();
  const auto start = trainer.evaluate().front();
  EXPECT_TRUE(std::isnan(start.at("update_anatomy")));
  trainer.step();
  const auto row = trainer.evaluate().front();
  const auto gradient = trainer.observation().directions;
  const auto step = 1e-3 * gradient / (gradient.abs() + 1e-8);
  const std::map<std::string, Tensor> parts{
      {"", trainer.weights().flat() - before}, {".optimizer", step}, {".decay", 1e-3 * before}};
  for (const auto& [name, part] : parts) {
    const auto size = part.norm().item<double>();
    EXPECT_NEAR(row.at("update_anatomy" + name), size, 1e-9 * size) << name;
  }
  EXPECT_EQ(row.at("update_anatomy.regularizers"), 0);
  const auto along = (step * gradient).sum() / (step.norm() * gradient.norm());  // both negated
  EXPECT_NEAR(row.at("update_anatomy.optimizer_along_descent"), along.item<double>(), 1e-9);
}

}  // namespace
}  // namespace groklab
