#pragma once

#include "host/catalog.h"
#include "support/paths.h"

#include <groklab/operation.h>

#include <cstdint>
#include <map>
#include <memory>
#include <string>

namespace groklab::test {

inline std::unique_ptr<Operation> operation(const std::string& name, std::int64_t modulus = 97) {
  static const Catalog catalog({plugin_dir()});
  return catalog.create<Operation>(
      name, Params::from_defaults(ModularOperation::schema(), {{"modulus", modulus}}));
}

// What can be counted in an operation's table.
struct Table {
  std::int64_t rows = 0;                          // defined pairs
  std::map<Operation::Element, int> occurrences;  // of each result
  bool symmetric = true;
};

inline Table table_of(const Operation& operation) {
  Table table;
  for (std::int64_t x = 0; x < operation.size(); ++x) {
    for (std::int64_t y = 0; y < operation.size(); ++y) {
      const auto result = operation.apply(x, y);
      if (result != operation.apply(y, x)) table.symmetric = false;
      if (result == Operation::kUndefined) continue;
      ++table.rows;
      ++table.occurrences[result];
    }
  }
  return table;
}

}  // namespace groklab::test
