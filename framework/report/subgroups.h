#pragma once

#include "report/projection.h"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace groklab {

// A finite group's table, x by x, or what may be one.
struct GroupTable {
  std::size_t order = 0;
  std::vector<std::int64_t> products;

  std::size_t product(std::size_t x, std::size_t y) const {
    return static_cast<std::size_t>(products[x * order + y]);
  }
};

using Elements = std::vector<std::size_t>;

// What keeps it from being a group's; empty if it is one.
std::string objection_to(const GroupTable& table);

// The permutations that elements are named by: their one-line forms from 0, all different and of
// one length of at least two. Empty if the names are others.
std::vector<std::vector<int>> permutations_named(const std::vector<std::string>& names);
bool is_even(const std::vector<int>& permutation);

// "x then y" of all n! permutations, numbered as they are listed. nullopt: they are not all.
std::optional<GroupTable> symmetric_table(const std::vector<std::vector<int>>& permutations);

// The subgroups of this order that one or two elements generate, each sorted. Order 0: those of the
// largest order below the group's own.
std::vector<Elements> subgroups_of(const GroupTable& group, std::size_t order);

// The cosets of a subgroup, each numbered by the order in which its least element comes.
struct Cosets {
  Elements subgroup;
  bool is_left = true;              // x H, or H x
  std::vector<std::size_t> number;  // of each element
  double purity = 0;                // the share of elements whose nearest other row, by cosine, is
                                    // of an element of the same coset
};
Cosets cosets_of(const GroupTable& group, const Elements& subgroup, bool is_left);

// Those of the greatest purity of all subgroups of an order, as the probe coset_purity looks for
// them. `rows`: one an element. nullopt: there is no such subgroup.
std::optional<Cosets> purest_cosets(const GroupTable& group, std::size_t order, const Points& rows);

}  // namespace groklab
