#include "app/restored_network.h"

#include "support/experiments.h"
#include "train/tensor_bytes.h"

#include <gmock/gmock.h>

#include <cmath>
#include <functional>
#include <numbers>

namespace groklab {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::ThrowsMessage;

// A network trained for some steps, and what the trainer measured of it.
struct Trained {
  Experiment experiment;
  TensorFile checkpoint;
  MetricsRow metrics;

  explicit Trained(const std::vector<std::string>& overrides)
      : experiment(test::experiment(overrides)) {
    Trainer trainer(test::catalog(), {experiment});
    for (int i = 0; i < 20; ++i) trainer.step();
    metrics = trainer.evaluate().front();
    checkpoint = trainer.save(0);
  }

  RestoredNetwork restored() const { return {test::catalog(), experiment, checkpoint}; }
};

// Losses and hits of one side of the split, pair by pair.
struct Score {
  double loss = 0, hits = 0;
  int pairs = 0;

  void add(const Prediction& prediction) {
    ++pairs;
    loss += prediction.loss;
    hits += prediction.ranking.front().element == prediction.label;
  }
};

void expect_metrics_of(const Trained& trained, double tolerance) {
  const auto network = trained.restored();
  Score train, validation;
  for (std::int64_t x = 0; x < network.elements(); ++x) {
    for (std::int64_t y = 0; y < network.elements(); ++y) {
      const auto prediction = network.predict(x, y);
      if (prediction.role == PairRole::trained) train.add(prediction);
      if (prediction.role == PairRole::validation) validation.add(prediction);
    }
  }
  ASSERT_GT(train.pairs, 0);
  ASSERT_GT(validation.pairs, 0);
  const auto& metrics = trained.metrics;
  EXPECT_NEAR(train.hits / train.pairs, metrics.at("train_accuracy"), 1e-12);
  EXPECT_NEAR(validation.hits / validation.pairs, metrics.at("val_accuracy"), 1e-12);
  EXPECT_NEAR(train.loss / train.pairs, metrics.at("train_loss"), tolerance);
  EXPECT_NEAR(validation.loss / validation.pairs, metrics.at("val_loss"), tolerance);
}

TEST(RestoredNetwork, OfEveryModelAnswersAllPairsAsTheMetricsSay) {
  for (const auto& model : Catalog({test::plugin_dir()}).names("model")) {
    SCOPED_TRACE(model);
    expect_metrics_of(Trained({"model={name: " + model + "}"}), 1e-5);
    expect_metrics_of(Trained({"model={name: " + model + "}", "precision=float64"}), 1e-12);
  }
}

TEST(RestoredNetwork, KnowsRandomLabelsAndPairsWithoutAnAnswer) {
  const Trained trained({"data.outliers=5", "operation=divide"});
  expect_metrics_of(trained, 1e-5);
  const auto network = trained.restored();
  int outliers = 0, undefined = 0;
  for (std::int64_t x = 0; x < 7; ++x) {
    for (std::int64_t y = 0; y < 7; ++y) {
      const auto prediction = network.predict(x, y);
      outliers += prediction.label != prediction.answer;
      if (prediction.role != PairRole::undefined) {
        EXPECT_EQ(*prediction.answer * y % 7, x);
        continue;
      }
      ++undefined;
      EXPECT_EQ(y, 0);
      EXPECT_TRUE(std::isnan(prediction.loss));
      EXPECT_FALSE(prediction.answer || prediction.label);
    }
  }
  EXPECT_EQ(outliers, 5);
  EXPECT_EQ(undefined, 7);
}

StoredTensor waves(const std::string& name, const std::vector<std::int64_t>& shape,
                   const std::function<double(std::int64_t row, std::int64_t column)>& value) {
  auto tensor = torch::empty({1, shape[0], shape[1]}, torch::kFloat64);
  for (std::int64_t row = 0; row < shape[0]; ++row) {
    for (std::int64_t column = 0; column < shape[1]; ++column) {
      tensor[0][row][column] = value(row, column);
    }
  }
  return to_stored("parameters." + name, tensor);
}

// At the weights that solve x + y (mod 7) (Gromov 2023, arXiv:2301.02679; quadratic_test.cpp) with
// 6 phases of 3 frequencies the logit of the answer is 6 (7 − 1) / 4, those of all others −6 / 4.
TEST(RestoredNetwork, PredictsWhatTheAnalyticSolutionSays) {
  constexpr std::int64_t kModulus = 7, kPhases = 6, kUnits = 3 * kPhases;
  const auto wave = [](std::int64_t unit, std::int64_t element, int multiple) {
    const auto turns = static_cast<double>((1 + unit / kPhases) * element) / kModulus;
    const auto phase = static_cast<double>(multiple * (unit % kPhases)) / kPhases;
    return std::cos(2 * std::numbers::pi * (turns + phase));
  };
  const TensorFile checkpoint{
      {waves("left", {kModulus, kUnits}, [&](auto x, auto unit) { return wave(unit, x, 1); }),
       waves("right", {kModulus, kUnits}, [&](auto y, auto unit) { return wave(unit, y, 4); }),
       waves("head", {kUnits, kModulus}, [&](auto unit, auto z) { return wave(unit, z, 5); })},
      {}};
  const auto experiment =
      test::experiment({"model={name: quadratic, width: 18}", "precision=float64"});
  const RestoredNetwork network(test::catalog(), experiment, checkpoint);
  for (std::int64_t x = 0; x < kModulus; ++x) {
    const auto prediction = network.predict(x, 5);
    const auto& best = prediction.ranking.front();
    EXPECT_EQ(best.element, (x + 5) % kModulus);
    EXPECT_EQ(prediction.of(best.element).rank, 1);
    EXPECT_NEAR(best.logit, 9, 1e-12);
    EXPECT_NEAR(prediction.ranking.back().logit, -1.5, 1e-12);
    EXPECT_NEAR(prediction.loss, std::log1p(6 * std::exp(-10.5)), 1e-12);
    EXPECT_NEAR(best.probability, 1 / (1 + 6 * std::exp(-10.5)), 1e-12);
  }
}

TEST(RestoredNetwork, FindsElementsByNameAndByNumber) {
  const auto network = Trained({"operation={name: dihedral_group, degree: 3}"}).restored();
  EXPECT_EQ(network.element("s1"), 4);
  EXPECT_EQ(network.element("4"), 4);
  EXPECT_EQ(network.names().at(4), "s1");
  for (const auto* unknown : {"6", "-1", "q"}) {
    EXPECT_THAT([&] { network.element(unknown); },
                ThrowsMessage<Error>(
                    AllOf(HasSubstr(unknown), HasSubstr("r0 … s2"), HasSubstr("numbered 0 … 5"))));
  }
  EXPECT_THAT([&] { network.element("s11"); },
              ThrowsMessage<Error>(HasSubstr("did you mean 's1'")));
}

TEST(RestoredNetwork, RefusesWeightsOfAnotherNetwork) {
  auto trained = Trained({});
  trained.experiment = test::experiment({"model.width=32"});
  EXPECT_THAT([&] { trained.restored(); },
              ThrowsMessage<Error>(AllOf(HasSubstr("does not fit model transformer"),
                                         HasSubstr("has the shape [1, 9, 16]"))));
  trained.experiment = test::experiment({"model={name: quadratic}"});
  EXPECT_THAT([&] { trained.restored(); },
              ThrowsMessage<Error>(HasSubstr("there is no tensor 'parameters.left'")));
}

// Its answers would be shown for those that the network was trained on.
TEST(RestoredNetwork, RefusesAnotherTable) {
  auto trained = Trained({"operation={name: add, modulus: 7}"});
  trained.experiment = test::experiment({"operation={name: subtract, modulus: 7}"});
  EXPECT_THAT([&] { trained.restored(); },
              ThrowsMessage<Error>(HasSubstr("does not fit what the plugins give now: the "
                                             "operation's table differs in 42 of 49 pairs")));
}

}  // namespace
}  // namespace groklab
