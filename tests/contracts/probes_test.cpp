// Every probe as a trainer uses it. What its contract claims of it alone is in framework/check.
#include "operators/replay.h"
#include "support/experiments.h"

#include <gmock/gmock.h>
#include <groklab/probe.h>

#include <cmath>

namespace groklab {
namespace {

class EveryProbe : public testing::TestWithParam<std::string> {
 protected:
  static Experiment cell(const std::string& seed) {
    return test::experiment({"probes=[" + GetParam() + "]", "precision=float64", seed});
  }

  static std::vector<MetricsRow> measured(const std::vector<Experiment>& cells,
                                          std::shared_ptr<Backend> backend = nullptr) {
    Trainer trainer(test::catalog(), cells, std::move(backend));
    for (int step = 0; step < 3; ++step) trainer.step();
    return trainer.evaluate();
  }
};

INSTANTIATE_TEST_SUITE_P(All, EveryProbe,
                         testing::ValuesIn(Catalog({test::plugin_dir()}).names(Probe::kKind)),
                         [](const auto& name) { return name.param; });

TEST_P(EveryProbe, AddsToLossesAndAccuraciesFromTheStartOn) {
  Trainer trainer(test::catalog(), {cell("seed=0")});
  EXPECT_GT(trainer.evaluate()[0].values.size(), 4U);
}

TEST_P(EveryProbe, MeasuresTheSameAloneInAPackAndOnADevice) {
  const std::vector<Experiment> cells{cell("seed=0"), cell("seed=1")};
  const auto alone = measured({cells[1]})[0], in_pack = measured(cells)[1];
  const auto on_device = measured(cells, std::make_shared<ReplayBackend>())[1];
  EXPECT_EQ(to_json_line(alone), to_json_line(in_pack));
  ASSERT_EQ(on_device.values.size(), alone.values.size());
  for (const auto& [name, value] : alone.values) {
    EXPECT_NEAR(on_device.at(name), value, 1e-7 + 1e-6 * std::abs(value)) << name;
  }
}

}  // namespace
}  // namespace groklab
