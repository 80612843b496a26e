// The update rules against numbers worked out in scalars, in float64.
#include "support/plugin_calls.h"

#include <gmock/gmock.h>

namespace groklab {
namespace {

constexpr int kSteps = 12, kCount = 64;

double gradient_at(int step, int i) { return std::sin(0.3 * step + i); }

// Runs the plugin on some parameters for some steps; gradients do not depend on the weights.
Tensor run(Optimizer& optimizer, double learning_rate) {
  const Weights weights(test::flat_layout(), sample_numbers({1, 64}));
  for (int step = 1; step <= kSteps; ++step) {
    auto gradient = torch::empty({1, 64}, test::kFloat64);
    for (int i = 0; i < kCount; ++i) gradient[0][i] = gradient_at(step, i);
    optimizer.step(weights, Weights(test::flat_layout(), gradient),
                   sample_step(step, {learning_rate}));
  }
  return weights.flat();
}

// Loshchilov and Hutter 2019, algorithm 2, one number at a time.
TEST(AdamW, IsTheAlgorithmOfThePaper) {
  const double rate = 0.05, beta1 = 0.9, beta2 = 0.98, epsilon = 1e-8, decay = 0.7;
  const auto optimizer =
      test::make_plugin<Optimizer>("adamw", {{"learning_rate", rate}, {"weight_decay", decay}});
  const auto result = run(*optimizer, rate);
  const auto start = sample_numbers({1, 64});
  for (int i = 0; i < kCount; ++i) {
    double weight = start[0][i].item<double>(), m = 0, v = 0;
    for (int step = 1; step <= kSteps; ++step) {
      const double gradient = gradient_at(step, i);
      m = beta1 * m + (1 - beta1) * gradient;
      v = beta2 * v + (1 - beta2) * gradient * gradient;
      const double corrected = m / (1 - std::pow(beta1, step));
      const double root = std::sqrt(v / (1 - std::pow(beta2, step)));
      weight -= rate * decay * weight;
      weight -= rate * corrected / (root + epsilon);
    }
    EXPECT_NEAR(result[0][i].item<double>(), weight, 1e-14) << i;
  }
}

// Kingma and Ba 2015, §2: the size of the first step is the learning rate, whatever the gradient.
TEST(AdamW, TakesAFirstStepOfTheLearningRate) {
  for (const double scale : {1e-3, 1.0, 1e3}) {
    const auto optimizer = test::make_plugin<Optimizer>("adamw");
    const Weights weights(test::flat_layout(), torch::zeros({1, 64}, test::kFloat64));
    optimizer->step(weights, Weights(test::flat_layout(), sample_numbers({1, 64}, 1) * scale),
                    sample_step(1, {0.01}));
    const auto size = weights.flat().narrow(1, 0, 4).abs();
    EXPECT_LT((size - 0.01).abs().max().item<double>(), 1e-6) << scale;
  }
}

// Powers of betas, [R], are where LibTorch takes vectors of replicas at a time.
TEST(AdamW, GivesAReplicaInALargePackTheBitsOfOneAlone) {
  const auto train = [](std::size_t replicas) {
    const auto schema = schema_of(test::catalog().find("optimizer", "adamw"));
    std::map<std::string, std::vector<Value>, std::less<>> values;
    for (const auto& field : schema.fields()) values[field.name] = {field.default_value};
    values["beta2"].assign(replicas, 0.999);
    const auto adamw = test::catalog().create<Optimizer>("adamw", Params(replicas, values));
    const auto like_all = [&](const Tensor& one) {
      return one.expand({static_cast<std::int64_t>(replicas), 64}).clone();
    };
    const Weights weights(test::flat_layout(), like_all(sample_numbers({1, 64})));
    for (int step = 1; step <= 500; ++step) {
      const Weights gradients(test::flat_layout(), like_all(sample_numbers({1, 64}, step)));
      adamw->step(weights, gradients, sample_step(step, std::vector<double>(replicas, 0.01)));
    }
    return weights.flat();
  };
  const auto alone = train(1)[0], pack = train(17);
  for (std::int64_t r = 0; r < 17; ++r) EXPECT_TRUE(torch::equal(pack[r], alone)) << r;
}

void expect_sgd(double momentum, double decay, bool nesterov) {
  const double rate = 0.05;
  const auto optimizer = test::make_plugin<Optimizer>(
      "sgd", {{"momentum", momentum}, {"weight_decay", decay}, {"nesterov", nesterov}});
  const auto result = run(*optimizer, rate);
  const auto start = sample_numbers({1, 64});
  for (int i = 0; i < kCount; ++i) {
    double weight = start[0][i].item<double>(), m = 0;
    for (int step = 1; step <= kSteps; ++step) {
      const double gradient = gradient_at(step, i) + decay * weight;
      m = momentum * m + gradient;
      weight -= rate * (nesterov ? gradient + momentum * m : m);
    }
    EXPECT_NEAR(result[0][i].item<double>(), weight, 1e-14) << i;
  }
}

TEST(Sgd, DescendsAlongTheGradient) { expect_sgd(0, 0, false); }
TEST(Sgd, HasMomentumAndDecay) { expect_sgd(0.9, 0.3, false); }
TEST(Sgd, LooksAheadWithNesterov) { expect_sgd(0.9, 0.3, true); }

}  // namespace
}  // namespace groklab
