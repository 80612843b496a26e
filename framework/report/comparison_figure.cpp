#include "report/comparison_figure.h"

#include "base/text.h"

#include <fmt/format.h>

#include <algorithm>
#include <limits>

namespace groklab {
namespace {

constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();
constexpr double kSpread = 0.5;  // of a category's height, which its folders share

// The rows of a folder's statistic, a group each.
std::vector<const PairedStatistic*> rows_of(const FolderComparison& other,
                                            const std::string& statistic) {
  std::vector<const PairedStatistic*> rows;
  for (const auto& row : other.rows) {
    if (row.statistic.name == statistic) rows.push_back(&row);
  }
  return rows;
}

// The groups of all folders, in the order in which they are met.
std::vector<std::string> groups_of(const Comparison& comparison) {
  std::vector<std::string> groups;
  for (const auto& other : comparison.others) {
    for (const auto& row : other.rows) {
      if (std::find(groups.begin(), groups.end(), row.group) == groups.end()) {
        groups.push_back(row.group);
      }
    }
  }
  return groups;
}

// Where the folder `index` of `count` lies within a category.
double offset_of(std::size_t index, std::size_t count) {
  if (count == 1) return 0;
  return kSpread * (static_cast<double>(index) / static_cast<double>(count - 1) - 0.5);
}

std::string pairs_text(const PairedStatistic& row) {
  auto text = fmt::format("n = {}", row.pairs);  // pairs of two numbers
  if (row.only_base > 0) text += fmt::format(", {} the base alone", row.only_base);
  if (row.only_other > 0) text += fmt::format(", {} it alone", row.only_other);
  if (row.neither > 0) text += fmt::format(", {} neither", row.neither);
  return text;
}

Series series_of(const Comparison& comparison, std::size_t index, const std::string& statistic,
                 const std::vector<std::string>& groups) {
  const auto& other = comparison.others[index];
  Series series;
  series.name = fmt::format("{}: {}", other.folder.letter, other.folder.path);
  series.colour = index;
  series.mark = SeriesMark::points;
  for (const auto* row : rows_of(other, statistic)) {
    const auto place = std::find(groups.begin(), groups.end(), row->group) - groups.begin();
    const auto shown = [&](double difference) {
      return row->statistic.is_time ? ratio_of(difference) : difference;
    };
    const bool has_interval = row->interval.low <= row->interval.high;  // not NaN
    const auto& [least, greatest] = row->difference;
    series.x.push_back(row->difference.is_known() ? shown(least) : kNaN);
    series.y.push_back(static_cast<double>(place) + offset_of(index, comparison.others.size()));
    series.low.push_back(shown(has_interval ? row->interval.low : least));
    series.high.push_back(shown(has_interval ? row->interval.high : greatest));
    series.labels.push_back(pairs_text(*row));
  }
  return series;
}

Panel panel_of(const Comparison& comparison, const ComparedStatistic& statistic,
               const std::vector<std::string>& groups) {
  Panel panel;
  panel.title = statistic.label;
  panel.x.label = statistic.is_time ? "ratio to the base" : "difference to the base";
  panel.x.scale = statistic.is_time ? Scale::log : Scale::linear;
  panel.y.label = comparison.by;
  panel.y.scale = Scale::category;
  panel.y.categories = groups;
  panel.rules.push_back({statistic.is_time ? 1.0 : 0.0, true, "", 0});
  for (std::size_t i = 0; i < comparison.others.size(); ++i) {
    panel.series.push_back(series_of(comparison, i, statistic.name, groups));
  }
  return panel;
}

// "B − A of steps to generalize: ratio 0.2 (95 % interval 0.1 to 0.3, n = 5)".
std::string row_text(const Comparison& comparison, const FolderComparison& other,
                     const PairedStatistic& row) {
  const auto group = comparison.by.empty() ? "" : fmt::format(", {} {}", comparison.by, row.group);
  const bool is_time = row.statistic.is_time;
  const auto shown = [&](double difference) { return is_time ? ratio_of(difference) : difference; };
  auto text = fmt::format("{} to {}, {}{}: {}", other.folder.letter, comparison.base.letter,
                          row.statistic.label, group, is_time ? "ratio" : "difference");
  if (row.compared() == 0) return text + " unknown, " + pairs_text(row);
  const auto& found = row.difference;
  text +=
      found.is_known() ? fmt::format(" {:.3g}", shown(found.low)) : " " + to_text(ratio_of(found));
  if (row.compared() > 1) {
    text += fmt::format(", 95 % interval {:.3g} to {:.3g}", shown(row.interval.low),
                        shown(row.interval.high));
  }
  return text + ", " + pairs_text(row);
}

std::string description_of(const Comparison& comparison) {
  std::vector<std::string> rows;
  for (const auto& other : comparison.others) {
    for (const auto& row : other.rows) rows.push_back(row_text(comparison, other, row));
  }
  return join(rows, "; ") + ".";
}

}  // namespace

Figure comparison_figure(const Comparison& comparison) {
  Figure figure;
  figure.name = "comparison";
  figure.title = fmt::format("Compared with {}", comparison.base.path);
  figure.caption = fmt::format(
      "Runs of the other folders against those of the base {} with the same settings otherwise, in "
      "pairs. Points: the mean of the differences; of steps the median of the ratios, where a run "
      "that never got there takes more than its budget, and none where the median is not known. "
      "Whiskers: 95 % bootstrap intervals over pairs.",
      comparison.base.path);
  figure.description = description_of(comparison);
  figure.columns = 2;
  const auto groups = groups_of(comparison);
  std::vector<std::string> drawn;
  for (const auto& row : comparison.others.front().rows) {
    const auto& name = row.statistic.name;
    if (std::find(drawn.begin(), drawn.end(), name) != drawn.end()) continue;
    drawn.push_back(name);
    figure.panels.push_back(panel_of(comparison, row.statistic, groups));
  }
  return figure;
}

}  // namespace groklab
