#include "support/plugin_calls.h"

#include <gmock/gmock.h>
#include <groklab/regularizer.h>

#include <map>

namespace groklab {
namespace {

using testing::ElementsAre;

std::unique_ptr<Regularizer> make_switch(double threshold, std::int64_t steps, bool latch = true) {
  return test::make_plugin<Regularizer>(
      "gradient_switch", {{"threshold", threshold}, {"steps", steps}, {"latch", latch}});
}

bool is_off(Regularizer& plugin, const Tensor& accuracy) {
  const Weights gradients(test::flat_layout(), sample_numbers({1, 64}).to(accuracy.scalar_type()));
  const auto before = gradients.flat().clone();
  plugin.on_loss_gradients(gradients, accuracy, sample_step(1, {0.1}));
  const bool off = gradients.flat().count_nonzero().item<std::int64_t>() == 0;
  EXPECT_TRUE(off || torch::equal(gradients.flat(), before));
  return off;
}

// The updates, from 1, whose gradient is off.
std::vector<int> updates_off(Regularizer& plugin, const std::vector<double>& accuracies) {
  std::vector<int> off;
  int update = 0;
  for (const auto accuracy : accuracies) {
    ++update;
    if (is_off(plugin, torch::full({1}, accuracy, test::kFloat64))) off.push_back(update);
  }
  return off;
}

const std::vector<double> kAccuracies{1, 1, 0.9, 1, 1, 1, 1, 0.5, 1, 1, 1};

TEST(GradientSwitch, IsOffFromTheUpdateThatCompletesTheStreakOn) {
  EXPECT_THAT(updates_off(*make_switch(1, 3), kAccuracies), ElementsAre(6, 7, 8, 9, 10, 11));
  EXPECT_THAT(updates_off(*make_switch(0.9, 5), kAccuracies), ElementsAre(5, 6, 7, 8, 9, 10, 11));
  EXPECT_THAT(updates_off(*make_switch(1, 5), kAccuracies), ElementsAre());
}

TEST(GradientSwitch, WithoutLatchComesBackWhenTheStreakBreaks) {
  EXPECT_THAT(updates_off(*make_switch(1, 3, false), kAccuracies), ElementsAre(6, 7, 11));
}

TEST(GradientSwitch, OfAThresholdForEachReplica) {
  const auto plugin = test::catalog().create<Regularizer>(
      "gradient_switch", Params(2, {{"threshold", {Value(0.5), Value(0.95)}},
                                    {"steps", {Value(std::int64_t{1})}},
                                    {"latch", {Value(true)}}}));
  const Weights gradients(test::flat_layout(), sample_numbers({2, 64}));
  plugin->on_loss_gradients(gradients, torch::tensor({0.9, 0.9}, test::kFloat64),
                            sample_step(1, {0.1, 0.1}));
  EXPECT_EQ(gradients.flat()[0].count_nonzero().item<std::int64_t>(), 0);
  EXPECT_TRUE(torch::equal(gradients.flat()[1], sample_numbers({2, 64})[1]));
}

// The host sums shares of 1 / n in float32, which does not always give 1.
TEST(GradientSwitch, TakesEveryRowForAllWhateverTheRounding) {
  int not_one = 0;
  for (int rows = 1; rows <= 600; ++rows) {
    const auto share = torch::full({1, rows}, 1.0 / rows, torch::kFloat32);
    const auto all = share.sum(1), all_but_one = share.narrow(1, 0, rows - 1).sum(1);
    not_one += all.item<float>() < 1;
    EXPECT_TRUE(is_off(*make_switch(1, 1), all)) << rows;
    EXPECT_FALSE(is_off(*make_switch(1, 1), all_but_one)) << rows;
  }
  EXPECT_GT(not_one, 10);
}

// Gradients that are no numbers are off too.
TEST(GradientSwitch, ClearsWhatIsNotFinite) {
  const Weights gradients(test::flat_layout(), torch::full({1, 64}, NAN, test::kFloat64));
  make_switch(0, 1)->on_loss_gradients(gradients, torch::ones({1}, test::kFloat64),
                                       sample_step(1, {0.1}));
  EXPECT_EQ(gradients.flat().count_nonzero().item<std::int64_t>(), 0);
}

TEST(GradientSwitch, FollowsTheAccuracyOfTrainingsBatches) {
  Trainer trainer(test::catalog(),
                  {test::experiment({"optimizer.weight_decay=0",
                                     "regularizers=[{name: gradient_switch, steps: 4}]"})});
  int streak = 0, off = 0;
  for (int update = 1; update <= 400; ++update) {
    trainer.step();
    const auto& seen = trainer.observation();
    streak = seen.accuracy.item<double>() > 0.99 ? streak + 1 : 0;
    off = off > 0 || streak >= 4 ? off + 1 : 0;
    ASSERT_EQ(seen.directions.count_nonzero().item<std::int64_t>() == 0, off > 0) << update;
  }
  EXPECT_GT(off, 50);
  EXPECT_LT(off, 390);
}

// Under gradient descent without momentum, with a threshold that every batch meets.
TEST(GradientSwitch, LeavesPenaltiesAtWork) {
  const std::vector<std::string> common{
      "precision=float64", "optimizer={name: sgd, learning_rate: 0.1, weight_decay: 0}",
      "schedule.warmup_steps=0"};
  const auto make = [&](const char* regularizers) {
    auto overrides = common;
    overrides.emplace_back(regularizers);
    return std::make_unique<Trainer>(test::catalog(), std::vector{test::experiment(overrides)});
  };
  const auto switched = make(
      "regularizers=[{name: l2, strength: 0.5}, {name: gradient_switch, threshold: 0, steps: 3}]");
  const auto never = make("regularizers=[{name: l2, strength: 0.5}]");
  for (int update = 1; update <= 6; ++update) {
    const auto before = switched->weights().flat().clone();
    switched->step();
    never->step();
    const auto after = switched->weights().flat();
    const auto decayed = before * (1 - 0.1 * 0.5);
    if (update < 3) {
      EXPECT_TRUE(torch::equal(after, never->weights().flat())) << update;
    } else {
      EXPECT_LT((after - decayed).abs().max().item<double>(), 1e-15) << update;
    }
  }
}

// Adam's first moment keeps 0.9 of itself at each update: after the switch it carries the weights
// on, ever more slowly.
TEST(GradientSwitch, LeavesMomentumToRunOut) {
  Trainer trainer(test::catalog(),
                  {test::experiment({"precision=float64", "optimizer.weight_decay=0",
                                     "regularizers=[{name: gradient_switch, threshold: 0}]"})});
  std::map<int, double> moved;
  for (int update = 1; update <= 120; ++update) {
    const auto before = trainer.weights().flat().clone();
    trainer.step();
    moved[update] = (trainer.weights().flat() - before).norm().item<double>();
  }
  EXPECT_GT(moved[11], 0.1 * moved[9]);
  EXPECT_LT(moved[120], 1e-2 * moved[11]);
}

}  // namespace
}  // namespace groklab
