#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace cosets {

// A table x ∘ y of K elements, x by x.
using Table = std::vector<std::int64_t>;

// The product "x then y" of the permutations of n things, numbered lexicographically.
Table symmetric_table(std::int64_t things);

// A group given by its table.
class FiniteGroup {
 public:
  using Elements = std::vector<std::int64_t>;

  // What keeps the table from being a group's; empty if it is one.
  static std::string objection(const Table& table);

  explicit FiniteGroup(Table table);  // of a group

  std::int64_t order() const { return order_; }
  std::int64_t product(std::int64_t x, std::int64_t y) const { return table_[x * order_ + y]; }
  std::int64_t inverse(std::int64_t x) const { return inverses_[x]; }

  // The subgroups of this order that one or two elements generate, each sorted. Order 0: those of
  // the largest order below the group's own.
  std::vector<Elements> subgroups(std::int64_t order) const;

 private:
  Elements generated_by(const Elements& generators, std::int64_t largest) const;

  Table table_;
  std::int64_t order_;
  std::int64_t identity_;
  Elements inverses_;
};

}  // namespace cosets
