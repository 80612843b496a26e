#include "app/compare_report.h"

#include "app/summary_table.h"
#include "app/units.h"
#include "base/text.h"

#include <fmt/format.h>

#include <algorithm>

#include <array>
#include <cmath>
#include <utility>
#include <vector>

namespace groklab {
namespace {

using Json = nlohmann::ordered_json;
using Rows = std::vector<std::vector<std::string>>;

std::string number_text(double number) {
  if (std::isnan(number)) return "-";
  return std::isinf(number) ? "never" : fmt::format("{:.4g}", number);
}

std::vector<std::string> folder_row(const ComparedFolder& folder, const char* role) {
  return {folder.letter, folder.path, folder.experiment,
          fmt::format("{}, {} with a result{}", counted(folder.runs, "run"), folder.results, role)};
}

// Whether what is compared could differ by when it was looked at alone.
bool sees_differently(const std::vector<SettingDifference>& differences) {
  return std::any_of(differences.begin(), differences.end(), [](const auto& difference) {
    return difference.path.starts_with("evaluation.") || difference.path.starts_with("stop.") ||
           difference.path == "training.steps";
  });
}

std::string folders_text(const Comparison& comparison) {
  Rows rows{folder_row(comparison.base, ": the base")};
  for (const auto& other : comparison.others) rows.push_back(folder_row(other.folder, ""));
  return columns_text(rows, 4);
}

std::string pairs_text(const Comparison& comparison, const FolderComparison& other) {
  const auto& [keys, pairs, without_result, base_alone, other_alone, differences] = other.matching;
  const auto &a = comparison.base.letter, &b = other.folder.letter;
  auto text = fmt::format("\n{} against {}: {}", b, a, counted(pairs.size(), "pair"));
  if (!keys.empty()) text += fmt::format(" with the same {}", join(keys, ", "));
  text += '\n';
  if (base_alone + other_alone > 0) {
    text +=
        fmt::format("  without a counterpart: {} of {}, {} of {}\n", base_alone, a, other_alone, b);
  }
  if (without_result > 0) {
    text += fmt::format("  left out as one has no result: {}\n", counted(without_result, "pair"));
  }
  if (differences.empty()) return text + "  they differ in no setting that decides numbers\n";
  std::vector<std::pair<std::string, std::string>> lines;
  for (const auto& [path, base_values, other_values] : differences) {
    lines.emplace_back(path, shown_values(base_values) + " | " + shown_values(other_values));
  }
  text += fmt::format("they differ in ({} | {})\n", a, b) + two_columns(lines);
  return sees_differently(differences) ? text +
                                             "note: evaluations or budgets differ, which alone "
                                             "changes what is seen and when\n"
                                       : text;
}

std::string interval_text(const PairedStatistic& row) {
  if (row.compared() < 2) return "-";
  const auto [low, high] = row.interval;
  return fmt::format("{} to {}", groklab::number_text(low), groklab::number_text(high));
}

std::string ratio_interval_text(const PairedStatistic& row) {
  if (row.compared() < 2) return "-";
  return fmt::format("{} to {}", groklab::number_text(ratio_of(row.interval.low)),
                     groklab::number_text(ratio_of(row.interval.high)));
}

// "-" of no pairs.
std::string bounds_text(const Bounds& bounds) {
  return std::isnan(bounds.low) ? "-" : to_text(bounds);
}

// The header's line; `by` is empty where pairs are not grouped.
std::vector<std::string> header(const Comparison& comparison, const FolderComparison& other,
                                bool is_time) {
  const auto &a = comparison.base.letter, &b = other.folder.letter;
  const auto by = comparison.by;
  if (!is_time) {
    return {"", by, "n", a, b, b + " - " + a, "95 % interval", "only " + a, "only " + b, "neither"};
  }
  return {"",
          by,
          "n",
          a,
          b,
          b + " / " + a,
          "95 % interval",
          "log10",
          "95 % interval",
          "only " + a,
          "only " + b,
          "neither"};
}

std::vector<std::string> row_of(const PairedStatistic& row, bool has_groups) {
  std::vector<std::string> cells{row.statistic.name, has_groups ? row.group : "",
                                 std::to_string(row.pairs), number_text(row.base),
                                 number_text(row.other)};
  if (row.statistic.is_time) {
    cells.push_back(bounds_text(ratio_of(row.difference)));
    cells.push_back(ratio_interval_text(row));
  }
  cells.push_back(bounds_text(row.difference));
  cells.push_back(interval_text(row));
  for (const auto count : {row.only_base, row.only_other, row.neither}) {
    cells.push_back(std::to_string(count));
  }
  return cells;
}

std::string table_text(const Comparison& comparison, const FolderComparison& other, bool is_time) {
  Rows rows{header(comparison, other, is_time)};
  for (const auto& row : other.rows) {
    if (row.statistic.is_time == is_time) rows.push_back(row_of(row, !comparison.by.empty()));
  }
  return rows.size() == 1 ? "" : columns_text(rows, 2);
}

std::string tables_text(const Comparison& comparison, const FolderComparison& other) {
  const auto &a = comparison.base.letter, &b = other.folder.letter;
  std::string text;
  const auto values = table_text(comparison, other, false);
  if (!values.empty()) {
    text += fmt::format("means over the n pairs in which both have a number, and of {} - {}\n{}", b,
                        a, values);
  }
  const auto times = table_text(comparison, other, true);
  if (!times.empty()) {
    text += fmt::format(
        "medians of {} and {} over all pairs, never as infinity; of {} / {} too, where a run that "
        "never got there takes more than its budget; n: pairs in which both got there\n{}",
        a, b, b, a, times);
  }
  return text;
}

Json folder_json(const ComparedFolder& folder) {
  return {{"name", folder.letter},
          {"path", folder.path},
          {"experiment", folder.experiment},
          {"runs", folder.runs},
          {"results", folder.results}};
}

// NaN: only bounds are known.
double known(const Bounds& bounds) { return bounds.is_known() ? bounds.low : std::nan(""); }

Json row_json(const PairedStatistic& row) {
  const bool is_time = row.statistic.is_time;
  return {{"statistic", row.statistic.name},
          {"group", row.group},
          {"pairs", row.pairs},
          {"only_base", row.only_base},
          {"only_other", row.only_other},
          {"neither", row.neither},
          {"centre", is_time ? "median" : "mean"},
          {"base", row.base},
          {"other", row.other},
          {"compared", is_time ? "log10 ratio" : "difference"},
          {"difference", known(row.difference)},
          {"low", row.interval.low},
          {"high", row.interval.high},
          {"ratio", is_time ? Json(ratio_of(known(row.difference))) : Json(nullptr)}};
}

// Nothing is what is not known or never.
std::string csv_number(double number) {
  return std::isfinite(number) ? fmt::format("{}", number) : "";
}

}  // namespace

std::string comparison_text(const Comparison& comparison) {
  auto text = folders_text(comparison);
  for (const auto& other : comparison.others) {
    text += pairs_text(comparison, other) + tables_text(comparison, other);
  }
  return text + "\nIntervals are percentile bootstraps over pairs, of 2000 resamples.\n";
}

Json comparison_json(const Comparison& comparison) {
  Json json{{"base", folder_json(comparison.base)}, {"by", comparison.by}};
  json["comparisons"] = Json::array();
  for (const auto& other : comparison.others) {
    const auto& matching = other.matching;
    Json one{{"folder", folder_json(other.folder)}, {"keys", matching.keys},
             {"pairs", matching.pairs.size()},      {"without_result", matching.without_result},
             {"base_alone", matching.base_alone},   {"other_alone", matching.other_alone}};
    one["differences"] = Json::array();
    for (const auto& [path, base_values, other_values] : matching.differences) {
      one["differences"].push_back(
          {{"setting", path}, {"base", base_values}, {"other", other_values}});
    }
    one["statistics"] = Json::array();
    for (const auto& row : other.rows) one["statistics"].push_back(row_json(row));
    json["comparisons"].push_back(std::move(one));
  }
  return json;
}

std::string comparison_csv(const Comparison& comparison) {
  std::string text =
      "base,other,statistic,by,group,pairs,only_base,only_other,neither,base_value,other_value,"
      "difference,low,high,ratio\n";
  for (const auto& other : comparison.others) {
    for (const auto& row : other.rows) {
      const bool is_time = row.statistic.is_time;
      text += fmt::format("{},{},{},{},{},{},{},{},{},{},{},{},{},{},{}\n",
                          csv_field(comparison.base.path), csv_field(other.folder.path),
                          row.statistic.name, comparison.by.empty() ? "" : csv_field(comparison.by),
                          csv_field(row.group), row.pairs, row.only_base, row.only_other,
                          row.neither, csv_number(row.base), csv_number(row.other),
                          csv_number(known(row.difference)), csv_number(row.interval.low),
                          csv_number(row.interval.high),
                          is_time ? csv_number(ratio_of(known(row.difference))) : "");
    }
  }
  return text;
}

}  // namespace groklab
