#include "sweep/settings.h"

#include "base/text.h"
#include "spec/merge.h"

#include <fmt/format.h>

#include <algorithm>
#include <unordered_map>

namespace groklab {
namespace {

void add_once(std::vector<std::string>& values, const std::string& value) {
  if (std::find(values.begin(), values.end(), value) == values.end()) values.push_back(value);
}

const std::vector<std::string>& values_of(const SettingValues& settings, const std::string& path) {
  static const std::vector<std::string> absent{""};
  const auto entry = settings.find(path);
  return entry == settings.end() ? absent : entry->second;
}

bool contains(const std::vector<std::string>& values, const std::string& value) {
  return std::find(values.begin(), values.end(), value) != values.end();
}

bool can_extend(const std::vector<std::string>& there, const std::vector<std::string>& now) {
  return there.size() > 1 || contains(now, there.front());
}

std::string shown(const std::vector<std::string>& values) {
  constexpr std::size_t kShown = 5;
  std::vector<std::string> words;
  for (std::size_t i = 0; i < std::min(values.size(), kShown); ++i) {
    words.push_back(values[i].empty() ? "(none)" : values[i]);
  }
  if (values.size() > kShown) words.push_back(fmt::format("… {} in all", values.size()));
  return join(words, ", ");
}

// The text of a path, or "" where a cell has no such setting.
std::string setting_text(const std::vector<Setting>& settings, const std::string& path) {
  for (const auto& setting : settings) {
    if (setting.key == path) return to_text(setting.value);
  }
  return "";
}

// One seed for all four purposes, if it is one.
std::string seed_text(const Experiment& experiment) {
  const auto seeds = experiment.seeds();
  const bool one =
      seeds.split == seeds.init && seeds.split == seeds.batches && seeds.split == seeds.noise;
  return one ? std::to_string(seeds.split) : "";
}

}  // namespace

SettingValues settings_of(const std::vector<Cell>& cells) {
  std::unordered_map<std::string, std::unordered_map<std::string, std::size_t>> counts;
  SettingValues settings;
  for (const auto& cell : cells) {
    for (const auto& setting : cell.experiment.flatten()) {
      if (!decides_numbers(setting.key)) continue;
      const auto value = identifying_text(setting);
      if (counts[setting.key][value]++ == 0) settings[setting.key].push_back(value);
    }
  }
  for (auto& [path, values] : settings) {
    std::size_t present = 0;
    for (const auto& [value, count] : counts[path]) present += count;
    if (present < cells.size()) add_once(values, "");
  }
  return settings;
}

SettingValues merged(const SettingValues& a, const SettingValues& b) {
  auto all = a;
  for (const auto& [path, values] : b) {
    auto& known = all.try_emplace(path, values_of(a, path)).first->second;
    for (const auto& value : values) add_once(known, value);
  }
  for (auto& [path, values] : all) {
    if (!b.contains(path)) add_once(values, "");
  }
  return all;
}

std::string differences(const SettingValues& there, const SettingValues& now) {
  std::string lines;
  for (const auto& [path, unused] : merged(there, now)) {
    const auto &before = values_of(there, path), &after = values_of(now, path);
    if (can_extend(before, after)) continue;
    lines += fmt::format("\n  {}: {} there, {} now", path, shown(before), shown(after));
  }
  return lines;
}

std::string only_value(const SettingValues& settings, const std::string& path) {
  if (path == "seed") return only_value(settings, "seed.init");
  const auto& values = values_of(settings, path);
  return values.size() == 1 ? values.front() : "";
}

std::vector<Request> requests_of(const std::vector<Section>& sections) {
  std::vector<Request> requests;
  for (const auto& section : sections) {
    requests.push_back({section.plugin, {}});
    for (const auto& setting : section.settings) {
      requests.back().options[setting.key] = setting.value;
    }
  }
  return requests;
}

std::string column_of(const std::string& key) { return parse_path(key)->long_form(); }

std::vector<std::string> coordinates_of(const Cell& cell, const std::vector<std::string>& columns) {
  const auto settings = cell.experiment.flatten();
  std::vector<std::string> values;
  for (const auto& column : columns) {
    auto value = column == "seed" ? seed_text(cell.experiment) : setting_text(settings, column);
    for (const auto& [key, text] : cell.coordinates) {
      // A whole plugin or list says more than its name.
      const bool is_whole = key != column || value.empty();
      if (column_of(key) == column && is_whole) value = text;
    }
    values.push_back(std::move(value));
  }
  return values;
}

}  // namespace groklab
