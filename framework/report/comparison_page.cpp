#include "report/comparison_page.h"

#include "base/text.h"
#include "report/comparison_figure.h"
#include "report/page_curve.h"
#include "store/values.h"

#include <fmt/format.h>

namespace groklab {
namespace {

// What the two runs of a pair came to, statistic by statistic.
std::vector<Column> columns_of() {
  std::vector<Column> columns{{"runs", ColumnType::text}, {"cell", ColumnType::text}};
  for (const auto& statistic : compared_statistics()) {
    const auto type = statistic.is_time ? ColumnType::integer : ColumnType::real;
    columns.push_back({"base." + statistic.name, type});
    columns.push_back({"other." + statistic.name, type});
  }
  return columns;
}

PageRow row_of(const Study& base, const FolderComparison& other, const std::string& letter,
               const CellPair& pair, std::size_t limit) {
  const auto& planned = base.planned(*pair.base);
  PageRow row{fmt::format("{}-{}", other.folder.letter, planned.id),
              {fmt::format("{} | {}", letter, other.folder.letter)},
              page_curve({{&pair.base->curves, letter + "."},
                          {&pair.other->curves, other.folder.letter + "."}},
                         limit)};
  row.values.emplace_back(planned.coordinates.empty() ? planned.id
                                                      : join(planned.coordinates, ", "));
  const auto first = to_json(pair.base->summary), second = to_json(pair.other->summary);
  for (const auto& statistic : compared_statistics()) {
    const auto type = statistic.is_time ? ColumnType::integer : ColumnType::real;
    for (const auto* summary : {&first, &second}) {
      row.values.push_back(json_value(summary->at(statistic.name), type));
    }
  }
  return row;
}

std::string difference_text(const SettingDifference& difference) {
  return fmt::format("{} | {}", join(difference.base, ", "), join(difference.other, ", "));
}

std::string folder_text(const ComparedFolder& folder) {
  return fmt::format("{} ({}), {} runs, {} with a result", folder.path, folder.experiment,
                     folder.runs, folder.results);
}

}  // namespace

Page comparison_page(const std::vector<Study>& studies, const Comparison& comparison) {
  Page page;
  std::vector<std::string> letters, counts;
  std::size_t pairs = 0;
  for (const auto& other : comparison.others) {
    letters.push_back(other.folder.letter);
    pairs += other.matching.pairs.size();
    counts.push_back(fmt::format("{} pairs of {} and {}", other.matching.pairs.size(),
                                 comparison.base.letter, other.folder.letter));
  }
  page.title = fmt::format("{} against {}", join(letters, ", "), comparison.base.letter);
  page.verdict = join(counts, "; ") + ".";
  page.figures.push_back({comparison_figure(comparison), ""});
  page.columns = columns_of();
  page.provenance.emplace_back(comparison.base.letter, folder_text(comparison.base));
  for (const auto& other : comparison.others) {
    page.provenance.emplace_back(other.folder.letter, folder_text(other.folder));
    for (const auto& difference : other.matching.differences) {
      page.provenance.emplace_back(
          fmt::format("{}, {} | {}", difference.path, comparison.base.letter, other.folder.letter),
          difference_text(difference));
    }
    for (const auto& pair : other.matching.pairs) {
      page.rows.push_back(
          row_of(studies.front(), other, comparison.base.letter, pair, page_curve_limit(pairs)));
    }
  }
  return page;
}

}  // namespace groklab
