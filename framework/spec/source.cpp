#include "spec/source.h"

#include "base/files.h"
#include "spec/scalars.h"

#include <fmt/format.h>

#include <algorithm>

namespace groklab {
namespace {

constexpr std::size_t kMaxExtends = 16;

YamlNode scalar_map(const std::vector<std::string>& keys, const YamlNode& value) {
  YamlNode map;
  map.kind = YamlNode::Kind::map;
  map.mark = value.mark;
  for (const auto& key : keys) map.entries.push_back({key, value.mark, value});
  return map;
}

bool is_plugin_section(const std::string& key) {
  return key == "operation" || key == "model" || key == "loss" || key == "optimizer";
}

// Short forms become long ones before merging: `operation: add` and `seed: 3`.
void expand_short_forms(YamlNode& root) {
  for (auto& [key, mark, value] : root.entries) {
    if (value.kind == YamlNode::Kind::scalar) {
      if (is_plugin_section(key)) value = scalar_map({"name"}, value);
      if (key == "seed") value = scalar_map({"split", "init", "batches", "noise"}, value);
    }
    if (key == "regularizers" || key == "probes") {
      for (auto& item : value.items) {
        if (item.kind == YamlNode::Kind::scalar) item = scalar_map({"name"}, item);
      }
    }
  }
}

bool names_another_plugin(const YamlNode& base, const YamlNode& over) {
  const auto* from = base.find("name");
  const auto* to = over.find("name");
  return from != nullptr && to != nullptr && from->value.scalar != to->value.scalar;
}

void merge(YamlNode& base, YamlNode over) {
  if (base.kind != YamlNode::Kind::map || over.kind != YamlNode::Kind::map) {
    base = std::move(over);
    return;
  }
  if (names_another_plugin(base, over)) {
    for (auto& entry : base.entries) entry.value.foreign = true;
  }
  for (auto& entry : over.entries) {
    const auto same = std::find_if(base.entries.begin(), base.entries.end(),
                                   [&](const auto& other) { return other.key == entry.key; });
    if (same == base.entries.end()) {
      base.entries.push_back(std::move(entry));
    } else {
      same->mark = entry.mark;
      merge(same->value, std::move(entry.value));
    }
  }
}

YamlNode load_file(const std::filesystem::path& file, std::vector<std::filesystem::path> chain) {
  const auto identity = std::filesystem::weakly_canonical(file);
  if (std::find(chain.begin(), chain.end(), identity) != chain.end()) {
    throw Error(fmt::format("{}: extends itself, through {} file(s)", file.string(), chain.size()));
  }
  if (chain.size() >= kMaxExtends) {
    throw Error(
        fmt::format("{}: more than {} files extend one another", file.string(), kMaxExtends));
  }
  chain.push_back(identity);

  auto root = parse_yaml(read_file(file), file.lexically_normal().string());
  if (root.kind != YamlNode::Kind::map) {
    throw Error(fmt::format("{}: a spec is a map of keys, but this is {}", root.mark.text(),
                            root.kind_name()));
  }
  expand_short_forms(root);
  const auto* extends = root.find("extends");
  if (extends == nullptr) return root;
  if (extends->value.kind != YamlNode::Kind::scalar) {
    throw Error(fmt::format("{}: extends: expected the path of a spec, found {}",
                            extends->value.mark.text(), extends->value.kind_name()));
  }
  const auto base_file = file.parent_path() / extends->value.scalar;
  if (!std::filesystem::exists(base_file)) {
    throw Error(fmt::format("{}: extends: there is no file {} (paths are relative to the spec)",
                            extends->value.mark.text(), base_file.lexically_normal().string()));
  }
  auto merged = load_file(base_file, std::move(chain));
  merged.mark = root.mark;  // what is missing is missing in the file that was named
  merge(merged, std::move(root));
  return merged;
}

// regularizers.0.strength: an index steps into a list that is there already. Returns where the
// value goes, or nullptr after reporting that there is no such place.
YamlNode* descend(YamlNode& root, const std::vector<std::string>& path, const Mark& mark,
                  const std::string& text, Problems& problems) {
  YamlNode* node = &root;
  for (const auto& step : path) {
    if (node->kind == YamlNode::Kind::sequence) {
      const auto index = parse_integer(step);
      if (!index || *index < 0 || *index >= static_cast<std::int64_t>(node->items.size())) {
        problems.add(
            mark, text,
            fmt::format("'{}' is not an index of a list of {} items", step, node->items.size()));
        return nullptr;
      }
      node = &node->items[static_cast<std::size_t>(*index)];
    } else {
      if (node->kind != YamlNode::Kind::map) {
        *node = {.kind = YamlNode::Kind::map, .mark = mark};
      }
      if (node->find(step) == nullptr) node->entries.push_back({step, mark, {.mark = mark}});
      auto* entry = const_cast<YamlNode::Entry*>(node->find(step));
      entry->mark = mark;
      node = &entry->value;
    }
  }
  return node;
}

std::vector<std::string> split_path(const std::string& text) {
  std::vector<std::string> steps{""};
  for (const char letter : text) {
    if (letter == '.') {
      steps.emplace_back();
    } else {
      steps.back() += letter;
    }
  }
  return steps;
}

void set_mark(YamlNode& node, const Mark& mark) {
  node.mark = mark;
  for (auto& item : node.items) set_mark(item, mark);
  for (auto& entry : node.entries) {
    entry.mark = mark;
    set_mark(entry.value, mark);
  }
}

// A whole section, or the name of its plugin: optimizer, optimizer.name, seed.
bool names_a_section(const std::vector<std::string>& steps) {
  return steps.size() == 1 || (steps.size() == 2 && steps[1] == "name");
}

// optimizer=sgd or optimizer.name=sgd.
bool names_a_plugin(const std::string& override_text) {
  const auto steps = split_path(override_text.substr(0, override_text.find('=')));
  return is_plugin_section(steps[0]) && names_a_section(steps);
}

// {a: {b: value}} for the path a.b.
YamlNode nested(const std::vector<std::string>& steps, YamlNode value) {
  for (auto step = steps.rbegin(); step != steps.rend(); ++step) {
    YamlNode map{.kind = YamlNode::Kind::map, .mark = value.mark};
    map.entries.push_back({*step, value.mark, std::move(value)});
    value = std::move(map);
  }
  return value;
}

void apply_override(YamlNode& root, const std::string& text, Problems& problems) {
  const Mark mark{std::make_shared<const std::string>("command line"), 0, 0};
  const auto equals = text.find('=');
  const auto path = text.substr(0, equals);
  const auto steps = split_path(path);
  const bool empty_step = std::find(steps.begin(), steps.end(), "") != steps.end();
  if (equals == std::string::npos || empty_step) {
    problems.add(mark, "",
                 fmt::format("'{}' is not an override; write key=value, such as "
                             "optimizer.learning_rate=3e-4",
                             text));
    return;
  }
  if (path == "extends") {
    problems.add(mark, path, "cannot be overridden; write a spec that extends the other file");
    return;
  }
  YamlNode value;
  try {
    value = parse_yaml(text.substr(equals + 1), path);
    set_mark(value, mark);
  } catch (const Error& error) {
    problems.add(mark, "", error.what());
    return;
  }
  // Built as a small spec of its own, then merged, so that short forms and a change of plugin mean
  // the same as in a file.
  if (names_a_section(steps)) {
    auto spec = nested(steps, std::move(value));
    expand_short_forms(spec);
    merge(root, std::move(spec));
  } else if (auto* place = descend(root, steps, value.mark, path, problems)) {
    *place = std::move(value);
  }
}

}  // namespace

YamlNode load_spec(const std::filesystem::path& file, const std::vector<std::string>& overrides) {
  auto root = load_file(file, {});
  Problems problems;
  // Names first, so that a plugin's parameters are its own whatever the order on the command line.
  auto ordered = overrides;
  std::stable_partition(ordered.begin(), ordered.end(), names_a_plugin);
  for (const auto& text : ordered) apply_override(root, text, problems);
  problems.throw_if_any();
  expand_short_forms(root);  // probes.0=weight_norm
  return root;
}

}  // namespace groklab
