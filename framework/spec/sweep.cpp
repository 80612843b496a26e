#include "spec/sweep.h"

#include "base/shell.h"
#include "spec/axis_values.h"
#include "spec/sweep_section.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <optional>
#include <unordered_map>
#include <unordered_set>
#include <variant>

namespace groklab {
namespace {

// Asks for each schema once, and for one that is not there too.
SchemaLookup cached(const SchemaLookup& lookup) {
  using Answer = std::variant<std::optional<Schema>, std::string>;
  auto answers = std::make_shared<std::map<std::pair<std::string, std::string>, Answer>>();
  return [lookup, answers](const std::string& kind, const std::string& name) {
    auto found = answers->find({kind, name});
    if (found == answers->end()) {
      Answer answer;
      try {
        answer = lookup(kind, name);
      } catch (const Error& error) {
        answer = std::string(error.what());
      }
      found = answers->emplace(std::pair(kind, name), std::move(answer)).first;
    }
    if (const auto* message = std::get_if<std::string>(&found->second)) throw Error(*message);
    return std::get<std::optional<Schema>>(found->second);
  };
}

constexpr std::size_t kMostProblems = 1000;  // after which no cell is read any more
constexpr double kMostNodes = 5e7;           // of all cells together

std::size_t count_nodes(const YamlNode& node) {
  std::size_t count = 1 + node.scalar.size() / 64;  // a long text counts as several
  for (const auto& item : node.items) count += count_nodes(item);
  for (const auto& entry : node.entries) count += count_nodes(entry.value);
  return count;
}

class Expander {
 public:
  Expander(const YamlNode& root, const SchemaLookup& lookup, Problems& problems)
      : section_(read_sweep_section(root, problems)),
        exclusions_(section_.exclusions),
        base_(root),
        lookup_(cached(lookup)),
        problems_(problems) {
    // The sweep and what reports are to show may be larger than all the rest.
    std::erase_if(base_.entries, [](const auto& entry) {
      return entry.key == "sweep" || entry.key == "figures" || entry.key == "expect";
    });
    if (!section_.variants.empty()) sweep_.keys.emplace_back(kVariantKey);
    for (const auto& axis : section_.axes) {
      for (const auto& setting : axis.settings) sweep_.keys.push_back(setting.path.text);
    }
  }

  Sweep expand() {
    const bool feasible = check_count();
    if (section_.variants.empty()) add_cells(nullptr, feasible);
    for (const auto& variant : section_.variants) add_cells(&variant, feasible);
    if (sweep_.cells.empty())
      problems_.add(section_.mark, "sweep", "exclude leaves out every cell");
    if (problems_.empty()) refuse_equal_cells();
    return std::move(sweep_);
  }

 private:
  // One variant in every way that the other axes can be.
  void add_cells(const Variant* variant, bool are_all) {
    std::vector<std::size_t> position(section_.axes.size(), 0);
    do {
      add_cell(variant, position);
    } while (are_all && problems_.count() < kMostProblems && advance(position));
  }

  bool check_count() {
    auto cells = static_cast<double>(std::max<std::size_t>(section_.variants.size(), 1));
    for (const auto& axis : section_.axes) cells *= static_cast<double>(axis.size());
    if (cells > static_cast<double>(kMaxCells)) {
      problems_.add(section_.mark, "sweep",
                    fmt::format("{:.0f} cells; at most {} are possible, those that are excluded "
                                "counted",
                                cells, kMaxCells));
      return false;
    }
    const auto values = count_nodes(base_) + sweep_.keys.size() + exclusions_.paths();
    if (cells * static_cast<double>(values) <= kMostNodes) return true;
    problems_.add(section_.mark, "sweep",
                  fmt::format("{:.0f} cells of a spec with {} values; at most {:.0f} values are "
                              "possible in all, so make fewer cells or a shorter spec",
                              cells, values, kMostNodes));
    return false;
  }

  // To the next cell; false after the last.
  bool advance(std::vector<std::size_t>& position) const {
    for (std::size_t axis = position.size(); axis-- > 0;) {
      if (++position[axis] < section_.axes[axis].size()) return true;
      position[axis] = 0;
    }
    return false;
  }

  // What a cell sets, in the order in which it is set.
  std::vector<Assignment> assignments(const Variant* variant,
                                      const std::vector<std::size_t>& position) const {
    std::vector<Assignment> all;
    if (variant != nullptr) all = variant->settings;
    for (std::size_t axis = 0; axis < section_.axes.size(); ++axis) {
      for (const auto& [path, mark, values] : section_.axes[axis].settings) {
        all.push_back({path, mark, values[position[axis]]});
      }
    }
    order(all);
    return all;
  }

  // Its variant stands in a spec only for this.
  bool is_excluded(const Variant* variant, YamlNode spec) const {
    if (exclusions_.empty()) return false;
    if (variant != nullptr) {
      spec.entries.push_back(
          {kVariantKey,
           spec.mark,
           {.kind = YamlNode::Kind::scalar, .mark = spec.mark, .scalar = variant->name}});
    }
    return exclusions_.match(spec);
  }

  void add_cell(const Variant* variant, const std::vector<std::size_t>& position) {
    auto spec = base_;
    for (auto& [path, mark, value] : assignments(variant, position)) {
      assign(spec, path, mark, std::move(value), problems_);
    }
    expand_short_forms(spec);
    if (is_excluded(variant, spec)) return;
    sweep_.cells.push_back(
        {read_experiment(spec, lookup_, problems_), coordinates(variant, position)});
  }

  std::vector<std::pair<std::string, std::string>> coordinates(
      const Variant* variant, const std::vector<std::size_t>& position) const {
    std::vector<std::pair<std::string, std::string>> coordinates;
    if (variant != nullptr) coordinates.emplace_back(kVariantKey, variant->name);
    for (std::size_t axis = 0; axis < section_.axes.size(); ++axis) {
      for (const auto& [path, mark, values] : section_.axes[axis].settings) {
        const auto& value = values[position[axis]];
        coordinates.emplace_back(
            path.text, value.kind == YamlNode::Kind::scalar ? value.scalar : flow_text(value));
      }
    }
    return coordinates;
  }

  void refuse_equal_cells() {
    std::unordered_map<std::string, const Cell*> seen;
    std::string first_pair;
    std::size_t pairs = 0;
    for (const auto& cell : sweep_.cells) {
      const auto [other, is_new] = seen.try_emplace(cell.experiment.identity(), &cell);
      if (is_new) continue;
      if (pairs++ == 0) {
        first_pair = fmt::format("({}) and ({})", to_text(other->second->coordinates),
                                 to_text(cell.coordinates));
      }
    }
    if (pairs == 0) return;
    const auto others = pairs == 1 ? "" : fmt::format(", and {} more", pairs - 1);
    problems_.add(section_.mark, "sweep",
                  fmt::format("these cells are the same experiment: {}{}; remove one of the "
                              "values, or leave a cell out by exclude",
                              first_pair, others));
  }

  const SweepSection section_;
  const Exclusions exclusions_;
  YamlNode base_;  // what cells have in common
  const SchemaLookup lookup_;
  Problems& problems_;
  Sweep sweep_;
};

}  // namespace

Sweep expand_sweep(const YamlNode& root, const SchemaLookup& lookup, Problems& problems) {
  return Expander(root, lookup, problems).expand();
}

std::vector<std::string> notes_of(const Sweep& sweep) {
  std::vector<std::string> notes;
  std::unordered_set<std::string> known;
  for (const auto& cell : sweep.cells) {
    for (const auto& note : cell.experiment.notes) {
      if (known.insert(note).second) notes.push_back(note);
    }
  }
  return notes;
}

std::string to_text(const std::vector<std::pair<std::string, std::string>>& coordinates) {
  std::vector<std::string> settings;
  for (const auto& [key, value] : coordinates) settings.push_back(key + "=" + value);
  return shell_command(settings);
}

}  // namespace groklab
