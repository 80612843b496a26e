#pragma once

#include "support/experiments.h"

#include <groklab/model.h>
#include <groklab/optimizer.h>

#include <cmath>
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

// Numbers in (−1, 1) without a generator, the same everywhere.
inline Tensor numbers(std::vector<std::int64_t> shape, double phase = 0) {
  std::int64_t count = 1;
  for (const auto size : shape) count *= size;
  return torch::sin(torch::arange(count, kFloat64) * 1.7 + phase).view(shape);
}

inline Step step_number(std::int64_t number, std::vector<double> learning_rates) {
  const std::vector<std::uint64_t> seeds(learning_rates.size(), 0);
  return {torch::full({1}, static_cast<double>(number), kFloat64),
          torch::tensor(learning_rates, kFloat64), Noise(seeds, number)};
}

// Weights of a model with R replicas, each different.
inline Weights numbered_weights(Model& model, std::int64_t elements, std::int64_t replicas,
                                double phase = 0) {
  const auto layout = std::make_shared<const ParameterLayout>(model.build({elements}));
  return {layout, numbers({replicas, layout->buffer_size()}, phase)};
}

// A buffer of 64 parameters as one tensor [R, 64].
inline std::shared_ptr<const ParameterLayout> flat_layout() {
  ParameterLayout layout;
  layout.add("all", {64}, Initializer::constant(0));
  return std::make_shared<const ParameterLayout>(std::move(layout));
}

}  // namespace groklab::test
