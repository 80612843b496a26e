// What a step changed in the weights, cause by cause, where each replica is computed by itself, on
// a backend that replays, and on one operator by operator.
#include "train/update.h"

#include "support/experiments.h"
#include "support/plugin_calls.h"
#include "support/watched_backend.h"

#include <gmock/gmock.h>

namespace groklab {
namespace {

constexpr double kRate = 1e-2;

enum class Path { by_itself, replayed, by_operators };

std::shared_ptr<Backend> backend_of(Path path) {
  if (path == Path::by_itself) return nullptr;
  if (path == Path::replayed) return std::make_shared<ReplayBackend>();
  auto backend = std::make_shared<test::WatchedBackend>();
  backend->records = false;
  return backend;
}

// Two replicas that differ in seed and decay; the learning rate is kRate from the first step on.
std::unique_ptr<Trainer> make_trainer(Path path, std::vector<std::string> overrides) {
  overrides.insert(overrides.end(), {"precision=float64", "probes=[update_probe]",
                                     "schedule.warmup_steps=0", "optimizer.learning_rate=0.01"});
  auto other = overrides;
  other.insert(other.end(), {"seed=1", "optimizer.weight_decay=0.5"});
  return std::make_unique<Trainer>(
      test::catalog(), std::vector{test::experiment(overrides), test::experiment(other)},
      backend_of(path));
}

double largest(const Tensor& tensor) { return tensor.abs().max().item<double>(); }

class PartsOfAnUpdate : public testing::TestWithParam<Path> {
 protected:
  struct OneStep {
    Tensor before, after;
    UpdateParts parts;
  };

  // The step after two others, with copies of what is observed.
  OneStep third_step(const std::vector<std::string>& overrides) const {
    const auto trainer = make_trainer(GetParam(), overrides);
    trainer->step();
    trainer->step();
    const auto before = trainer->weights().flat().clone();
    trainer->step();
    OneStep one{before, trainer->weights().flat().clone(), {}};
    for (auto part : kUpdateParts) one.parts.*part = (trainer->observation().parts.*part).clone();
    EXPECT_TRUE(torch::equal(one.parts.before, before));
    const auto& [start, optimizer, decay, regularizers] = one.parts;
    EXPECT_LT(largest(one.after - before - (optimizer + decay + regularizers)), 1e-15);
    return one;
  }
};
std::string name_of(const testing::TestParamInfo<Path>& info) {
  if (info.param == Path::by_itself) return "by_itself";
  return info.param == Path::replayed ? "replayed" : "by_operators";
}

INSTANTIATE_TEST_SUITE_P(Paths, PartsOfAnUpdate,
                         testing::Values(Path::by_itself, Path::replayed, Path::by_operators),
                         name_of);

// −η λ θ with λ of each replica.
Tensor decay_of(const Tensor& weights, double first, double second) {
  return -kRate * torch::tensor({{first}, {second}}, test::kFloat64) * weights;
}

TEST_P(PartsOfAnUpdate, OfAdamWAreItsDecayAndTheRest) {
  const auto [before, after, parts] = third_step({});
  EXPECT_LT(largest(parts.from_decay - decay_of(before, 1, 0.5)), 1e-15);
  EXPECT_EQ(largest(parts.from_regularizers), 0);
  EXPECT_LT(largest(parts.from_optimizer - (after - before - parts.from_decay)), 1e-15);
  EXPECT_GT(largest(parts.from_optimizer), 0.1 * kRate);
}

// The first update of Adam is η g / (|g| + ε), its decay aside.
TEST_P(PartsOfAnUpdate, FromTheOptimizerAreWhatItMakesOfTheGradient) {
  const auto trainer = make_trainer(GetParam(), {});
  trainer->step();
  const auto& seen = trainer->observation();
  const auto expected = -kRate * seen.directions / (seen.directions.abs() + 1e-8);
  EXPECT_LT(largest(seen.parts.from_optimizer - expected), 1e-10);
  EXPECT_GT(largest(seen.directions), 0);
}

// Decoupled decay of a plugin is a regulariser's; the optimiser's own acts on what that left.
TEST_P(PartsOfAnUpdate, OfDecayByAPluginAreTheRegularizers) {
  const auto [before, after, parts] =
      third_step({"regularizers=[{name: weight_decay, strength: 3}]"});
  EXPECT_LT(largest(parts.from_regularizers - decay_of(before, 3, 3)), 1e-15);
  const auto left = before + parts.from_regularizers;
  EXPECT_LT(largest(parts.from_decay - decay_of(left, 1, 0.5)), 1e-15);
  EXPECT_GT(largest(parts.from_regularizers), 0);
}

TEST_P(PartsOfAnUpdate, OfNoiseAfterTheOptimizerAreTheRegularizers) {
  const auto [before, after, parts] = third_step({"regularizers=[update_noise]"});
  const auto source = static_cast<std::uint64_t>(hash_name("update_noise")) << 32;
  for (const std::uint64_t seed : {0U, 1U}) {  // of the two replicas
    const RandomStream stream(seed, Purpose::noise);
    for (const std::uint64_t i : {0, 1, 500}) {
      const auto found =
          parts.from_regularizers[static_cast<std::int64_t>(seed)][static_cast<std::int64_t>(i)];
      EXPECT_NEAR(found.item<double>(), kRate * stream.normal(3, source + i), 1e-15);
    }
  }
  EXPECT_LT(largest(parts.from_decay - decay_of(before, 1, 0.5)), 1e-15);
}

// Two causes before and after the optimiser, of one kind.
TEST_P(PartsOfAnUpdate, OfRegularizersBeforeAndAfterTheOptimizerAreAddedUp) {
  const auto [before, after, parts] = third_step(
      {"regularizers=[{name: weight_decay, strength: 3}, {name: norm_clamp, norm: 0.5}]"});
  const auto decayed = before + decay_of(before, 3, 3);
  const auto optimized = decayed + parts.from_decay + parts.from_optimizer;
  const auto norm = [](const Tensor& all) { return all.norm(2, 1, /*keepdim=*/true); };
  EXPECT_LT(largest(after - optimized * (norm(after) / norm(optimized))), 1e-14);
  const auto change = (decayed - before) + (after - optimized);
  EXPECT_LT(largest(parts.from_regularizers - change), 1e-14);
}

// Coupled decay goes through the optimiser like any gradient: it is the optimiser's.
TEST_P(PartsOfAnUpdate, OfCoupledDecayAreTheOptimizers) {
  const auto [before, after, parts] = third_step({"optimizer={name: sgd}"});
  EXPECT_EQ(largest(parts.from_decay), 0);
  EXPECT_EQ(largest(parts.from_regularizers), 0);
  EXPECT_TRUE(torch::equal(parts.from_optimizer, after - before));
}

TEST_P(PartsOfAnUpdate, AreOfTheLastObservedStep) {
  const auto trainer = make_trainer(GetParam(), {});
  trainer->step(/*observed=*/true);
  const auto before = trainer->observation().parts.before.clone();
  const auto from_optimizer = trainer->observation().parts.from_optimizer.clone();
  trainer->step(/*observed=*/false);
  EXPECT_TRUE(torch::equal(trainer->observation().parts.before, before));
  EXPECT_TRUE(torch::equal(trainer->observation().parts.from_optimizer, from_optimizer));
  const auto second = trainer->weights().flat().clone();
  trainer->step(/*observed=*/true);
  EXPECT_TRUE(torch::equal(trainer->observation().parts.before, second));
}

class ProbeOfAnUpdate : public testing::TestWithParam<Path> {};
INSTANTIATE_TEST_SUITE_P(Paths, ProbeOfAnUpdate, testing::Values(Path::by_itself, Path::replayed),
                         name_of);

TEST_P(ProbeOfAnUpdate, IsShownThePartsOfEachReplica) {
  const auto trainer =
      make_trainer(GetParam(), {"regularizers=[{name: weight_decay, strength: 3}, norm_clamp]"});
  EXPECT_EQ(trainer->evaluate()[0].values.size(), 4U);  // losses and accuracies alone
  trainer->step();
  const auto rows = trainer->evaluate();
  const auto& parts = trainer->observation().parts;
  for (std::size_t r = 0; r < 2; ++r) {
    const auto norm = [&](const Tensor& part) {
      return part[static_cast<std::int64_t>(r)].norm().item<double>();
    };
    EXPECT_NEAR(rows[r].at("update_probe.before"), norm(parts.before), 1e-12);
    EXPECT_NEAR(rows[r].at("update_probe.from_optimizer"), norm(parts.from_optimizer), 1e-12);
    EXPECT_NEAR(rows[r].at("update_probe.from_decay"), norm(parts.from_decay), 1e-12);
    EXPECT_NEAR(rows[r].at("update_probe.from_regularizers"), norm(parts.from_regularizers), 1e-12);
    EXPECT_LT(rows[r].at("update_probe.missed"), 1e-15);
  }
  EXPECT_NE(rows[0].at("update_probe.from_decay"), rows[1].at("update_probe.from_decay"));
}

TEST_P(PartsOfAnUpdate, AreNotTakenIfNoProbeReadsThem) {
  Trainer trainer(test::catalog(), {test::experiment()}, backend_of(GetParam()));
  trainer.step();
  EXPECT_TRUE(trainer.observation().directions.defined());
  for (auto part : kUpdateParts) EXPECT_FALSE((trainer.observation().parts.*part).defined());
}

// Reading what a step changes does not change it.
TEST_P(PartsOfAnUpdate, LeaveTrainingAsItIs) {
  const auto read = make_trainer(GetParam(), {"regularizers=[weight_decay]"});
  const auto unread = make_trainer(GetParam(), {"regularizers=[weight_decay]", "probes=[]"});
  for (int i = 0; i < 5; ++i) {
    read->step();
    unread->step();
  }
  EXPECT_TRUE(torch::equal(read->weights().flat(), unread->weights().flat()));
}

}  // namespace
}  // namespace groklab
