#pragma once

#include "support/plugin_calls.h"

#include <groklab/probe.h>

#include <memory>
#include <string>
#include <utility>

namespace groklab::test {

// What a probe is shown: weights, a model of that name and cross-entropy. A test fills in what else
// its probe reads.
struct OneSnapshot {
  OneSnapshot(const std::string& model_name, Weights shown_weights)
      : weights(std::move(shown_weights)),
        model(make_plugin<Model>(model_name)),
        loss(make_plugin<Loss>("cross_entropy")),
        snapshot{weights, *model, *loss, {}, {}, {}, {}, {}, {}, {}, {}, {}} {}

  Weights weights;
  std::unique_ptr<Model> model;
  std::unique_ptr<Loss> loss;
  Snapshot snapshot;
};

}  // namespace groklab::test
