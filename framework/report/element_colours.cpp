#include "report/element_colours.h"

#include "report/figure.h"
#include "report/spectrum.h"
#include "report/subgroups.h"

#include <fmt/format.h>
#include <groklab/error.h>

#include <algorithm>
#include <numeric>

namespace groklab {
namespace {

std::vector<std::size_t> all_of(const Analysis& analysis) {
  std::vector<std::size_t> elements(static_cast<std::size_t>(analysis.elements));
  std::iota(elements.begin(), elements.end(), std::size_t{0});
  return elements;
}

ElementColours by_number(const Analysis& analysis) {
  ElementGroup group{"", 0, all_of(analysis), {}};
  group.shades.assign(group.elements.begin(), group.elements.end());
  return {{std::move(group)}, "element", "Colours are the elements' numbers."};
}

ElementColours by_logarithm(const Analysis& analysis) {
  const auto powers = by_discrete_logarithm(static_cast<std::size_t>(analysis.elements));
  if (powers.empty()) {
    throw Error(
        fmt::format("colour discrete_logarithm needs a prime number of elements, not {}; "
                    "use residue",
                    analysis.elements));
  }
  ElementGroup group{"", 0, powers, std::vector<double>(powers.size())};
  std::iota(group.shades.begin(), group.shades.end(), 0.0);
  const auto root = powers.size() > 1 ? powers[1] : 1;
  return {{std::move(group), {"0", kPalette.size() - 1, {0}, {}}},
          fmt::format("logarithm to the base {}", root),
          fmt::format("Colours are discrete logarithms to the base {} (mod {}); 0 has none.", root,
                      analysis.elements)};
}

ElementColours by_parity(const Analysis& analysis) {
  ElementColours colours{{{"even", 0, {}, {}}, {"odd", 1, {}, {}}}, "", ""};
  const auto permutations = permutations_named(analysis.names);
  for (const auto element : all_of(analysis)) {
    const bool even = permutations.empty() ? element % 2 == 0 : is_even(permutations[element]);
    colours.groups[even ? 0 : 1].elements.push_back(element);
  }
  colours.caption = fmt::format("Colours are the parity of the {}.",
                                permutations.empty() ? "elements' numbers" : "permutations");
  return colours;
}

// That of the permutations that the elements are named by, for operations on them that are not
// their product; else the operation's own.
GroupTable group_of(const Analysis& analysis) {
  auto symmetric = symmetric_table(permutations_named(analysis.names));
  if (symmetric) return *symmetric;
  GroupTable table{static_cast<std::size_t>(analysis.elements), analysis.answers};
  const auto objection = objection_to(table);
  if (objection.empty()) return table;
  throw Error(
      fmt::format("colour coset needs the table of a group, and this is none: {}; use "
                  "another colour",
                  objection));
}

ElementColours by_coset(const Analysis& analysis, const Points& rows, std::size_t order) {
  const auto group = group_of(analysis);
  if (order == 0 && group.order == 120) order = 10;
  const auto cosets = purest_cosets(group, order, rows);
  if (!cosets) {
    throw Error(
        fmt::format("subgroup_order: the group of {} elements has no subgroup of order {} "
                    "that two elements generate; choose another order",
                    group.order, order));
  }
  if (order == 0 && cosets->subgroup.size() == 1) {
    throw Error(
        fmt::format("colour coset: the group of {} elements has no subgroup but itself and "
                    "its identity; use another colour",
                    group.order));
  }
  ElementColours colours;
  for (std::size_t element = 0; element < group.order; ++element) {
    const auto number = cosets->number[element];
    if (number == colours.groups.size()) {
      colours.groups.push_back({"coset of " + analysis.names[element], number, {}, {}});
    }
    colours.groups[number].elements.push_back(element);
  }
  const auto size = cosets->subgroup.size();
  colours.caption = fmt::format(
      "Colours are the {} {} cosets of a subgroup of order {}: of those the one by "
      "whose cosets the rows are purest ({:.1f} % of elements have their nearest other "
      "row, by cosine, in their own coset; for one subgroup chance gives {:.1f} %).",
      colours.groups.size(), cosets->is_left ? "left" : "right", size, 100 * cosets->purity,
      100 * static_cast<double>(size - 1) / static_cast<double>(group.order - 1));
  return colours;
}

}  // namespace

ElementColours element_colours(const Analysis& analysis, const Points& rows,
                               const ElementColouring& colouring) {
  auto by = colouring.by;
  if (by == "auto") by = symmetric_table(permutations_named(analysis.names)) ? "coset" : "residue";
  if (by == "residue") return by_number(analysis);
  if (by == "discrete_logarithm") return by_logarithm(analysis);
  if (by == "parity") return by_parity(analysis);
  if (by == "coset") {
    return by_coset(analysis, rows, static_cast<std::size_t>(colouring.subgroup_order));
  }
  return {{{"", 0, all_of(analysis), {}}}, "", ""};
}

}  // namespace groklab
