#include "report/matching.h"

#include "base/setting_keys.h"
#include "base/text.h"

#include <fmt/format.h>
#include <groklab/error.h>

#include <algorithm>
#include <array>
#include <map>
#include <set>
#include <utility>

namespace groklab {
namespace {

using Values = std::vector<std::string>;

constexpr std::size_t kShown = 5;  // values in a message
constexpr std::array kSeeds{"seed.split", "seed.init", "seed.batches", "seed.noise"};

void add_once(Values& values, const std::string& value) {
  if (std::find(values.begin(), values.end(), value) == values.end()) values.push_back(value);
}

// The swept keys of both. One seed for all purposes is `seed`, unless a study sweeps that of one
// purpose alone.
Values keys_of(const Study& base, const Study& other) {
  Values keys;
  for (const auto* study : {&base, &other}) {
    for (const auto& key : study->plan().keys) add_once(keys, key);
  }
  const bool has_purposes = std::any_of(keys.begin(), keys.end(), [](const std::string& key) {
    return is_seed(key) && key != "seed";
  });
  const auto seed = std::find(keys.begin(), keys.end(), "seed");
  if (!has_purposes || seed == keys.end()) return keys;
  keys.erase(seed);
  for (const auto* purpose : kSeeds) add_once(keys, purpose);
  return keys;
}

// "" where there is none, or it is not known.
std::string value_of(const Study& study, const StudyCell& cell, const std::string& key) {
  const auto known = study.setting(cell, key);
  if (known && !known->empty()) return *known;
  if (key != "seed") return is_seed(key) ? study.setting(cell, "seed").value_or("") : "";
  const auto first = study.setting(cell, kSeeds.front()).value_or("");
  const bool is_one = std::all_of(kSeeds.begin(), kSeeds.end(), [&](const char* purpose) {
    return study.setting(cell, purpose).value_or("") == first;
  });
  return is_one ? first : "";
}

using CellsByValues = std::map<Values, std::vector<const StudyCell*>>;

Values values_of(const Study& study, const StudyCell& cell, const Values& keys) {
  Values values;
  for (const auto& key : keys) values.push_back(value_of(study, cell, key));
  return values;
}

CellsByValues by_values(const Study& study, const Values& keys) {
  CellsByValues cells;
  for (const auto& cell : study.cells) cells[values_of(study, cell, keys)].push_back(&cell);
  return cells;
}

[[noreturn]] void refuse_without_pairs(const Study& base, const Study& other, const Values& keys) {
  auto text = fmt::format(
      "no run of {} has the same values of the swept keys as one of {}; compare folders that have "
      "values in common:",
      other.runs.path.string(), base.runs.path.string());
  for (const auto& key : keys) {
    Values there, here;
    for (const auto& cell : base.cells) add_once(there, value_of(base, cell, key));
    for (const auto& cell : other.cells) add_once(here, value_of(other, cell, key));
    text += fmt::format("\n  {}: {} | {}", key, shown_values(there), shown_values(here));
  }
  throw Error(text);
}

// The one of some cells that have the same values.
const StudyCell* only_one(const Study& study, const std::vector<const StudyCell*>& cells,
                          const Values& keys, const Values& values) {
  if (cells.size() == 1) return cells.front();
  std::string text;
  for (std::size_t i = 0; i < keys.size(); ++i) {
    text += fmt::format(" {}={}", keys[i], values[i].empty() ? "(none)" : values[i]);
  }
  throw Error(fmt::format(
      "{} has {} runs with{}, such as {} and {}: which of them is to be compared is not told by "
      "the keys ({})",
      study.runs.path.string(), cells.size(), text, study.planned(*cells[0]).id,
      study.planned(*cells[1]).id, join(keys, ", ")));
}

std::map<std::string, std::string> settings_of(const StudyCell& cell) {
  std::map<std::string, std::string> settings;
  if (!cell.record) return settings;
  for (const auto& [path, value] : cell.record->json.at("settings").items()) {
    if (decides_numbers(path)) settings[path] = value;
  }
  // A file counts by its content, wherever it lies.
  std::set<std::string> files;
  for (const auto& [path, value] : settings) {
    if (settings.contains(path + ".sha256")) files.insert(path);
  }
  for (const auto& path : files) settings.erase(path);
  return settings;
}

std::vector<SettingDifference> differences_of(const std::vector<CellPair>& pairs) {
  std::map<std::string, SettingDifference> all;
  std::set<std::string> differing;
  for (const auto& [base, other] : pairs) {
    std::map<std::string, std::pair<std::string, std::string>> both;
    for (const auto& [path, value] : settings_of(*base)) both[path].first = value;
    for (const auto& [path, value] : settings_of(*other)) both[path].second = value;
    for (const auto& [path, values] : both) {
      add_once(all[path].base, values.first);
      add_once(all[path].other, values.second);
      if (values.first != values.second) differing.insert(path);
    }
  }
  std::vector<SettingDifference> differences;
  for (const auto& path : differing) {
    differences.push_back({path, std::move(all[path].base), std::move(all[path].other)});
  }
  return differences;
}

}  // namespace

std::string shown_values(const std::vector<std::string>& values) {
  Values words;
  for (std::size_t i = 0; i < std::min(values.size(), kShown); ++i) {
    words.push_back(values[i].empty() ? "(none)" : values[i]);
  }
  if (values.size() > kShown) words.push_back(fmt::format("… {} in all", values.size()));
  return join(words, ", ");
}

bool has_result(const StudyCell& cell) { return is_finished(cell.state) && cell.is_measured(); }

Matching match_cells(const Study& base, const Study& other) {
  Matching matching;
  matching.keys = keys_of(base, other);
  const auto& keys = matching.keys;
  const auto base_cells = by_values(base, keys), other_cells = by_values(other, keys);
  std::size_t matched = 0;
  for (const auto& cell : base.cells) {
    const auto values = values_of(base, cell, keys);
    const auto counterparts = other_cells.find(values);
    if (counterparts == other_cells.end()) continue;
    only_one(base, base_cells.at(values), keys, values);
    const auto* counterpart = only_one(other, counterparts->second, keys, values);
    ++matched;
    if (has_result(cell) && has_result(*counterpart)) {
      matching.pairs.push_back({&cell, counterpart});
    }
  }
  if (matched == 0) refuse_without_pairs(base, other, keys);
  matching.without_result = matched - matching.pairs.size();
  matching.base_alone = base.cells.size() - matched;
  matching.other_alone = other.cells.size() - matched;
  matching.differences = differences_of(matching.pairs);
  return matching;
}

}  // namespace groklab
