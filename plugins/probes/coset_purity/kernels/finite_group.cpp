#include "finite_group.h"

#include <groklab/permutations.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <set>

namespace cosets {
namespace {

using Elements = FiniteGroup::Elements;

std::int64_t order_of(const Table& table) {
  return std::llround(std::sqrt(static_cast<double>(table.size())));
}

std::int64_t identity_of(const Table& table) {  // −1: there is none
  const auto order = order_of(table);
  for (std::int64_t e = 0; e < order; ++e) {
    bool neutral = true;
    for (std::int64_t x = 0; x < order && neutral; ++x) {
      neutral = table[e * order + x] == x && table[x * order + e] == x;
    }
    if (neutral) return e;
  }
  return -1;
}

// Products from the left of the start and the generators, in the order found; `largest` is where
// to stop looking.
Elements closure(const Table& table, std::int64_t start, const Elements& generators,
                 std::int64_t largest) {
  const auto order = order_of(table);
  std::vector<bool> known(order);
  Elements found{start};
  known[start] = true;
  for (std::size_t i = 0; i < found.size() && std::ssize(found) <= largest; ++i) {
    for (const auto generator : generators) {
      const auto next = table[found[i] * order + generator];
      if (!known[next]) found.push_back(next);
      known[next] = true;
    }
  }
  return found;
}

// Light's test: if (x g) y = x (g y) for generators g and all x, y, then for all g.
bool is_associative(const Table& table, std::int64_t identity) {
  const auto order = order_of(table);
  Elements generators;
  std::vector<bool> reached(order);
  for (std::int64_t g = 0; g < order; ++g) {
    if (reached[g]) continue;
    generators.push_back(g);
    for (const auto x : closure(table, identity, generators, order)) reached[x] = true;
    for (std::int64_t x = 0; x < order; ++x) {
      const auto xg = table[x * order + g];
      for (std::int64_t y = 0; y < order; ++y) {
        if (table[xg * order + y] != table[x * order + table[g * order + y]]) return false;
      }
    }
  }
  return true;
}

class SymmetricProduct final : public groklab::PermutationOperation {
 public:
  using PermutationOperation::PermutationOperation;
  std::string formula() const override { return "x y in S_n (x then y)"; }
  Element apply(Element x, Element y) const override { return product(x, y); }
};

}  // namespace

Table symmetric_table(std::int64_t things) {
  const SymmetricProduct product(things);
  Table table;
  for (std::int64_t x = 0; x < product.size(); ++x) {
    for (std::int64_t y = 0; y < product.size(); ++y) table.push_back(product.apply(x, y));
  }
  return table;
}

std::string FiniteGroup::objection(const Table& table) {
  if (std::any_of(table.begin(), table.end(), [](auto z) { return z < 0; })) {
    return "it has pairs without an answer";
  }
  const auto identity = identity_of(table);
  if (identity < 0) return "it has no identity element";
  const auto order = order_of(table);
  for (std::int64_t x = 0; x < order; ++x) {
    const auto row = table.begin() + x * order;
    if (std::find(row, row + order, identity) == row + order) {
      return "element " + std::to_string(x) + " has no inverse";
    }
  }
  return is_associative(table, identity) ? "" : "it is not associative";
}

FiniteGroup::FiniteGroup(Table table)
    : table_(std::move(table)),
      order_(order_of(table_)),
      identity_(identity_of(table_)),
      inverses_(order_) {
  for (std::int64_t x = 0; x < order_; ++x) {
    for (std::int64_t y = 0; y < order_; ++y) {
      if (product(x, y) == identity_) inverses_[x] = y;
    }
  }
}

// Sorted; empty if there are more than `largest`. In a finite group inverses are powers.
Elements FiniteGroup::generated_by(const Elements& generators, std::int64_t largest) const {
  auto elements = closure(table_, identity_, generators, largest);
  if (std::ssize(elements) > largest) return {};
  std::sort(elements.begin(), elements.end());
  return elements;
}

std::vector<Elements> FiniteGroup::subgroups(std::int64_t order) const {
  // A subgroup of more than half of the elements is the group (Lagrange).
  const auto largest = order == 0 ? order_ / 2 : order;
  std::map<Elements, std::int64_t> cyclic;  // with a generator
  for (std::int64_t x = 0; x < order_; ++x) {
    auto elements = generated_by({x}, largest);
    if (!elements.empty()) cyclic.emplace(std::move(elements), x);
  }
  std::set<Elements> found;
  for (auto a = cyclic.begin(); a != cyclic.end(); ++a) {
    for (auto b = a; b != cyclic.end(); ++b) {
      auto elements = generated_by({a->second, b->second}, largest);
      if (!elements.empty()) found.insert(std::move(elements));
    }
  }
  auto wanted = order;
  for (const auto& subgroup : found) {
    if (order == 0) wanted = std::max<std::int64_t>(wanted, std::ssize(subgroup));
  }
  std::erase_if(found, [&](const auto& subgroup) { return std::ssize(subgroup) != wanted; });
  return {found.begin(), found.end()};
}

}  // namespace cosets
