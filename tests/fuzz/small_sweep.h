#pragma once

#include "framework/spec/example_schemas.h"
#include "fuzz/try_input.h"
#include "spec/sweep.h"
#include "spec/sweep_section.h"

#include <algorithm>
#include <map>

namespace groklab::test {

// As example_schema, but makes each schema once.
inline const Schema& known_schema(const std::string& kind, const std::string& name) {
  static std::map<std::pair<std::string, std::string>, Schema> schemas;
  const auto known = schemas.find({kind, name});
  if (known != schemas.end()) return known->second;
  return schemas.emplace(std::pair(kind, name), example_schema(kind, name)).first->second;
}

inline double cell_count(const SweepSection& sweep) {
  auto cells = static_cast<double>(std::max<std::size_t>(sweep.variants.size(), 1));
  for (const auto& axis : sweep.axes) cells *= static_cast<double>(axis.size());
  return cells;
}

// Expands the sweep of a spec, unless it has so many cells that it may take its time, and reads
// every cell again as it would be written.
inline void expand_small_sweep(const YamlNode& root) {
  constexpr double kCells = 8;
  Problems problems;
  if (cell_count(read_sweep_section(root, problems)) > kCells) return;
  const auto sweep = expand_sweep(root, known_schema, problems);
  problems.throw_if_any();
  for (const auto& cell : sweep.cells) {
    require("a cell reads back as it was", [&] {
      const auto written = parse_yaml(to_yaml(cell.experiment), "spec.yaml");
      const auto again = read_experiment(written, known_schema, problems);
      problems.throw_if_any();
      return again.identity() == cell.experiment.identity();
    });
  }
}

}  // namespace groklab::test
