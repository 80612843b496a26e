#pragma once

#include "spec/reader.h"
#include "spec/source.h"
#include "support/temporary_folder.h"

#include <fmt/format.h>

#include <map>
#include <string>
#include <utility>
#include <vector>

namespace groklab::test {

// Plugins that exist for the tests of the reader only.
inline Schema example_schema(const std::string& kind, const std::string& name) {
  const std::map<std::pair<std::string, std::string>, Schema> schemas{
      {{"operation", "add"}, Schema{}.integer("modulus", 97, "p", between(2, 10000))},
      {{"operation", "listed"}, Schema{}.path("file", "where it is listed")},
      {{"model", "net"},
       Schema{}
           .integer("layers", 2, "", at_least(1))
           .choice("positions", "fixed", "", {"fixed", "learned"})
           .flag("bias", false, "")},
      {{"loss", "entropy"}, Schema{}},
      {{"optimizer", "adam"},
       Schema{}
           .real("learning_rate", 1e-3, "", positive)
           .per_replica()
           .real("beta1", 0.9, "", unit_interval)
           .real("weight_decay", 0.0, "", non_negative)
           .per_replica()},
      {{"optimizer", "descent"},
       Schema{}
           .real("learning_rate", 0.1, "", positive)
           .per_replica()
           .real("momentum", 0.0, "", unit_interval)},
      {{"regularizer", "noise"},
       Schema{}.real("strength", 0.01, "standard deviation of the noise", non_negative).required()},
      {{"regularizer", "clamp"}, Schema{}.real("norm", 1.0, "", positive)},
      {{"backend", "abacus"}, Schema{}},
      {{"probe", "norms"}, Schema{}.text("label", "all", "")},
  };
  const auto found = schemas.find({kind, name});
  if (found == schemas.end()) throw Error(fmt::format("there is no {} '{}'", kind, name));
  return found->second;
}

// The least that an experiment needs.
inline constexpr const char* kExample = R"(experiment: demo
operation: add
model: net
loss: entropy
optimizer: {name: adam, beta1: 0.8}
)";

inline Experiment read_example(const std::string& text,
                               const std::vector<std::string>& overrides = {}) {
  const TemporaryFolder folder;
  Problems problems;
  auto experiment = read_experiment(load_spec(folder.write("spec.yaml", text), overrides),
                                    example_schema, problems);
  problems.throw_if_any();
  return experiment;
}

}  // namespace groklab::test
