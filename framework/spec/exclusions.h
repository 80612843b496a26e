#pragma once

#include "spec/yaml_tree.h"

#include <cstddef>
#include <map>
#include <string>
#include <unordered_map>
#include <vector>

namespace groklab {

// Cells to leave out: those in which every place has one of its values. A value stands in a small
// spec of its own: {optimizer: {name: adam}}.
struct Exclusion {
  std::vector<std::vector<YamlNode>> places;

  bool matches(const YamlNode& spec) const;
};

// All exclusions of a sweep. Those that a cell may match are found by the value of one of their
// places, that one whose values differ most; so a cell is not compared with each exclusion.
class Exclusions {
 public:
  explicit Exclusions(std::vector<Exclusion> all);

  bool empty() const { return all_.empty(); }
  bool match(const YamlNode& spec) const;           // whether any does
  std::size_t paths() const { return by_.size(); }  // that are looked up in each cell

 private:
  using Numbers = std::vector<std::size_t>;  // of exclusions
  using Path = std::vector<std::string>;

  std::vector<Exclusion> all_;
  std::map<Path, std::unordered_map<std::string, Numbers>> by_;  // value of the path → exclusions
  Numbers others_;  // to be compared with every cell: without a place of single values
};

}  // namespace groklab
