// weight_noise, update_noise and gradient_noise: the same Gaussian numbers, put in three places.
#include "support/plugin_calls.h"

#include <gmock/gmock.h>
#include <groklab/regularizer.h>
#include <torch/csrc/autograd/autograd.h>

#include <cmath>
#include <map>
#include <set>

namespace groklab {
namespace {

constexpr std::int64_t kCount = 100'000, kBuffer = 100'032;
constexpr double kDeviation = 0.3, kRate = 0.05;

std::shared_ptr<const ParameterLayout> layout() {
  ParameterLayout layout;
  layout.add("all", {kCount}, Initializer::constant(0));
  return std::make_shared<const ParameterLayout>(std::move(layout));
}

Step step_at(std::int64_t number, const std::vector<std::uint64_t>& seeds) {
  const std::vector<double> rates(seeds.size(), kRate);
  return {torch::full({1}, static_cast<double>(number), test::kFloat64),
          torch::tensor(rates, test::kFloat64), Noise(seeds, number)};
}

class NoiseOf : public testing::TestWithParam<const char*> {
 protected:
  // What the plugin adds to `start` [R, P], which stands for weights and for gradients.
  Tensor added(const Tensor& start, std::int64_t number,
               const std::vector<std::uint64_t>& seeds) const {
    const auto plugin = test::make_plugin<Regularizer>(GetParam(), {{"deviation", kDeviation}});
    const Weights weights(layout(), start.clone()), gradients(layout(), start.clone());
    plugin->begin(weights);
    const auto step = step_at(number, seeds);
    const auto seen = plugin->before_forward(weights.flat(), step) - start;
    plugin->on_gradients(weights, gradients, step);
    plugin->after_step(weights, step);
    const std::map<std::string, Tensor> places{{"weight_noise", seen},
                                               {"gradient_noise", gradients.flat() - start},
                                               {"update_noise", weights.flat() - start}};
    for (const auto& [name, change] : places) {
      EXPECT_EQ(change.any().item<bool>(), name == GetParam()) << name;
    }
    return places.at(GetParam());
  }

  double scale() const {
    return GetParam() == std::string("update_noise") ? kRate * kDeviation : kDeviation;
  }

  // ε [R, kCount] as the plugin drew it.
  Tensor noise(std::int64_t number, const std::vector<std::uint64_t>& seeds) const {
    const auto replicas = static_cast<std::int64_t>(seeds.size());
    const auto zero = torch::zeros({replicas, kBuffer}, test::kFloat64);
    return added(zero, number, seeds).narrow(1, 0, kCount) / scale();
  }
};
INSTANTIATE_TEST_SUITE_P(Places, NoiseOf,
                         testing::Values("weight_noise", "update_noise", "gradient_noise"),
                         [](const auto& info) { return std::string(info.param); });

TEST_P(NoiseOf, IsTheStreamOfTheReplicasSeedTimesTheDeviation) {
  const auto found = noise(7, {3, 11});
  const auto source = static_cast<std::uint64_t>(hash_name(GetParam())) << 32;
  for (const auto& [replica, seed] : {std::pair{0, 3U}, {1, 11U}}) {
    const RandomStream stream(seed, Purpose::noise);
    for (const std::uint64_t i : {0, 1, 4095, 4096, 99'999}) {
      EXPECT_NEAR(found[replica][static_cast<std::int64_t>(i)].item<double>(),
                  stream.normal(7, source + i), 1e-14);
    }
  }
}

// With n draws the mean has the deviation 1/√n, the variance √(2/n), the skewness √(6/n) and the
// kurtosis √(24/n); five of them are passed once in two million.
TEST_P(NoiseOf, IsGaussianOfMeanZeroAndVarianceOne) {
  const auto numbers = noise(1, {5})[0];
  const auto moment = [&](int power) { return numbers.pow(power).mean().item<double>(); };
  const double n = kCount;
  EXPECT_NEAR(moment(1), 0, 5 / std::sqrt(n));
  EXPECT_NEAR(moment(2), 1, 5 * std::sqrt(2 / n));
  EXPECT_NEAR(moment(3) / std::pow(moment(2), 1.5), 0, 5 * std::sqrt(6 / n));
  EXPECT_NEAR(moment(4) / std::pow(moment(2), 2), 3, 5 * std::sqrt(24 / n));
}

TEST_P(NoiseOf, IsAddedToWhatIsThereAndLeavesThePaddingZero) {
  auto start = sample_numbers({2, kBuffer});
  start.narrow(1, kCount, kBuffer - kCount).zero_();
  const auto onto = added(start, 4, {1, 2}), alone = added(torch::zeros_like(start), 4, {1, 2});
  EXPECT_LT((onto - alone).abs().max().item<double>(), 1e-15);
  EXPECT_EQ(onto.narrow(1, kCount, kBuffer - kCount).count_nonzero().item<std::int64_t>(), 0);
}

TEST_P(NoiseOf, IsTheSameAloneAndInAPack) {
  const auto pack = noise(3, {1, 2, 9});
  EXPECT_TRUE(torch::equal(pack[1], noise(3, {2})[0]));
  EXPECT_TRUE(torch::equal(pack[2], noise(3, {9})[0]));
}

TEST_P(NoiseOf, IsIndependentBetweenStepsAndReplicas) {
  const auto first = noise(3, {1, 2}), second = noise(4, {1, 2});
  const auto expect_unrelated = [](const Tensor& a, const Tensor& b) {
    EXPECT_NEAR((a * b).mean().item<double>(), 0, 5 / std::sqrt(double{kCount}));
  };
  expect_unrelated(first[0], first[1]);
  expect_unrelated(first[0], second[0]);
  expect_unrelated(first[0], second[1]);
  EXPECT_TRUE(torch::equal(first, noise(3, {1, 2})));
}

TEST(Noise, DiffersBetweenItsThreePlaces) {
  const RandomStream stream(1, Purpose::noise);
  std::set<double> numbers;
  for (const auto* name : {"weight_noise", "update_noise", "gradient_noise"}) {
    numbers.insert(stream.normal(1, static_cast<std::uint64_t>(hash_name(name)) << 32));
  }
  EXPECT_EQ(numbers.size(), 3U);
}

TEST(WeightNoise, LetsGradientsThrough) {
  const auto plugin = test::make_plugin<Regularizer>("weight_noise");
  const auto flat = sample_numbers({2, kBuffer}).requires_grad_(true);
  plugin->begin({layout(), flat.detach()});
  const auto seen = plugin->before_forward(flat, step_at(1, {0, 1}));
  const auto gradient = torch::autograd::grad({(seen * seen.detach()).sum()}, {flat})[0];
  EXPECT_TRUE(torch::equal(gradient, seen.detach()));
  EXPECT_FALSE(torch::equal(seen.detach(), flat.detach()));
}

// Neelakantan et al. 2015: the variance at time t = 0, 1, … is η / (1 + t)^γ.
TEST(GradientNoise, AnnealsAsThePaperSays) {
  const double eta = 0.3, gamma = 0.55;
  const auto noise = [&](double annealing, int update) {
    const auto plugin = test::make_plugin<Regularizer>(
        "gradient_noise", {{"deviation", std::sqrt(eta)}, {"gamma", annealing}});
    const Weights gradients(layout(), torch::zeros({1, kBuffer}, test::kFloat64));
    plugin->on_gradients(gradients, gradients, step_at(update, {0}));
    return gradients.flat();
  };
  for (const int time : {0, 1, 2, 99, 9999}) {
    const auto annealed = noise(gamma, time + 1), constant = noise(0, time + 1);
    const auto expected = std::sqrt(eta / std::pow(1 + time, gamma)) / std::sqrt(eta);
    EXPECT_LT((annealed - constant * expected).abs().max().item<double>(), 1e-14) << time;
    const auto variance = annealed.square().mean().item<double>() * kBuffer / kCount;
    EXPECT_NEAR(variance / (eta / std::pow(1 + time, gamma)), 1, 0.03) << time;
  }
}

}  // namespace
}  // namespace groklab
