#include "spec/exclusions.h"

#include "spec/merge.h"
#include "spec/scalars.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <set>

namespace groklab {
namespace {

using Kind = YamlNode::Kind;

// Whether each value of `part` is in `spec`. Numbers are the same however they are written.
bool contains(const YamlNode& spec, const YamlNode& part) {
  if (part.kind == Kind::map) {
    return std::all_of(part.entries.begin(), part.entries.end(), [&](const auto& entry) {
      const auto* place = child(spec, entry.key);
      return place != nullptr && contains(*place, entry.value);
    });
  }
  if (part.kind != spec.kind) return false;
  if (part.kind == Kind::sequence) {
    return std::equal(part.items.begin(), part.items.end(), spec.items.begin(), spec.items.end(),
                      [](const auto& a, const auto& b) { return contains(b, a); });
  }
  if (part.scalar == spec.scalar) return true;
  const auto a = parse_real(part.scalar), b = parse_real(spec.scalar);
  return a && b && *a == *b;
}

// The same text for scalars that contains() takes for equal.
std::string canonical(const std::string& scalar) {
  const auto number = parse_real(scalar);
  return number ? fmt::format("{}", *number == 0 ? 0.0 : *number) : scalar;
}

// The first value of a small spec, if that is a single one, with its path.
struct Leaf {
  std::vector<std::string> path;
  std::string value;
};

std::optional<Leaf> first_leaf(const YamlNode& spec) {
  Leaf leaf;
  const auto* node = &spec;
  while (node->kind == Kind::map && !node->entries.empty()) {
    leaf.path.push_back(node->entries.front().key);
    node = &node->entries.front().value;
  }
  if (node->kind != Kind::scalar) return std::nullopt;
  leaf.value = canonical(node->scalar);
  return leaf;
}

// What a place may have, all at one path; none: it cannot be looked up so.
std::vector<Leaf> leaves_of(const std::vector<YamlNode>& place) {
  std::vector<Leaf> leaves;
  for (const auto& value : place) {
    auto leaf = first_leaf(value);
    if (!leaf || (!leaves.empty() && leaf->path != leaves.front().path)) return {};
    leaves.push_back(std::move(*leaf));
  }
  return leaves;
}

}  // namespace

bool Exclusion::matches(const YamlNode& spec) const {
  return std::all_of(places.begin(), places.end(), [&](const auto& values) {
    return std::any_of(values.begin(), values.end(),
                       [&](const auto& value) { return contains(spec, value); });
  });
}

Exclusions::Exclusions(std::vector<Exclusion> all) : all_(std::move(all)) {
  std::map<Path, std::set<std::string>> values;
  for (const auto& exclusion : all_) {
    for (const auto& place : exclusion.places) {
      for (const auto& [path, value] : leaves_of(place)) values[path].insert(value);
    }
  }
  for (std::size_t i = 0; i < all_.size(); ++i) {
    std::vector<Leaf> best;
    for (const auto& place : all_[i].places) {
      auto leaves = leaves_of(place);
      if (leaves.empty()) continue;
      const auto count = [&](const auto& of) { return values.at(of.front().path).size(); };
      if (best.empty() || count(leaves) > count(best)) best = std::move(leaves);
    }
    if (best.empty()) others_.push_back(i);
    for (const auto& [path, value] : best) by_[path][value].push_back(i);
  }
}

bool Exclusions::match(const YamlNode& spec) const {
  const auto matches = [&](std::size_t i) { return all_[i].matches(spec); };
  for (const auto& [path, numbers] : by_) {
    const auto* node = &spec;
    for (const auto& step : path) {
      if (node != nullptr) node = child(*node, step);
    }
    if (node == nullptr || node->kind != Kind::scalar) continue;
    const auto found = numbers.find(canonical(node->scalar));
    if (found == numbers.end()) continue;
    if (std::any_of(found->second.begin(), found->second.end(), matches)) return true;
  }
  return std::any_of(others_.begin(), others_.end(), matches);
}

}  // namespace groklab
