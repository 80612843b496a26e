#include "report/comparison.h"

#include "base/text.h"
#include "report/lines.h"
#include "report/statistics.h"
#include "report/times.h"

#include <fmt/format.h>
#include <groklab/error.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <optional>
#include <stdexcept>

namespace groklab {
namespace {

constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();

struct Column {
  ComparedStatistic statistic;
  double (*value)(const Summary&);  // not finite: the run has none
  Event event{};                    // of a time
};

double steps_or_never(const std::optional<std::int64_t>& steps) {
  return steps ? static_cast<double>(*steps) : std::numeric_limits<double>::infinity();
}

const std::vector<Column>& columns() {
  static const std::vector<Column> all{
      {{"best_val_accuracy", "best validation accuracy", false},
       [](const Summary& summary) { return summary.best_val_accuracy; }},
      {{"val_accuracy", "validation accuracy", false},
       [](const Summary& summary) { return summary.val_accuracy; }},
      {{"train_loss", "training loss, nats", false},
       [](const Summary& summary) { return summary.train_loss; }},
      {{"val_loss", "validation loss, nats", false},
       [](const Summary& summary) { return summary.val_loss; }},
      {{"steps_to_memorize", "steps to memorize", true},
       [](const Summary& summary) { return steps_or_never(summary.steps_to_memorize); },
       memorization("first")},
      {{"steps_to_generalize", "steps to generalize", true},
       [](const Summary& summary) { return steps_or_never(summary.steps_to_generalize); },
       generalization("first")},
  };
  return all;
}

const std::vector<std::string> kSayMost{"best_val_accuracy", "val_loss", "steps_to_memorize",
                                        "steps_to_generalize"};

const Column& column_of(const std::string& name) {
  std::vector<std::string> names;
  for (const auto& column : columns()) {
    if (column.statistic.name == name) return column;
    names.push_back(column.statistic.name);
  }
  throw Error(fmt::format("there is no statistic '{}'{}", name, suggestion(name, names)));
}

struct PairGroup {
  std::string label;
  std::vector<CellPair> pairs;
};

// The bounds of log10(other / base), pair by pair.
std::vector<Bounds> log_ratios(const Study& base, const Study& other, const Event& event,
                               const std::vector<CellPair>& pairs) {
  std::vector<Bounds> ratios;
  for (const auto& pair : pairs) {
    const auto ratio = steps_of(other, *pair.other, event) / steps_of(base, *pair.base, event);
    ratios.push_back({std::log10(ratio.low), std::log10(ratio.high)});
  }
  return ratios;
}

void compare_times(PairedStatistic& row, std::vector<Bounds> ratios) {
  const auto [value, interval, count] = estimate(median_of(std::move(ratios)));
  row.difference = value;
  if (count > 1) row.interval = interval;
}

void compare_values(PairedStatistic& row, const std::vector<double>& differences) {
  row.difference = {mean(differences), mean(differences)};
  if (differences.size() > 1) row.interval = bootstrap_interval(differences, mean);
}

PairedStatistic measure(const Study& base, const Study& other, const Column& column,
                        const PairGroup& group) {
  PairedStatistic row;
  row.statistic = column.statistic;
  row.group = group.label;
  row.interval = {kNaN, kNaN};
  std::vector<double> of_base, of_other, all_base, all_other, differences;
  for (const auto& pair : group.pairs) {
    const double a = column.value(pair.base->summary), b = column.value(pair.other->summary);
    const bool has_a = std::isfinite(a), has_b = std::isfinite(b);
    all_base.push_back(a);
    all_other.push_back(b);
    row.only_base += has_a && !has_b;
    row.only_other += has_b && !has_a;
    row.neither += !has_a && !has_b;
    if (!has_a || !has_b) continue;
    of_base.push_back(a);
    of_other.push_back(b);
    differences.push_back(b - a);
  }
  row.pairs = differences.size();
  if (column.statistic.is_time) {
    row.base = median(all_base);
    row.other = median(all_other);
    compare_times(row, log_ratios(base, other, column.event, group.pairs));
  } else {
    row.base = mean(of_base);
    row.other = mean(of_other);
    compare_values(row, differences);
  }
  return row;
}

// The keys by which pairs are grouped. Throws Error if runs of one group would differ in others.
std::vector<std::string> keys_of(const Study& base, const Matching& matching,
                                 const std::string& by) {
  std::vector<const StudyCell*> cells;
  for (const auto& pair : matching.pairs) cells.push_back(pair.base);
  if (by.empty()) return pooled_keys(base, {cells});
  const auto named = split(by, ','), &keys = matching.keys;
  for (const auto& key : named) {
    if (std::find(keys.begin(), keys.end(), key) != keys.end()) continue;
    throw Error(
        fmt::format("the runs are not matched by a key '{}'{}", key, suggestion(key, keys)));
  }
  std::vector<std::vector<const StudyCell*>> groups;
  if (!cells.empty()) {
    for (const auto& group : group_by(base, cells, named)) groups.push_back(group.cells);
  }
  require_repetitions(base, groups, "compare", "by", named);
  return named;
}

// As group_by, by what the base's runs say: the keys are ones that pairs have in common.
std::vector<PairGroup> grouped(const Study& base, const Matching& matching,
                               const std::vector<std::string>& by) {
  if (by.empty()) return {{"all", matching.pairs}};
  if (matching.pairs.empty()) return {};
  std::vector<const StudyCell*> cells;
  for (const auto& pair : matching.pairs) cells.push_back(pair.base);
  std::vector<PairGroup> groups;
  for (const auto& group : group_by(base, cells, by)) {
    PairGroup part{group.label, {}};
    for (const auto& pair : matching.pairs) {
      const auto& members = group.cells;
      if (std::find(members.begin(), members.end(), pair.base) != members.end()) {
        part.pairs.push_back(pair);
      }
    }
    groups.push_back(std::move(part));
  }
  return groups;
}

std::string letter_of(std::size_t index) {
  constexpr std::size_t kLetters = 26;
  if (index >= kLetters) return std::to_string(index + 1);
  return {static_cast<char>('A' + index)};
}

ComparedFolder described(const Study& study, std::size_t index) {
  ComparedFolder folder{letter_of(index), study.runs.path.string(), study.plan().experiment,
                        study.cells.size(), 0};
  for (const auto& cell : study.cells) folder.results += has_result(cell);
  return folder;
}

}  // namespace

std::size_t PairedStatistic::compared() const {
  return statistic.is_time ? pairs + only_base + only_other + neither : pairs;
}

double ratio_of(double difference) { return std::pow(10, difference); }
Bounds ratio_of(const Bounds& difference) {
  return {ratio_of(difference.low), ratio_of(difference.high)};
}

const std::vector<ComparedStatistic>& compared_statistics() {
  static const std::vector<ComparedStatistic> all = [] {
    std::vector<ComparedStatistic> statistics;
    for (const auto& column : columns()) statistics.push_back(column.statistic);
    return statistics;
  }();
  return all;
}

Comparison compare(const std::vector<Study>& studies, const ComparisonRequest& request) {
  if (studies.size() < 2) throw std::logic_error("a comparison needs two studies");
  std::vector<const Column*> chosen;
  for (const auto& name : request.statistics.empty() ? kSayMost : request.statistics) {
    chosen.push_back(&column_of(name));
  }
  const auto& base = studies.front();
  Comparison comparison{described(base, 0), {}, ""};
  for (std::size_t i = 1; i < studies.size(); ++i) {
    FolderComparison other{described(studies[i], i), match_cells(base, studies[i]), {}};
    const auto keys = keys_of(base, other.matching, request.by);
    if (comparison.by.empty()) comparison.by = join(keys, ", ");
    for (const auto* column : chosen) {
      for (const auto& group : grouped(base, other.matching, keys)) {
        other.rows.push_back(measure(base, studies[i], *column, group));
      }
    }
    comparison.others.push_back(std::move(other));
  }
  return comparison;
}

}  // namespace groklab
