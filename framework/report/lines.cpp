#include "report/lines.h"

#include "base/text.h"
#include "report/statistics.h"
#include "report/thinning.h"
#include "store/values.h"

#include <fmt/format.h>
#include <groklab/error.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <limits>

namespace groklab {
namespace {

constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();

// Groups whose labels say of numbers what they are: "add, train_fraction 0.3".
std::vector<CellGroup> labelled_groups(const Study& study,
                                       const std::vector<const StudyCell*>& cells,
                                       const std::vector<std::string>& keys) {
  auto groups = group_by(study, cells, keys);
  for (auto& group : groups) {
    std::vector<std::string> parts;
    for (std::size_t i = 0; i < keys.size(); ++i) {
      const auto& value = group.values[i];
      const bool is_word = type_of({value}) == ColumnType::text;
      parts.push_back(is_word ? value : keys[i].substr(keys[i].rfind('.') + 1) + " " + value);
    }
    if (!parts.empty()) group.label = join(parts, ", ");
  }
  return groups;
}

std::vector<CellGroup> default_groups(const Study& study,
                                      const std::vector<const StudyCell*>& cells) {
  const auto keys = study.varied_keys();
  auto groups = labelled_groups(study, cells, keys);
  if (groups.size() <= kPalette.size()) return groups;
  for (const auto& key : keys) {
    groups = labelled_groups(study, cells, {key});
    if (groups.size() > 1 && groups.size() <= kPalette.size()) return groups;
  }
  return labelled_groups(study, cells, {});
}

// What the cells of a group have at each step, rising; NaN: not measured, or not finite.
std::map<double, std::vector<double>> values_by_step(const CellGroup& group,
                                                     const std::string& column) {
  std::map<double, std::vector<double>> values;
  for (const auto* cell : group.cells) {
    const auto* measured = cell->curves.find(column);
    if (measured == nullptr) continue;
    for (std::size_t i = 0; i < measured->size(); ++i) {
      if (cell->curves.steps[i] <= 0) continue;
      values[cell->curves.steps[i]].push_back((*measured)[i]);
    }
  }
  return values;
}

bool are_finite(const std::vector<double>& values) {
  return std::all_of(values.begin(), values.end(), [](double v) { return std::isfinite(v); });
}

// Where a run has no finite value there is none of the group: the others alone are other runs.
GroupCurve curve_of(const CellGroup& group, const std::string& column, const Statistic& middle,
                    const std::function<Interval(const std::vector<double>&)>& interval) {
  const auto values = values_by_step(group, column);
  std::vector<double> steps, middles;
  std::vector<const std::vector<double>*> samples;
  for (const auto& [step, sample] : values) {
    steps.push_back(step);
    middles.push_back(are_finite(sample) ? middle(sample) : kNaN);
    samples.push_back(&sample);
  }
  GroupCurve curve;
  for (const auto i : thinned(steps, middles, kLinePoints)) {
    const auto [low, high] = are_finite(*samples[i]) ? interval(*samples[i]) : Interval{kNaN, kNaN};
    curve.steps.push_back(steps[i]);
    curve.middle.push_back(middles[i]);
    curve.low.push_back(low);
    curve.high.push_back(high);
  }
  return curve;
}

std::vector<std::vector<const StudyCell*>> cells_of(const std::vector<CellGroup>& groups) {
  std::vector<std::vector<const StudyCell*>> cells;
  for (const auto& group : groups) cells.push_back(group.cells);
  return cells;
}

std::string going_on_text(const std::vector<CellGroup>& groups) {
  std::ptrdiff_t count = 0;
  for (const auto& group : groups) {
    count += std::count_if(group.cells.begin(), group.cells.end(),
                           [](const StudyCell* cell) { return !is_over(cell->state); });
  }
  return count == 0 ? "" : fmt::format(" ({} not over yet, shown as far as they are)", count);
}

}  // namespace

std::vector<CellGroup> coloured_groups(const Study& study,
                                       const std::vector<const StudyCell*>& cells,
                                       const std::string& series) {
  if (series.empty()) return default_groups(study, cells);
  auto groups = labelled_groups(study, cells, split(series, ','));
  if (groups.size() <= kPalette.size()) return groups;
  throw Error(fmt::format(
      "series: {} has {} values, more than the {} colours that can be told apart; choose fewer "
      "cells by where, or another of the varied keys: {}",
      series, groups.size(), kPalette.size(), join(study.varied_keys(), ", ")));
}

std::vector<CellGroup> averaged_groups(const Study& study,
                                       const std::vector<const StudyCell*>& cells,
                                       const std::string& series, const std::string& kind) {
  const auto keys = series.empty() ? pooled_keys(study, {cells}) : split(series, ',');
  const auto groups = labelled_groups(study, cells, keys);
  require_repetitions(study, cells_of(groups), kind, "series", keys);
  if (groups.size() <= kPalette.size()) return groups;
  throw Error(
      fmt::format("{}: {} has {} values, more than the {} colours that can be told apart, and runs "
                  "of different "
                  "settings are not averaged; choose fewer cells by where, such as where: {}={}",
                  kind, join(keys, ", "), groups.size(), kPalette.size(), keys.front(),
                  groups.front().values.front()));
}

void require_repetitions(const Study& study,
                         const std::vector<std::vector<const StudyCell*>>& groups,
                         const std::string& kind, const std::string& option,
                         std::vector<std::string> named, const std::vector<std::string>& allowed) {
  const auto pooled = pooled_keys(study, groups, allowed);
  if (pooled.empty()) return;
  named.insert(named.end(), pooled.begin(), pooled.end());
  throw Error(fmt::format(
      "{}: runs that would be averaged differ in {}, and only runs that differ in seeds are "
      "repetitions; name all settings, {}: \"{}\", or choose one value of each by where",
      kind, join(pooled, ", "), option, join(named, ",")));
}

std::string repetitions_text(const Study& study, const std::vector<CellGroup>& groups) {
  const auto [least, most] = std::minmax_element(
      groups.begin(), groups.end(),
      [](const auto& a, const auto& b) { return a.cells.size() < b.cells.size(); });
  const auto each = groups.size() > 1 ? " each" : "";
  const auto n = least->cells.size(), greatest = most->cells.size();
  const auto unfinished = going_on_text(groups);
  if (greatest == 1) return fmt::format("one run{}{}", each, unfinished);
  const auto count = n == greatest ? fmt::format("{}", n) : fmt::format("{} to {}", n, greatest);
  return fmt::format("{} runs{}, which differ in {}{}", count, each,
                     join(differing_keys(study, cells_of(groups)), ", "), unfinished);
}

GroupCurve mean_curve(const CellGroup& group, const std::string& column) {
  return curve_of(group, column, mean, [](const std::vector<double>& sample) {
    return bootstrap_interval(sample, mean);
  });
}

GroupCurve median_curve(const CellGroup& group, const std::string& column) {
  return curve_of(group, column, median, [](const std::vector<double>& sample) {
    return Interval{quantile(sample, 0), quantile(sample, 1)};
  });
}

Series line_of(const GroupCurve& curve, const std::string& name, std::size_t colour) {
  Series line;
  line.name = name;
  line.colour = colour;
  line.x = curve.steps;
  line.y = curve.middle;
  line.low = curve.low;
  line.high = curve.high;
  return line;
}

Axis step_axis() { return {.label = "step (parameter updates)", .scale = Scale::log}; }

Scale scale_for(const std::vector<double>& values) {
  if (values.empty()) return Scale::linear;
  const auto [least, greatest] = std::minmax_element(values.begin(), values.end());
  return *least > 0 && *greatest > 100 * *least ? Scale::log : Scale::linear;
}

std::vector<double> measured_values(const std::vector<const StudyCell*>& cells,
                                    const std::string& column) {
  std::vector<double> values;
  for (const auto* cell : cells) {
    const auto* measured = cell->curves.find(column);
    if (measured == nullptr) continue;
    for (std::size_t i = 0; i < measured->size(); ++i) {
      if (cell->curves.steps[i] > 0 && std::isfinite((*measured)[i])) {
        values.push_back((*measured)[i]);
      }
    }
  }
  return values;
}

}  // namespace groklab
