#pragma once

#include "support/experiments.h"
#include "sweep/freeze.h"

#include <gtest/gtest.h>

#include <map>
#include <string>
#include <vector>

namespace groklab::test {

// Sweeps of kSmallSpec in a folder of their own.
class FrozenSweep : public testing::Test {
 protected:
  // As `groklab run` does it.
  SweepPlan freeze(const std::vector<std::string>& overrides, std::size_t pack_limit = 8) const {
    const auto spec = folder_.write("spec.yaml", kSmallSpec);
    const auto loaded = load_sweep(spec, overrides, {plugin_dir(), fixture_dir()});
    const auto claim = claim_sweep(sweep_);
    return freeze_sweep(sweep_, {loaded.catalog, loaded.sweep, spec, overrides, pack_limit});
  }

  // What the files of the sweep hold, but for claims; by path.
  std::map<std::string, std::string> contents() const {
    std::map<std::string, std::string> all;
    if (!std::filesystem::exists(sweep_.path)) return all;
    for (const auto& entry : std::filesystem::recursive_directory_iterator(sweep_.path)) {
      if (!entry.is_regular_file() || entry.path().parent_path() == sweep_.claims()) continue;
      all[entry.path().string()] = read_file(entry.path());
    }
    return all;
  }

  TemporaryFolder folder_;
  SweepFolder sweep_{folder_.path() / "sweep"};
};

}  // namespace groklab::test
