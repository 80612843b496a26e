#include "spec/sweep_section.h"

#include "base/text.h"
#include "spec/axis_values.h"
#include "spec/reader.h"
#include "spec/scalars.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <optional>
#include <tuple>
#include <unordered_map>
#include <unordered_set>

namespace groklab {
namespace {

using Kind = YamlNode::Kind;

std::string found(const YamlNode& node) {
  return node.kind == Kind::map ? "an empty map" : node.kind_name();
}

class SweepReader {
 public:
  SweepReader(const YamlNode& root, Problems& problems)
      : root_(root), problems_(problems), swept_(swept_paths(root)) {
    for (const auto& [text, mark] : swept_) {
      swept_forms_.insert(text);
      if (const auto path = parse_path(text)) swept_forms_.insert(path->long_form());
    }
  }

  SweepSection read() {
    section_.mark = root_.mark;
    const auto* sweep = root_.find("sweep");
    if (sweep == nullptr || !holds(sweep->value, Kind::map, "sweep")) return std::move(section_);
    section_.mark = sweep->mark;
    reject_unknown_keys(sweep->value);
    if (const auto* variants = part(sweep->value, "variants", Kind::map)) {
      for (const auto& entry : variants->entries) add_variant(entry);
      claim_variants();
    }
    if (const auto* grid = part(sweep->value, "grid", Kind::map)) {
      for (const auto& entry : grid->entries) add_axis({{setting(entry, "sweep.grid.")}});
    }
    if (const auto* zip = part(sweep->value, "zip", Kind::sequence)) {
      for (std::size_t i = 0; i < zip->items.size(); ++i) {
        walk_together(zip->items[i], fmt::format("sweep.zip.{}", i));
      }
    }
    if (const auto* seeds = sweep->value.find("seeds")) count_seeds(*seeds);
    if (const auto* exclude = part(sweep->value, "exclude", Kind::sequence)) {
      for (std::size_t i = 0; i < exclude->items.size(); ++i) {
        leave_out(exclude->items[i], fmt::format("sweep.exclude.{}", i));
      }
    }
    return std::move(section_);
  }

 private:
  // False if there is nothing, and after reporting if it is something else.
  bool holds(const YamlNode& node, Kind kind, const std::string& path) {
    if (node.kind != kind && node.kind != Kind::null) {
      problems_.add(node.mark, path,
                    fmt::format("expected {}, found {}",
                                kind == Kind::map ? "a map of keys" : "a list", node.kind_name()));
    }
    return node.kind == kind;
  }

  const YamlNode* part(const YamlNode& sweep, const std::string& key, Kind kind) {
    const auto* entry = sweep.find(key);
    return entry != nullptr && holds(entry->value, kind, "sweep." + key) ? &entry->value : nullptr;
  }

  void reject_unknown_keys(const YamlNode& sweep) {
    static const std::vector<std::string> known{"variants", "grid", "zip", "exclude", "seeds"};
    for (const auto& [key, mark, value] : sweep.entries) {
      if (std::find(known.begin(), known.end(), key) != known.end()) continue;
      problems_.add(mark, "sweep." + key, "unknown key" + suggestion(key, known));
    }
  }

  // nullopt after reporting why.
  std::optional<SpecPath> path_of(const YamlNode::Entry& entry, const std::string& where) {
    auto path = parse_path(entry.key);
    if (!path) {
      problems_.add(entry.mark, where, "not a path, such as optimizer.learning_rate");
    } else if (!can_be_swept(*path)) {
      problems_.add(entry.mark, where, "is the same for all cells of a sweep");
      path.reset();
    }
    return path;
  }

  // An extended spec's variant is left out by giving it nothing.
  void add_variant(const YamlNode::Entry& entry) {
    const auto where = "sweep.variants." + entry.key;
    if (entry.value.kind == Kind::null) return;
    if (!holds(entry.value, Kind::map, where)) return;
    if (!is_experiment_name(entry.key)) {
      problems_.add(entry.mark, where, "a variant's name is of letters, digits, _ and -");
    }
    Variant variant{entry.key, {}};
    for (const auto& setting : entry.value.entries) {
      auto path = path_of(setting, where + "." + setting.key);
      if (path) variant.settings.push_back({std::move(*path), setting.mark, setting.value});
    }
    section_.variants.push_back(std::move(variant));
  }

  // No other axis may vary what a variant sets.
  void claim_variants() {
    for (const auto& variant : section_.variants) {
      for (const auto& [path, mark, value] : variant.settings) {
        taken_.emplace(path.long_form(), mark);
      }
    }
  }

  // Without values after reporting why.
  SweptSetting setting(const YamlNode::Entry& entry, const std::string& prefix) {
    const auto where = prefix + entry.key;
    auto path = path_of(entry, where);
    if (!path) return {};
    auto values = axis_values(entry.value, where, problems_);
    return {std::move(*path), entry.mark, std::move(values).value_or(std::vector<YamlNode>{})};
  }

  void add_axis(SweepAxis axis) {
    for (const auto& [path, mark, values] : axis.settings) {
      if (values.empty()) return;
    }
    for (const auto& [path, mark, values] : axis.settings) {
      if (is_taken(path, mark)) return;
      taken_.emplace(path.long_form(), mark);
    }
    section_.axes.push_back(std::move(axis));
  }

  bool is_taken(const SpecPath& path, const Mark& mark) {
    const auto taken = taken_.find(path.long_form());
    if (taken == taken_.end()) return false;
    problems_.add(mark, path.text,
                  fmt::format("is swept twice; {} does it too", taken->second.text()));
    return true;
  }

  void walk_together(const YamlNode& map, const std::string& path) {
    if (map.kind != Kind::map || map.entries.empty()) {
      problems_.add(map.mark, path,
                    "expected a map of paths with lists of one length, found " + found(map));
      return;
    }
    SweepAxis axis;
    for (const auto& entry : map.entries) axis.settings.push_back(setting(entry, path + "."));
    const auto& first = axis.settings.front();
    for (const auto& [other, mark, values] : axis.settings) {
      if (first.values.empty() || values.empty() || values.size() == first.values.size()) continue;
      problems_.add(mark, path + "." + other.text,
                    fmt::format("{} values, but {} has {}; lists walked together are of one length",
                                values.size(), first.path.text, first.values.size()));
      return;
    }
    add_axis(std::move(axis));
  }

  void count_seeds(const YamlNode::Entry& entry) {
    const auto& node = entry.value;
    const bool plain = node.kind == Kind::scalar && !node.quoted;
    const auto count = plain ? parse_integer(node.scalar) : std::nullopt;
    if (!count || *count < 1 || *count > static_cast<std::int64_t>(kMaxCells)) {
      problems_.add(
          node.mark, "sweep.seeds",
          fmt::format("expected an integer in [1, {}], found {}", kMaxCells, node.kind_name()));
      return;
    }
    SweptSetting seeds{*parse_path("seed"), entry.mark, {}};
    for (std::int64_t seed = 0; seed < *count; ++seed) {
      seeds.values.push_back(
          {.kind = Kind::scalar, .mark = node.mark, .scalar = std::to_string(seed)});
    }
    add_axis({{std::move(seeds)}});
  }

  void leave_out(const YamlNode& map, const std::string& where) {
    if (map.kind != Kind::map || map.entries.empty()) {
      problems_.add(
          map.mark, where,
          "expected a map of paths with a value or a list of values each, found " + found(map));
      return;
    }
    Exclusion exclusion;
    for (const auto& [key, mark, value] : map.entries) {
      const auto path = parse_path(key);
      if (!path || !is_known(*path)) {
        std::vector<std::string> axes;
        for (const auto& [text, place] : swept_) axes.push_back(text);
        problems_.add(mark, where + "." + key,
                      "neither swept nor set in this spec" +
                          (problems_.are_many() ? "" : suggestion(key, axes)));
        return;
      }
      auto& values = exclusion.places.emplace_back();
      const bool several = value.kind == Kind::sequence;
      for (const auto& one : several ? value.items : std::vector{value}) {
        auto& spec = values.emplace_back(nested(*path, mark, one));
        expand_short_forms(spec);
      }
    }
    section_.exclusions.push_back(std::move(exclusion));
  }

  // Whether a sweep or the spec has such a setting. Not every one that is set is swept: the command
  // line may have given an axis one value.
  bool is_known(const SpecPath& path) const {
    if (path.text == kVariantKey && !section_.variants.empty()) return true;
    if (swept_forms_.contains(path.long_form())) return true;
    for (auto end = path.text.find('.'); end != std::string::npos;
         end = path.text.find('.', end + 1)) {
      if (swept_forms_.contains(path.text.substr(0, end))) return true;
    }
    return find_place(root_, path) != nullptr;
  }

  const YamlNode& root_;
  Problems& problems_;
  const std::vector<std::pair<std::string, Mark>> swept_;
  std::unordered_set<std::string> swept_forms_;  // these paths, and their long forms
  SweepSection section_;
  std::unordered_map<std::string, Mark> taken_;  // long forms of the paths of the axes so far
};

}  // namespace

void order(std::vector<Assignment>& assignments) {
  std::stable_sort(assignments.begin(), assignments.end(), [](const auto& a, const auto& b) {
    const auto rank = [](const SpecPath& path) {
      return std::tuple(!path.names_a_plugin(), path.steps.size());
    };
    return rank(a.path) < rank(b.path);
  });
}

SweepSection read_sweep_section(const YamlNode& root, Problems& problems) {
  return SweepReader(root, problems).read();
}

std::vector<std::pair<std::string, Mark>> swept_paths(const YamlNode& root) {
  std::vector<std::pair<std::string, Mark>> paths;
  const auto* sweep = root.find("sweep");
  if (sweep == nullptr) return paths;
  const auto add = [&](const YamlNode& map) {
    for (const auto& entry : map.entries) paths.emplace_back(entry.key, entry.mark);
  };
  if (const auto* grid = sweep->value.find("grid")) add(grid->value);
  if (const auto* zip = sweep->value.find("zip")) {
    for (const auto& map : zip->value.items) add(map);
  }
  if (const auto* seeds = sweep->value.find("seeds")) paths.emplace_back("seed", seeds->mark);
  return paths;
}

bool can_be_swept(const SpecPath& path) {
  static constexpr std::array kSame{"experiment", "claim",   "extends", "plugins",
                                    "sweep",      "figures", "expect"};
  return std::find(kSame.begin(), kSame.end(), path.steps[0]) == kSame.end();
}

}  // namespace groklab
