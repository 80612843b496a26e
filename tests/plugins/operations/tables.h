#pragma once

#include "host/catalog.h"
#include "support/paths.h"

#include <groklab/operation.h>

#include <cstdint>
#include <map>
#include <memory>
#include <string>

namespace groklab::test {

// With its defaults, overridden by `values`.
inline std::unique_ptr<Operation> operation(const std::string& name,
                                            const std::map<std::string, Value>& values = {}) {
  static const Catalog catalog({plugin_dir()});
  const auto schema = schema_of(catalog.find(Operation::kKind, name));
  return catalog.create<Operation>(name, Params::from_defaults(schema, values));
}

inline std::unique_ptr<Operation> operation(const std::string& name, std::int64_t modulus) {
  return operation(name, {{"modulus", modulus}});
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

// What can be said of a table by how often each element is a result.
inline std::map<int, int> elements_by_occurrences(const Table& table) {
  std::map<int, int> elements;  // occurrences → how many elements occur so often
  for (const auto& [element, occurrences] : table.occurrences) ++elements[occurrences];
  return elements;
}

}  // namespace groklab::test
