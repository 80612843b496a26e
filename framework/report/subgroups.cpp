#include "report/subgroups.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>
#include <numeric>
#include <set>

namespace groklab {
namespace {

std::optional<std::size_t> identity_of(const GroupTable& table) {
  for (std::size_t e = 0; e < table.order; ++e) {
    bool is_neutral = true;
    for (std::size_t x = 0; x < table.order && is_neutral; ++x) {
      is_neutral = table.product(e, x) == x && table.product(x, e) == x;
    }
    if (is_neutral) return e;
  }
  return std::nullopt;
}

// Products of the identity and the generators from the left, in the order found; empty if there are
// more than `largest`.
Elements products_of(const GroupTable& group, std::size_t identity, const Elements& generators,
                     std::size_t largest) {
  std::vector<bool> is_known(group.order);
  Elements found{identity};
  is_known[found.front()] = true;
  for (std::size_t i = 0; i < found.size(); ++i) {
    for (const auto generator : generators) {
      const auto next = group.product(found[i], generator);
      if (is_known[next]) continue;
      if (found.size() == largest) return {};
      is_known[next] = true;
      found.push_back(next);
    }
  }
  return found;
}

// Whether (x g) y = x (g y) for all x and y.
bool associates_with_all(const GroupTable& table, std::size_t g) {
  for (std::size_t x = 0; x < table.order; ++x) {
    const auto xg = table.product(x, g);
    for (std::size_t y = 0; y < table.order; ++y) {
      if (table.product(xg, y) != table.product(x, table.product(g, y))) return false;
    }
  }
  return true;
}

// Light's test: elements associate with all if those that generate the table do. In a group each
// generator at least doubles what the ones before it generate (Lagrange), so a table that needs
// more of them is none: the test takes order² log2(order) steps.
bool is_associative(const GroupTable& table, std::size_t identity) {
  Elements generators;
  std::vector<bool> is_generated(table.order);
  is_generated[identity] = true;
  for (std::size_t g = 0, generated = 1; g < table.order; ++g) {
    if (is_generated[g]) continue;
    if (!associates_with_all(table, g)) return false;
    generators.push_back(g);
    const auto products = products_of(table, identity, generators, table.order);
    if (products.size() < 2 * generated) return false;
    generated = products.size();
    for (const auto product : products) is_generated[product] = true;
  }
  return true;
}

// Sorted; empty if there are more than `largest`. In a finite group inverses are powers.
Elements generated_by(const GroupTable& group, std::size_t identity, const Elements& generators,
                      std::size_t largest) {
  auto found = products_of(group, identity, generators, largest);
  std::sort(found.begin(), found.end());
  return found;
}

// The element of the nearest other row, by cosine.
Elements nearest_rows(const Points& rows) {
  const auto product = [&](std::size_t i, std::size_t j) {
    return std::inner_product(rows.row(i), rows.row(i) + rows.width, rows.row(j), 0.0);
  };
  Elements nearest(rows.count());
  std::vector<double> lengths(rows.count());
  for (std::size_t i = 0; i < rows.count(); ++i) {
    lengths[i] = std::max(std::sqrt(product(i, i)), std::numeric_limits<double>::min());
  }
  for (std::size_t i = 0; i < rows.count(); ++i) {
    auto best = -std::numeric_limits<double>::infinity();
    for (std::size_t j = 0; j < rows.count(); ++j) {
      const auto cosine = product(i, j) / lengths[j] / lengths[i];
      if (j == i || cosine <= best) continue;
      best = cosine;
      nearest[i] = j;
    }
  }
  return nearest;
}

}  // namespace

std::string objection_to(const GroupTable& table) {
  if (std::any_of(table.products.begin(), table.products.end(), [](auto z) { return z < 0; })) {
    return "it has pairs without an answer";
  }
  const auto identity = identity_of(table);
  if (!identity) return "it has no identity element";
  for (std::size_t x = 0; x < table.order; ++x) {
    bool has_inverse = false;
    for (std::size_t y = 0; y < table.order; ++y) has_inverse |= table.product(x, y) == *identity;
    if (!has_inverse) return "element " + std::to_string(x) + " has no inverse";
  }
  return is_associative(table, *identity) ? "" : "it is not associative";
}

std::vector<std::vector<int>> permutations_named(const std::vector<std::string>& names) {
  std::vector<std::vector<int>> permutations;
  for (const auto& name : names) {
    auto sorted = name;
    std::sort(sorted.begin(), sorted.end());
    const bool is_one = name.size() >= 2 && name.size() == names.front().size() &&
                        sorted == std::string("0123456789").substr(0, name.size());
    if (!is_one) return {};
    permutations.emplace_back();
    for (const char digit : name) permutations.back().push_back(digit - '0');
  }
  const std::set<std::vector<int>> different(permutations.begin(), permutations.end());
  return different.size() == names.size() ? permutations : std::vector<std::vector<int>>();
}

bool is_even(const std::vector<int>& permutation) {
  bool even = true;
  for (std::size_t i = 0; i < permutation.size(); ++i) {
    for (std::size_t j = 0; j < i; ++j) even ^= permutation[j] > permutation[i];
  }
  return even;
}

std::optional<GroupTable> symmetric_table(const std::vector<std::vector<int>>& permutations) {
  if (permutations.empty()) return std::nullopt;
  std::size_t all = 1;
  for (std::size_t i = 2; i <= permutations.front().size(); ++i) all *= i;
  if (all != permutations.size()) return std::nullopt;
  std::map<std::vector<int>, std::int64_t> number;
  for (const auto& one : permutations) {
    number.emplace(one, static_cast<std::int64_t>(number.size()));
  }
  GroupTable table{all, {}};
  for (const auto& x : permutations) {
    for (const auto& y : permutations) {
      auto product = x;
      for (auto& image : product) image = y[static_cast<std::size_t>(image)];
      table.products.push_back(number.at(product));
    }
  }
  return table;
}

std::vector<Elements> subgroups_of(const GroupTable& group, std::size_t order) {
  // A subgroup of more than half of the elements is the group (Lagrange).
  const auto largest = order == 0 ? group.order / 2 : order;
  const auto identity = *identity_of(group);
  std::map<Elements, std::size_t> cyclic;  // with a generator
  for (std::size_t x = 0; x < group.order; ++x) {
    auto elements = generated_by(group, identity, {x}, largest);
    if (!elements.empty()) cyclic.emplace(std::move(elements), x);
  }
  std::set<Elements> found;
  for (auto a = cyclic.begin(); a != cyclic.end(); ++a) {
    for (auto b = a; b != cyclic.end(); ++b) {
      auto elements = generated_by(group, identity, {a->second, b->second}, largest);
      if (!elements.empty()) found.insert(std::move(elements));
    }
  }
  auto wanted = order;
  for (const auto& subgroup : found) {
    if (order == 0) wanted = std::max(wanted, subgroup.size());
  }
  std::erase_if(found, [&](const auto& subgroup) { return subgroup.size() != wanted; });
  return {found.begin(), found.end()};
}

Cosets cosets_of(const GroupTable& group, const Elements& subgroup, bool is_left) {
  Cosets cosets{subgroup, is_left, std::vector<std::size_t>(group.order, group.order), 0};
  std::size_t count = 0;
  for (std::size_t x = 0; x < group.order; ++x) {
    if (cosets.number[x] != group.order) continue;
    for (const auto h : subgroup) {
      cosets.number[is_left ? group.product(x, h) : group.product(h, x)] = count;
    }
    ++count;
  }
  return cosets;
}

std::optional<Cosets> purest_cosets(const GroupTable& group, std::size_t order,
                                    const Points& rows) {
  const auto nearest = nearest_rows(rows);
  std::optional<Cosets> best;
  for (const auto& subgroup : subgroups_of(group, order)) {
    for (const bool is_left : {true, false}) {
      auto cosets = cosets_of(group, subgroup, is_left);
      std::size_t pure = 0;
      for (std::size_t x = 0; x < group.order; ++x) {
        pure += cosets.number[x] == cosets.number[nearest[x]];
      }
      cosets.purity = static_cast<double>(pure) / static_cast<double>(group.order);
      if (!best || cosets.purity > best->purity) best = std::move(cosets);
    }
  }
  return best;
}

}  // namespace groklab
