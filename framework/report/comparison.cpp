#include "report/comparison.h"

#include "base/text.h"

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
       [](const Summary& summary) { return steps_or_never(summary.steps_to_memorize); }},
      {{"steps_to_generalize", "steps to generalize", true},
       [](const Summary& summary) { return steps_or_never(summary.steps_to_generalize); }},
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

// A run that is there at step 0 took less than one.
double log_ratio(double base, double other) {
  return std::log10(std::max(other, 1.0) / std::max(base, 1.0));
}

PairedStatistic measure(const Column& column, const std::string& group,
                        const std::vector<CellPair>& pairs) {
  PairedStatistic row;
  row.statistic = column.statistic;
  row.group = group;
  std::vector<double> base, other, all_base, all_other, differences;
  for (const auto& pair : pairs) {
    const double a = column.value(pair.base->summary), b = column.value(pair.other->summary);
    const bool has_a = std::isfinite(a), has_b = std::isfinite(b);
    all_base.push_back(a);
    all_other.push_back(b);
    row.only_base += has_a && !has_b;
    row.only_other += has_b && !has_a;
    row.neither += !has_a && !has_b;
    if (!has_a || !has_b) continue;
    base.push_back(a);
    other.push_back(b);
    differences.push_back(column.statistic.is_time ? log_ratio(a, b) : b - a);
  }
  const bool is_time = column.statistic.is_time;
  const Statistic statistic = is_time ? median : mean;
  row.pairs = differences.size();
  row.base = is_time ? median(all_base) : mean(base);
  row.other = is_time ? median(all_other) : mean(other);
  row.difference = statistic(differences);
  row.interval = row.pairs < 2 ? Interval{kNaN, kNaN} : bootstrap_interval(differences, statistic);
  return row;
}

struct PairGroup {
  std::string label;
  std::vector<CellPair> pairs;
};

// As group_by, by what the base's runs say: the key is one that pairs have in common.
std::vector<PairGroup> grouped(const Study& base, const Matching& matching, const std::string& by) {
  if (by.empty()) return {{"all", matching.pairs}};
  const auto& keys = matching.keys;
  if (std::find(keys.begin(), keys.end(), by) == keys.end()) {
    throw Error(fmt::format("the runs are not matched by a key '{}'{}", by, suggestion(by, keys)));
  }
  if (matching.pairs.empty()) return {};
  std::vector<const StudyCell*> cells;
  for (const auto& pair : matching.pairs) cells.push_back(pair.base);
  std::vector<PairGroup> groups;
  for (const auto& group : group_by(base, cells, {by})) {
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

double ratio_of(double difference) { return std::pow(10, difference); }

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
  Comparison comparison{described(base, 0), {}, request.by};
  for (std::size_t i = 1; i < studies.size(); ++i) {
    FolderComparison other{described(studies[i], i), match_cells(base, studies[i]), {}};
    const auto groups = grouped(base, other.matching, request.by);
    for (const auto* column : chosen) {
      for (const auto& [label, pairs] : groups) {
        other.rows.push_back(measure(*column, label, pairs));
      }
    }
    comparison.others.push_back(std::move(other));
  }
  return comparison;
}

}  // namespace groklab
