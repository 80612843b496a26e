#include "spec/merge.h"

#include "base/text.h"
#include "spec/reader.h"
#include "spec/scalars.h"

#include <fmt/format.h>

#include <algorithm>
#include <functional>
#include <unordered_map>

namespace groklab {
namespace {

using Kind = YamlNode::Kind;

YamlNode scalar_map(const std::vector<std::string>& keys, const YamlNode& value) {
  YamlNode map{.kind = Kind::map, .mark = value.mark};
  for (const auto& key : keys) map.entries.push_back({key, value.mark, value});
  return map;
}

// Whether one plugin, or a list of them, stands under a key.
bool holds_plugins(const std::string& key, bool is_list) {
  const auto& sections = plugin_sections();
  return std::any_of(sections.begin(), sections.end(), [&](const auto& section) {
    return section.key == key && section.is_list == is_list;
  });
}

bool is_plugin_section(const std::string& key) { return holds_plugins(key, false); }

bool names_another_plugin(const YamlNode& base, const YamlNode& over) {
  const auto* from = base.find("name");
  const auto* to = over.find("name");
  return from != nullptr && to != nullptr && from->value.scalar != to->value.scalar;
}

// Finds entries that a map has now. Of many that are looked for, by an index.
std::function<YamlNode::Entry*(const std::string&)> finder(YamlNode& map, std::size_t searches) {
  constexpr std::size_t kFew = 32;
  if (searches <= kFew) return [&map](const std::string& key) { return map.find(key); };
  std::unordered_map<std::string, std::size_t> places;
  for (std::size_t i = 0; i < map.entries.size(); ++i) places.emplace(map.entries[i].key, i);
  return [&map, places = std::move(places)](const std::string& key) {
    const auto place = places.find(key);
    return place == places.end() ? nullptr : &map.entries[place->second];
  };
}

void merge(YamlNode& base, YamlNode over) {
  if (base.kind != Kind::map || over.kind != Kind::map) {
    base = std::move(over);
    return;
  }
  if (names_another_plugin(base, over)) {
    for (auto& entry : base.entries) entry.value.foreign = true;
  }
  const auto same_key = finder(base, over.entries.size());
  for (auto& entry : over.entries) {
    if (auto* same = same_key(entry.key)) {
      same->mark = entry.mark;
      merge(same->value, std::move(entry.value));
    } else {
      base.entries.push_back(std::move(entry));
    }
  }
}

std::string long_form(const std::string& text) {
  const auto path = parse_path(text);
  return path ? path->long_form() : text;
}

void drop_seeds(YamlNode& root) {
  if (auto* sweep = root.find("sweep")) {
    std::erase_if(sweep->value.entries, [](const auto& entry) { return entry.key == "seeds"; });
  }
}

// A variant is replaced as a whole too; those that only the base has stay.
void replace_variants(YamlNode& base, YamlNode& over) {
  auto* old_variants = sweep_part(base, "variants");
  const auto* new_variants = sweep_part(over, "variants");
  if (old_variants == nullptr || new_variants == nullptr) return;
  const auto old_of = finder(*old_variants, new_variants->entries.size());
  for (const auto& variant : new_variants->entries) {
    if (auto* old = old_of(variant.key)) old->value = {};
  }
}

// An axis is replaced as a whole, in its place, whichever way it is written: {from, to, step} does
// not mix with {from, to, points}, nor `seeds` with an axis `seed`.
void replace_axes(YamlNode& base, YamlNode& over) {
  auto* old_axes = sweep_part(base, "grid");
  auto* new_axes = sweep_part(over, "grid");
  if (old_axes != nullptr && new_axes != nullptr) {
    std::unordered_map<std::string, const YamlNode::Entry*> by_form;
    for (const auto& axis : new_axes->entries) by_form[long_form(axis.key)] = &axis;
    for (auto& old : old_axes->entries) {
      const auto axis = by_form.find(long_form(old.key));
      if (axis != by_form.end()) old = {axis->second->key, axis->second->mark, {}};
    }
  }
  if (new_axes != nullptr && new_axes->find("seed") != nullptr) drop_seeds(base);
  if (sweep_part(over, "seeds") != nullptr) drop_axis(base, *parse_path("seed"));
}

// There is no such item in the list of `size` items that stands at steps[0 … depth).
std::string no_such_item(const std::vector<std::string>& steps, std::size_t depth,
                         std::size_t size) {
  const auto list = join({steps.begin(), steps.begin() + static_cast<std::ptrdiff_t>(depth)}, ".");
  const auto there = size == 0   ? "is empty"
                     : size == 1 ? "has the item 0 alone"
                                 : fmt::format("has the items 0 to {}", size - 1);
  return fmt::format("there is no item '{}': {} {}; to add one, write the whole list, {}=[…]",
                     steps[depth], list, there, list);
}

// Returns where the value goes, or nullptr after reporting that there is no such place.
YamlNode* descend(YamlNode& root, const SpecPath& path, const Mark& mark, Problems& problems) {
  YamlNode* node = &root;
  for (std::size_t depth = 0; depth < path.steps.size(); ++depth) {
    const auto& step = path.steps[depth];
    if (node->kind == Kind::sequence) {
      const auto size = node->items.size();
      node = const_cast<YamlNode*>(child(*node, step));
      if (node == nullptr) {
        problems.add(mark, path.text, no_such_item(path.steps, depth, size));
        return nullptr;
      }
    } else {
      if (node->kind != Kind::map) *node = {.kind = Kind::map, .mark = mark};
      if (node->find(step) == nullptr) node->entries.push_back({step, mark, {.mark = mark}});
      auto* entry = node->find(step);
      entry->mark = mark;
      node = &entry->value;
    }
  }
  return node;
}

}  // namespace

bool SpecPath::names_a_section() const {
  return steps.size() == 1 || (steps.size() == 2 && steps[1] == "name");
}

bool SpecPath::names_a_plugin() const { return is_plugin_section(steps[0]) && names_a_section(); }

std::string SpecPath::long_form() const { return names_a_plugin() ? steps[0] + ".name" : text; }

bool takes_a_list(const std::string& key) { return holds_plugins(key, true); }

std::optional<SpecPath> parse_path(std::string_view text) {
  SpecPath path{std::string(text), {""}};
  for (const char letter : text) {
    if (letter == '.') {
      path.steps.emplace_back();
    } else {
      path.steps.back() += letter;
    }
  }
  const bool empty_step = std::find(path.steps.begin(), path.steps.end(), "") != path.steps.end();
  const bool is_path = !empty_step && path.steps.size() <= kMaxDepth;
  return is_path ? std::optional(std::move(path)) : std::nullopt;
}

const YamlNode* child(const YamlNode& node, std::string_view step) {
  if (node.kind == Kind::sequence) {
    const auto index = parse_integer(step);
    const bool is_there =
        index && *index >= 0 && *index < static_cast<std::int64_t>(node.items.size());
    return is_there ? &node.items[static_cast<std::size_t>(*index)] : nullptr;
  }
  const auto* entry = node.find(step);
  return entry == nullptr ? nullptr : &entry->value;
}

YamlNode* sweep_part(YamlNode& root, const char* key) {
  auto* sweep = root.find("sweep");
  auto* part = sweep == nullptr ? nullptr : sweep->value.find(key);
  return part == nullptr ? nullptr : &part->value;
}

const YamlNode* find_place(const YamlNode& root, const SpecPath& path) {
  const YamlNode* node = &root;
  for (const auto& step : path.steps) {
    if (node != nullptr) node = child(*node, step);
  }
  return node;
}

void expand_short_forms(YamlNode& root) {
  for (auto& [key, mark, value] : root.entries) {
    if (value.kind == Kind::scalar) {
      if (is_plugin_section(key)) value = scalar_map({"name"}, value);
      if (key == "seed") value = scalar_map({"split", "init", "batches", "noise"}, value);
    }
    if (takes_a_list(key)) {
      for (auto& item : value.items) {
        if (item.kind == Kind::scalar) item = scalar_map({"name"}, item);
      }
    }
  }
}

void drop_axis(YamlNode& root, const SpecPath& path) {
  if (auto* grid = sweep_part(root, "grid")) {
    std::erase_if(grid->entries,
                  [&](const auto& axis) { return long_form(axis.key) == path.long_form(); });
  }
  if (path.text == "seed") drop_seeds(root);
}

void merge_spec(YamlNode& base, YamlNode over) {
  replace_variants(base, over);
  replace_axes(base, over);
  merge(base, std::move(over));
}

YamlNode nested(const SpecPath& path, const Mark& key, YamlNode value) {
  for (auto step = path.steps.rbegin(); step != path.steps.rend(); ++step) {
    YamlNode map{.kind = Kind::map, .mark = value.mark};
    map.entries.push_back({*step, key, std::move(value)});
    value = std::move(map);
  }
  return value;
}

void assign(YamlNode& root, const SpecPath& path, const Mark& key, YamlNode value,
            Problems& problems) {
  // Built as a small spec of its own, then merged, so that short forms and a change of plugin mean
  // the same as in a file.
  if (path.names_a_section()) {
    auto spec = nested(path, key, std::move(value));
    expand_short_forms(spec);
    merge_spec(root, std::move(spec));
  } else if (auto* place = descend(root, path, key, problems)) {
    *place = std::move(value);
  }
}

}  // namespace groklab
