#include "report/element_cell.h"

#include "base/text.h"

#include <fmt/format.h>
#include <groklab/error.h>

#include <algorithm>
#include <cmath>
#include <limits>

namespace groklab {
namespace {

constexpr std::size_t kIdLetters = 8;  // of an id in captions

// The first to generalise first, then by the best accuracy.
void sort_by_success(std::vector<const StudyCell*>& cells) {
  const auto key = [](const StudyCell* cell) {
    const auto step =
        cell->summary.steps_to_generalize.value_or(std::numeric_limits<std::int64_t>::max());
    return std::pair(step, -cell->summary.best_val_accuracy);
  };
  std::stable_sort(cells.begin(), cells.end(),
                   [&](const auto* a, const auto* b) { return key(a) < key(b); });
}

const StudyCell* cell_by_id(const Study& study, const std::vector<const StudyCell*>& cells,
                            const std::string& id) {
  const StudyCell* found = nullptr;
  for (const auto* cell : cells) {
    if (!study.planned(*cell).id.starts_with(id)) continue;
    if (found != nullptr) {
      throw Error(
          fmt::format("cell: the ids of several cells start with '{}': {} and {}; give more "
                      "of it",
                      id, study.planned(*found).id, study.planned(*cell).id));
    }
    found = cell;
  }
  if (found != nullptr) return found;
  throw Error(fmt::format("cell: no measured cell has an id that starts with '{}'", id));
}

std::string label_of(const Study& study, const StudyCell& cell, std::int64_t step) {
  std::vector<std::string> words;
  const auto& planned = study.planned(cell);
  for (std::size_t i = 0; i < study.plan().keys.size(); ++i) {
    words.push_back(study.plan().keys[i] + " = " + planned.coordinates[i]);
  }
  const auto settings = words.empty() ? "" : fmt::format(" ({})", join(words, ", "));
  auto label =
      fmt::format("cell {}{} at step {}", planned.id.substr(0, kIdLetters), settings, step);
  const auto& steps = cell.curves.steps;
  const auto row = std::find(steps.begin(), steps.end(), static_cast<double>(step));
  const auto* accuracies = cell.curves.find("val_accuracy");
  if (row == steps.end() || accuracies == nullptr) return label;
  const auto accuracy = (*accuracies)[static_cast<std::size_t>(row - steps.begin())];
  if (!std::isfinite(accuracy)) return label;
  return label + fmt::format(" (validation accuracy {:.1f} %)", 100 * accuracy);
}

}  // namespace

Schema element_figure_schema() {
  return common_figure_schema().text(
      "cell", "", "the first letters of a cell's id; by default the cell that generalised first");
}

ElementCell chosen_element_cell(const Study& study, const Params& options) {
  auto cells = chosen_cells(study, options);
  const auto& id = options.text("cell");
  if (!id.empty()) cells = {cell_by_id(study, cells, id)};
  sort_by_success(cells);
  for (const auto* cell : cells) {
    auto analysis = read_analysis(study.runs.folder_of(cell->index));
    if (!analysis) continue;
    auto label = label_of(study, *cell, analysis->step);
    return {cell, std::move(*analysis), std::move(label)};
  }
  throw Error(fmt::format(
      "{} no checkpoint yet, and the rows of the elements are read from one; checkpoint.every says "
      "when they are written",
      cells.size() == 1 ? "the cell has" : "none of these cells has"));
}

std::optional<Analysis> natural_analysis(const Study& study) {
  std::vector<const StudyCell*> cells;
  for (const auto& cell : study.cells) {
    if (cell.is_measured() && cell.summary.steps_to_generalize) cells.push_back(&cell);
  }
  sort_by_success(cells);
  for (const auto* cell : cells) {
    try {
      if (auto analysis = read_analysis(study.runs.folder_of(cell->index))) return analysis;
    } catch (const Error&) {  // nobody asked for this figure
      return std::nullopt;
    }
  }
  return std::nullopt;
}

Points element_points(const Analysis& analysis, const std::string& rows) {
  const auto& chosen = rows == "embedding" ? analysis.embedding : analysis.output_rows;
  const auto is_finite = [](double value) { return std::isfinite(value); };
  if (!std::all_of(chosen.values.begin(), chosen.values.end(), is_finite)) {
    throw Error(fmt::format("the {} rows are not finite at step {}: the run diverged", rows,
                            analysis.step));
  }
  return {static_cast<std::size_t>(chosen.width), chosen.values};
}

}  // namespace groklab
