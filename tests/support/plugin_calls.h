#pragma once

#include "check/samples.h"
#include "support/experiments.h"

#include <groklab/model.h>
#include <groklab/optimizer.h>

#include <map>
#include <memory>
#include <string>
#include <vector>

namespace groklab::test {

inline const auto kFloat64 = torch::TensorOptions().dtype(torch::kFloat64);

// A plugin of the project with its defaults, overridden by `values`.
template <class Kind>
std::unique_ptr<Kind> make_plugin(const std::string& name,
                                  const std::map<std::string, Value>& values = {}) {
  const auto schema = schema_of(catalog().find(Kind::kKind, name));
  return catalog().create<Kind>(name, Params::from_defaults(schema, values));
}

// Weights of a model with R replicas, each different.
inline Weights numbered_weights(Model& model, std::int64_t elements, std::int64_t replicas,
                                double phase = 0) {
  const auto layout = std::make_shared<const ParameterLayout>(model.build({elements}));
  return {layout, sample_numbers({replicas, layout->buffer_size()}, phase)};
}

// A buffer of 64 parameters as one tensor [R, 64].
inline std::shared_ptr<const ParameterLayout> flat_layout() {
  ParameterLayout layout;
  layout.add("all", {64}, Initializer::constant(0));
  return std::make_shared<const ParameterLayout>(std::move(layout));
}

}  // namespace groklab::test
