// Every loss and optimiser in steps that are recorded and replayed. Models and regularisers have
// tests of their own for it, as some cannot be recorded.
#include "operators/replay.h"
#include "support/experiments.h"
#include "support/watched_backend.h"

#include <gmock/gmock.h>

namespace groklab {
namespace {

std::vector<std::string> losses_and_optimizers() {
  const Catalog plugins({test::plugin_dir()});
  std::vector<std::string> overrides;
  for (const auto* kind : {"loss", "optimizer"}) {
    for (const auto& name : plugins.names(kind)) overrides.push_back(kind + ("=" + name));
  }
  return overrides;
}

class Recorded : public testing::TestWithParam<std::string> {};

INSTANTIATE_TEST_SUITE_P(All, Recorded, testing::ValuesIn(losses_and_optimizers()),
                         [](const auto& override) {
                           auto name = override.param;
                           std::replace(name.begin(), name.end(), '=', '_');
                           return name;
                         });

TEST_P(Recorded, IsTheSameOperatorsAtEachStepAllOfThemRepeatable) {
  const auto cell = test::experiment({GetParam()});
  Trainer replayed(test::catalog(), {cell, cell}, std::make_shared<ReplayBackend>());
  const auto watched = std::make_shared<test::WatchedBackend>();
  watched->records = false;
  Trainer called(test::catalog(), {cell, cell}, watched);
  for (int i = 0; i < 5; ++i) {
    replayed.step(/*observed=*/i == 4);
    called.step(/*observed=*/i == 4);
    EXPECT_THAT(watched->forbidden, testing::IsEmpty());
  }
  EXPECT_THAT(replayed.execution(), testing::HasSubstr("recorded and replayed: equal bit for bit"));
  EXPECT_TRUE(torch::equal(replayed.weights().flat(), called.weights().flat()));
}

}  // namespace
}  // namespace groklab
