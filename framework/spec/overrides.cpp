#include "spec/overrides.h"

#include "base/text.h"
#include "spec/merge.h"
#include "spec/sweep_section.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>

namespace groklab {
namespace {

using Kind = YamlNode::Kind;

constexpr std::size_t kShownBytes = 200;  // of an override, in a message
constexpr std::string_view kGrid = "sweep.grid.";

void set_mark(YamlNode& node, const Mark& mark) {
  node.mark = mark;
  for (auto& item : node.items) set_mark(item, mark);
  for (auto& entry : node.entries) {
    entry.mark = mark;
    set_mark(entry.value, mark);
  }
}

// optimizer=sgd or optimizer.name=sgd.
bool names_a_plugin(const std::string& override_text) {
  const auto path = parse_path(override_text.substr(0, override_text.find('=')));
  return path && path->names_a_plugin();
}

bool chooses_variants(const std::string& override_text) {
  return override_text.starts_with(std::string(kVariantKey) + "=");
}

// range(0.2, 0.8, 0.1) as {from: 0.2, to: 0.8, step: 0.1}.
std::optional<YamlNode> read_range(const std::string& text, const std::string& file) {
  constexpr std::string_view kOpening = "range(";
  if (!text.starts_with(kOpening) || !text.ends_with(')')) return std::nullopt;
  const auto inside = text.substr(kOpening.size(), text.size() - kOpening.size() - 1);
  const auto numbers = parse_yaml("[" + inside + "]", file);
  if (numbers.items.size() != 3) {
    throw Error(fmt::format("'{}' is not range(from, to, step)", text));
  }
  YamlNode range{.kind = Kind::map, .mark = {}};
  for (std::size_t i = 0; const auto* key : {"from", "to", "step"}) {
    range.entries.push_back({key, {}, numbers.items[i++]});
  }
  return range;
}

class Overrider {
 public:
  Overrider(YamlNode& root, Problems& problems) : root_(root), problems_(problems) {}

  void apply(const std::string& text) {
    const auto equals = text.find('=');
    auto path = parse_path(text.substr(0, equals));
    if (equals == std::string::npos || !path) {
      problems_.add(mark_, "",
                    fmt::format("'{}' is not an override; write key=value, such as "
                                "optimizer.learning_rate=3e-4",
                                shortened(text, kShownBytes)));
      return;
    }
    if (is_misspelt(text, path->text, text.substr(equals + 1))) return;
    if (path->text == "extends") {
      problems_.add(mark_, path->text,
                    "cannot be overridden; write a spec that extends the other file");
      return;
    }
    try {
      auto* variants = sweep_part(root_, "variants");
      if (path->text == kVariantKey && variants != nullptr) {
        return choose_variants(*variants, split(text.substr(equals + 1), ','));
      }
      set(*path, text.substr(equals + 1));
    } catch (const Error& error) {
      problems_.add(mark_, "", error.what());
    }
  }

  // A sweep sets its values last, over what is set here.
  void refuse_what_has_no_effect() {
    refuse_what_variants_replace();
    for (const auto& [axis, place] : swept_paths(root_)) {
      const auto swept = parse_path(axis);
      if (!swept) continue;
      for (const auto& path : set_) {
        if (!sets_all_of(*swept, path)) continue;
        problems_.add(mark_, path.text,
                      fmt::format("has no effect, because {} is swept ({}); sweep= sweeps nothing",
                                  axis, place.text()));
      }
    }
  }

 private:
  // True after reporting a key that is none because of how the override is written.
  bool is_misspelt(const std::string& text, const std::string& key, const std::string& value) {
    const auto first = key.find_first_not_of(" \t"), last = key.find_last_not_of(" \t+");
    const auto name = last == std::string::npos ? key : key.substr(first, last + 1 - first);
    if (name == key) return false;
    const auto start = std::min(value.find_first_not_of(" \t"), value.size());
    problems_.add(
        mark_, "",
        key.ends_with('+')
            ? fmt::format("'{}' would add to a value, and an override replaces it: write the "
                          "whole value, {}=…",
                          text, name)
            : fmt::format("'{}' has spaces beside =; write {}={}", text, name,
                          value.substr(start)));
    return true;
  }

  // One variant is set, and there is no such axis any more; of several the others are left out.
  void choose_variants(YamlNode& variants, const std::vector<std::string>& names) {
    std::vector<std::string> known;
    for (const auto& variant : variants.entries) {
      if (variant.value.kind != Kind::null) known.push_back(variant.key);
    }
    if (names.empty()) {
      problems_.add(mark_, kVariantKey, "which? There are: " + join(known, ", "));
      return;
    }
    for (const auto& name : names) {
      if (std::find(known.begin(), known.end(), name) != known.end()) continue;
      problems_.add(mark_, kVariantKey,
                    fmt::format("there is no variant '{}'{}", name, suggestion(name, known)));
      return;
    }
    if (names.size() == 1) {
      const auto chosen = variants.find(names.front())->value;
      variants = {};
      for (auto& [path, mark, value] : settings_of(chosen)) {
        assign(root_, path, mark, std::move(value), problems_);
      }
    } else {
      std::erase_if(variants.entries, [&](const auto& variant) {
        return std::find(names.begin(), names.end(), variant.key) == names.end();
      });
    }
  }

  static std::vector<Assignment> settings_of(const YamlNode& variant) {
    std::vector<Assignment> settings;
    for (const auto& [key, mark, value] : variant.entries) {
      if (auto path = parse_path(key)) settings.push_back({std::move(*path), mark, value});
    }
    order(settings);
    return settings;
  }

  // What all variants set none leaves as it was set here.
  void refuse_what_variants_replace() {
    const auto* variants = sweep_part(root_, "variants");
    if (variants == nullptr || variants->entries.empty()) return;
    for (const auto& path : set_) {
      const bool is_replaced =
          std::all_of(variants->entries.begin(), variants->entries.end(), [&](const auto& variant) {
            const auto settings = settings_of(variant.value);
            return variant.value.kind == Kind::null ||
                   std::any_of(settings.begin(), settings.end(), [&](const auto& setting) {
                     return sets_all_of(setting.path, path);
                   });
          });
      if (!is_replaced) continue;
      problems_.add(mark_, path.text,
                    fmt::format("has no effect, because every variant sets it ({}); variant=NAME "
                                "takes one of them first",
                                variants->mark.text()));
    }
  }

  void set(const SpecPath& path, const std::string& text) {
    const bool is_in_grid = path.text.starts_with(kGrid);
    const auto setting = is_in_grid ? *parse_path(path.text.substr(kGrid.size())) : path;
    auto value = parse_yaml(text, path.text);
    auto values = several(setting, value, text);
    if (values) value = std::move(*values);
    set_mark(value, mark_);
    if (path.text == "sweep.seeds") {
      merge_spec(root_, nested(path, mark_, std::move(value)));
    } else if (values || is_in_grid) {
      sweep(setting, std::move(value));
    } else {
      drop_axis(root_, path);
      set_.push_back(path);
      assign(root_, path, mark_, std::move(value), problems_);
    }
  }

  void sweep(const SpecPath& path, YamlNode values) {
    std::erase_if(set_, [&](const auto& set) { return set.long_form() == path.long_form(); });
    merge_spec(root_, nested({"", {"sweep", "grid", path.text}}, mark_, std::move(values)));
  }

  // The values as an axis writes them, if there are several.
  static std::optional<YamlNode> several(const SpecPath& path, const YamlNode& value,
                                         const std::string& text) {
    if (!can_be_swept(path) || takes_a_list(path.text)) return std::nullopt;
    const bool has_ends = value.find("from") != nullptr || value.find("to") != nullptr;
    if (value.kind == Kind::sequence) return value;
    if (value.kind == Kind::map && has_ends && !path.names_a_plugin()) return value;
    if (value.kind != Kind::scalar || value.quoted) return std::nullopt;
    if (auto range = read_range(value.scalar, path.text)) return range;
    if (value.scalar.find(',') == std::string::npos) return std::nullopt;
    return parse_yaml("[" + text + "]", path.text);
  }

  // Whether a value of the axis replaces all that was set at `path`.
  static bool sets_all_of(const SpecPath& axis, const SpecPath& path) {
    if (axis.long_form() == path.long_form()) return true;
    const bool is_whole = axis.text == "seed" || takes_a_list(axis.text);
    return is_whole && path.text.starts_with(axis.text + ".");
  }

  YamlNode& root_;
  Problems& problems_;
  Mark mark_{std::make_shared<const std::string>("command line"), 0, 0};
  std::vector<SpecPath> set_;
};

}  // namespace

void apply_overrides(YamlNode& root, const std::vector<std::string>& overrides,
                     Problems& problems) {
  // Variants first, which others may change; then names, so that a plugin's parameters are its own
  // whatever the order on the command line.
  auto ordered = overrides;
  std::stable_partition(ordered.begin(), ordered.end(), names_a_plugin);
  std::stable_partition(ordered.begin(), ordered.end(), chooses_variants);
  Overrider overrider(root, problems);
  for (const auto& text : ordered) overrider.apply(text);
  overrider.refuse_what_has_no_effect();
}

}  // namespace groklab
