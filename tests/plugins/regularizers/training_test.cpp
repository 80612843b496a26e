// Training with every regulariser: alone and in a pack, stopped and resumed, recorded and not.
#include "support/experiments.h"
#include "support/watched_backend.h"

#include <gmock/gmock.h>
#include <groklab/regularizer.h>

#include <set>

namespace groklab {
namespace {

using testing::HasSubstr;

constexpr int kSteps = 15;

struct Case {
  const char* label;
  std::vector<const char*> settings;  // of regularizers in three cells; one: the same in all
};

bool is_noise(const std::string& label) { return label.ends_with("_noise"); }

std::string name_of(const Case& one) {
  const auto section = test::experiment({std::string("regularizers=") + one.settings.front()});
  return section.regularizers.front().plugin;
}

std::vector<Case> cases() {
  return {
      {"weight_noise",
       {"[{name: weight_noise, deviation: 0.1}]", "[{name: weight_noise, deviation: 0.2}]",
        "[{name: weight_noise, deviation: 0}]"}},
      {"update_noise",
       {"[{name: update_noise}]", "[{name: update_noise, deviation: 0.5}]", "[update_noise]"}},
      {"gradient_noise",
       {"[{name: gradient_noise}]", "[{name: gradient_noise, gamma: 0.55}]",
        "[{name: gradient_noise, deviation: 0.01, gamma: 1}]"}},
      {"l1",
       {"[{name: l1, strength: 0.01}]", "[{name: l1, strength: 0.02}]",
        "[{name: l1, strength: 0}]"}},
      {"l2",
       {"[{name: l2, strength: 0.01}]", "[{name: l2, strength: 0.02}]",
        "[{name: l2, strength: 0}]"}},
      {"grokfast_ema",
       {"[grokfast_ema]", "[{name: grokfast_ema, alpha: 0.5}]",
        "[{name: grokfast_ema, strength: 1}]"}},
      {"grokfast_ma",
       {"[{name: grokfast_ma, window: 4}]", "[{name: grokfast_ma, window: 4, strength: 1}]",
        "[{name: grokfast_ma, window: 4, strength: 0}]"}},
      {"grokfast_ma_without_warmup", {"[{name: grokfast_ma, window: 40, warmup: false}]"}},
      {"orthogonal_gradient", {"[orthogonal_gradient]"}},
      {"norm_clamp",
       {"[{name: norm_clamp, norm: 0.9}]", "[norm_clamp]", "[{name: norm_clamp, norm: 2}]"}},
      {"norm_clamp_of_tensors",
       {"[{name: norm_clamp, scope: tensor, mode: at_most, relative: false, norm: 3}]"}},
      {"gradient_switch",
       {"[{name: gradient_switch, threshold: 0, steps: 8}]",
        "[{name: gradient_switch, threshold: 0.2, steps: 8}]",
        "[{name: gradient_switch, threshold: 1, steps: 8}]"}},
      {"weight_decay",
       {"[{name: weight_decay, strength: 2}]", "[{name: weight_decay, strength: 1}]",
        "[{name: weight_decay, strength: 0}]"}},
      {"weight_decay_to_initialization", {"[{name: weight_decay, toward: initialization}]"}},
  };
}

TEST(TrainingWith, EveryRegularizerIsTested) {
  std::set<std::string> tested;
  for (const auto& one : cases()) tested.insert(name_of(one));
  const auto names = Catalog({test::plugin_dir()}).names(Regularizer::kKind);
  EXPECT_THAT(tested, testing::ElementsAreArray(names));
}

class TrainingWith : public testing::TestWithParam<Case> {
 protected:
  // Three cells that differ in all that may differ inside a pack.
  std::vector<Experiment> cells(const std::string& precision = "float32") const {
    const std::vector<std::vector<std::string>> differences{
        {},
        {"seed=1", "optimizer.learning_rate=3e-3", "operation=multiply", "training.batch_size=7"},
        {"seed=2", "data.train_fraction=0.7", "optimizer.weight_decay=0.1"}};
    const auto& settings = GetParam().settings;
    std::vector<Experiment> all;
    for (std::size_t i = 0; i < differences.size(); ++i) {
      auto overrides = differences[i];
      const auto* own = settings.size() == 1 ? settings.front() : settings.at(i);
      overrides.insert(overrides.end(), {"operation.modulus=6", "precision=" + precision,
                                         std::string("regularizers=") + own});
      all.push_back(test::experiment(overrides));
    }
    return all;
  }
};
INSTANTIATE_TEST_SUITE_P(Regularizers, TrainingWith, testing::ValuesIn(cases()),
                         [](const auto& info) { return std::string(info.param.label); });

std::unique_ptr<Trainer> make_trainer(std::vector<Experiment> cells,
                                      std::shared_ptr<Backend> backend = nullptr) {
  return std::make_unique<Trainer>(test::catalog(), std::move(cells), std::move(backend));
}

Tensor after(Trainer& trainer, int steps) {
  for (int i = 0; i < steps; ++i) trainer.step();
  return trainer.weights().flat();
}

TEST_P(TrainingWith, GivesAReplicaInAPackItsSoloBits) {
  const auto all = cells();
  const auto pack = make_trainer(all);
  const auto together = after(*pack, kSteps);
  for (std::size_t r = 0; r < all.size(); ++r) {
    const auto solo = make_trainer({all[r]});
    EXPECT_TRUE(torch::equal(together[r], after(*solo, kSteps)[0])) << r;
    EXPECT_EQ(pack->observation().loss[r].item<double>(), solo->observation().loss.item<double>());
  }
}

TEST_P(TrainingWith, GoesOnFromASavedStateBitForBit) {
  const auto all = cells();
  const auto straight = make_trainer(all), first = make_trainer(all), second = make_trainer(all);
  after(*first, 6);
  std::vector<TensorFile> files;
  for (std::int64_t r = 0; r < 3; ++r) {
    files.push_back(from_safetensors(to_safetensors(first->save(r))));
  }
  second->restore(files);
  EXPECT_TRUE(torch::equal(after(*straight, kSteps), after(*second, kSteps - 6)));
}

TEST_P(TrainingWith, ActsOnTrainingAndLeavesThePaddingZero) {
  auto plain = cells();
  for (auto& cell : plain) cell.regularizers.clear();
  const auto with = make_trainer(cells()), without = make_trainer(plain);
  const auto weights = after(*with, kSteps);
  EXPECT_FALSE(torch::equal(weights[0], after(*without, kSteps)[0]));
  EXPECT_TRUE(weights.isfinite().all().item<bool>());
  const auto& layout = *with->components().layout;
  ASSERT_GT(layout.buffer_size(), layout.count());
  const auto padding = weights.narrow(1, layout.count(), layout.buffer_size() - layout.count());
  EXPECT_EQ(padding.count_nonzero().item<std::int64_t>(), 0);
}

TEST_P(TrainingWith, ReplaysARecordedStepOrSaysThatNoiseCannotBe) {
  const auto by_operators = std::make_shared<test::WatchedBackend>();
  by_operators->records = false;
  const auto replayed = make_trainer(cells(), std::make_shared<ReplayBackend>());
  const auto called = make_trainer(cells(), by_operators);
  EXPECT_TRUE(torch::equal(after(*replayed, kSteps), after(*called, kSteps)));
  EXPECT_THAT(by_operators->forbidden, testing::IsEmpty());
  EXPECT_THAT(replayed->execution(),
              HasSubstr(is_noise(GetParam().label)
                            ? "operator by operator: regularizer " + std::string(GetParam().label) +
                                  ": noise is drawn on the host"
                            : "recorded and replayed: equal bit for bit"));
}

TEST_P(TrainingWith, OnABackendIsTrainingOfEachReplicaByItself) {
  const auto program = make_trainer(cells("float64"), std::make_shared<ReplayBackend>());
  const auto by_itself = make_trainer(cells("float64"));
  const auto difference = after(*program, kSteps) - after(*by_itself, kSteps);
  EXPECT_LT(difference.abs().max().item<double>(), 1e-9);
}

}  // namespace
}  // namespace groklab
