#pragma once

#include "app/load_experiment.h"
#include "support/paths.h"
#include "support/temporary_folder.h"
#include "train/trainer.h"

#include <string>
#include <vector>

namespace groklab::test {

// A transformer so small that a step takes about a millisecond: 24 rows to train on, batches of 10.
inline constexpr const char* kSmallSpec = R"(
experiment: small
operation: {name: add, modulus: 7}
data: {train_fraction: 0.5}
model: {name: transformer, layers: 2, width: 16, heads: 4}
loss: cross_entropy
optimizer: {name: adamw, learning_rate: 1e-2, weight_decay: 1.0}
training: {steps: 20, batch_size: 10}
evaluation: {every: 5}
checkpoint: {every: 4}
)";

// The paper's network on the paper's table.
inline constexpr const char* kPaperSpec = R"(
experiment: paper
operation: {name: divide, modulus: 97}
model: {name: transformer, layers: 2, width: 128, heads: 4}
loss: cross_entropy
optimizer: {name: adamw, weight_decay: 1.0}
)";

// The plugins of the project, and those made for tests.
inline const Catalog& catalog() {
  static const Catalog all({plugin_dir(), fixture_dir()});
  return all;
}

inline Experiment experiment(const std::vector<std::string>& overrides = {},
                             const char* spec = kSmallSpec) {
  const TemporaryFolder folder;
  return load_experiment(folder.write("spec.yaml", spec), overrides, {plugin_dir(), fixture_dir()})
      .experiment;
}

}  // namespace groklab::test
