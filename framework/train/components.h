#pragma once

#include "host/catalog.h"
#include "spec/experiment.h"
#include "train/plugin_call.h"
#include "train/table.h"

#include <groklab/loss.h>
#include <groklab/model.h>
#include <groklab/optimizer.h>
#include <groklab/probe.h>
#include <groklab/regularizer.h>

#include <memory>
#include <string>
#include <vector>

namespace groklab {

// What a pack trains with, made from its replicas' specs: one table with its split a replica,
// and one plugin of each other kind for all of them.
struct Components {
  std::vector<Table> tables;  // R, their training rows labelled as the specs say
  std::vector<Split> splits;  // R
  Used<Model> model;
  std::shared_ptr<const ParameterLayout> layout;
  Used<Loss> loss;
  Used<Optimizer> optimizer;
  std::vector<Used<Regularizer>> regularizers;
  std::vector<Used<Probe>> probes;
};

// Creates every plugin and splits the tables. `replicas` have one graph: they differ in seeds,
// operations of one size, data and parameters marked per-replica. Throws Error with the place in
// the spec for each plugin that refuses its parameters and for data that cannot be split so.
Components assemble(const Catalog& catalog, const std::vector<Experiment>& replicas);

// What a plugin keeps from step to step.
struct OwnedState {
  std::string prefix;  // of its tensors' names in a checkpoint
  std::string owner;   // for errors: "optimizer adamw"
  NamedState* state;
};
std::vector<OwnedState> states_of(const Components& components);

}  // namespace groklab
