// Columns of metrics over the logarithm of the step, a panel a column, with an accuracy beside.
#include "base/text.h"
#include "report/kinds.h"
#include "report/lines.h"

#include <fmt/format.h>
#include <groklab/error.h>

#include <algorithm>
#include <cmath>
#include <set>

namespace groklab {
namespace {

constexpr std::size_t kPanels = 6;  // that can be read side by side
constexpr std::size_t kAloneColour = 2;

// What is measured without probes.
bool is_own_column(const std::string& column) {
  static const std::set<std::string> own{"train_loss",   "train_accuracy", "val_loss",
                                         "val_accuracy", "batch_loss",     "batch_accuracy"};
  return own.contains(column);
}

// The probe that measured a column is what stands before the first point.
std::string probe_of(const std::string& column) { return column.substr(0, column.find('.')); }

// Of all cells, in alphabetical order.
std::vector<std::string> measured_columns(const std::vector<const StudyCell*>& cells) {
  std::set<std::string> columns;
  for (const auto* cell : cells) {
    for (const auto& [name, values] : cell->curves.columns) columns.insert(name);
  }
  return {columns.begin(), columns.end()};
}

std::vector<const StudyCell*> measured_cells(const Study& study) {
  std::vector<const StudyCell*> cells;
  for (const auto& cell : study.cells) {
    if (cell.is_measured()) cells.push_back(&cell);
  }
  return cells;
}

// Where a probe has more columns than a figure panels, those of single parameters, which have a
// point in their own names, are left to who asks for them.
std::vector<std::string> main_columns(const std::vector<std::string>& columns) {
  if (columns.size() <= kPanels) return columns;
  std::vector<std::string> main;
  for (const auto& column : columns) {
    if (std::count(column.begin(), column.end(), '.') < 2) main.push_back(column);
  }
  return main.empty() ? columns : main;
}

// Probe → its columns.
using Probes = std::map<std::string, std::vector<std::string>>;

Probes columns_by_probe(const std::vector<std::string>& columns) {
  Probes probes;
  for (const auto& column : columns) {
    if (!is_own_column(column)) probes[probe_of(column)].push_back(column);
  }
  for (auto& [name, its_columns] : probes) its_columns = main_columns(its_columns);
  return probes;
}

std::vector<std::string> names_of(const Probes& probes) {
  std::vector<std::string> names;
  for (const auto& [name, columns] : probes) names.push_back(name);
  return names;
}

const std::vector<std::string>& columns_of_only_probe(const Probes& probes) {
  if (probes.size() == 1) return probes.begin()->second;
  if (probes.empty()) {
    throw Error(
        "probe_over_time needs the columns of a probe, and no probe was measured; name probes: in "
        "the spec, or a column of metrics by probe, such as train_loss");
  }
  throw Error(fmt::format("several probes were measured; name one by probe: {}",
                          join(names_of(probes), ", ")));
}

std::vector<std::string> named_columns(const std::string& wanted,
                                       const std::vector<std::string>& columns) {
  const auto probes = columns_by_probe(columns);
  if (wanted.empty()) return columns_of_only_probe(probes);
  const auto probe = probes.find(wanted);
  if (probe != probes.end()) return probe->second;
  auto known = names_of(probes);
  known.insert(known.end(), columns.begin(), columns.end());
  const auto named = split(wanted, ',');
  for (const auto& name : named) {
    if (std::find(columns.begin(), columns.end(), name) != columns.end()) continue;
    throw Error(fmt::format("probe: no run measured '{}'{}", name, suggestion(name, known)));
  }
  return named;
}

std::vector<std::string> chosen_columns(const std::string& wanted,
                                        const std::vector<const StudyCell*>& cells) {
  const auto chosen = named_columns(wanted, measured_columns(cells));
  if (chosen.empty()) throw Error("probe: names no column");
  if (chosen.size() <= kPanels) return chosen;
  throw Error(
      fmt::format("probe: {} columns are more than the {} panels of a figure; choose some: {}",
                  chosen.size(), kPanels, join(chosen, ",")));
}

struct Content {
  std::vector<const StudyCell*> cells;
  std::vector<CellGroup> groups;
  std::string beside;  // empty: nothing
};

void add_beside(const Content& content, Panel& panel) {
  panel.right = Axis{.label = content.beside};
  if (content.beside.ends_with("accuracy")) panel.right->from = 0, panel.right->to = 1;
  const bool is_alone = content.groups.size() == 1;
  for (std::size_t i = 0; i < content.groups.size(); ++i) {
    const auto name = i > 0 ? "" : content.beside + " (right)";
    auto line =
        line_of(mean_curve(content.groups[i], content.beside), name, is_alone ? kValColour : i);
    line.low.clear();
    line.high.clear();
    line.is_dashed = line.is_faint = line.is_on_right = true;
    panel.series.push_back(std::move(line));
  }
}

Panel panel_of(const std::string& column, const Content& content) {
  Panel panel;
  panel.x = step_axis();
  panel.y.label = column;
  panel.y.scale = scale_for(measured_values(content.cells, column));
  const bool is_alone = content.groups.size() == 1;
  if (!content.beside.empty() && content.beside != column) add_beside(content, panel);
  for (std::size_t i = 0; i < content.groups.size(); ++i) {
    const auto& group = content.groups[i];
    panel.series.push_back(line_of(mean_curve(group, column), is_alone ? column : group.label,
                                   is_alone ? kAloneColour : i));
  }
  return panel;
}

std::string caption_of(const Study& study, const Content& content) {
  const bool has_bands = std::any_of(content.groups.begin(), content.groups.end(),
                                     [](const auto& group) { return group.cells.size() > 1; });
  auto text = fmt::format("n: {}. ", repetitions_text(study, content.groups));
  text += has_bands ? "Mean of the runs that were measured at a step; band: its 95 % interval, by "
                      "percentile bootstrap over runs."
                    : "Values as they were measured.";
  if (!content.beside.empty()) text += fmt::format(" Dashed, on the right: {}.", content.beside);
  return text;
}

Figure draw(const Study& study, const Params& options) {
  const auto cells = chosen_cells(study, options);
  const auto columns = chosen_columns(options.text("probe"), cells);
  const Content content{cells,
                        averaged_groups(study, cells, options.text("series"), "probe_over_time"),
                        options.text("beside")};
  const auto known = measured_columns(cells);
  if (!content.beside.empty() &&
      std::find(known.begin(), known.end(), content.beside) == known.end()) {
    throw Error(fmt::format("beside: no run measured '{}'{}", content.beside,
                            suggestion(content.beside, known)));
  }
  const auto what = columns.size() == 1 ? columns.front() : probe_of(columns.front());
  auto figure = named_figure(options, "probe_over_time",
                             fmt::format("{}: {} over time", study.plan().experiment, what));
  for (const auto& column : columns) figure.panels.push_back(panel_of(column, content));
  figure.columns = figure.panels.size() > 1 ? 2 : 1;
  figure.caption = caption_of(study, content);
  figure.description = fmt::format("Lines over the logarithm of the step, a panel for each of: {}.",
                                   join(columns, ", "));
  return figure;
}

// Columns in figures of about as many panels each.
std::vector<std::vector<std::string>> figures_of(const std::vector<std::string>& columns) {
  const auto count = (columns.size() + kPanels - 1) / kPanels;
  std::vector<std::vector<std::string>> figures(count);
  for (std::size_t i = 0; i < columns.size(); ++i) {
    figures[i * count / columns.size()].push_back(columns[i]);
  }
  return figures;
}

std::vector<Request> natural_requests(const Study& study) {
  std::vector<Request> requests;
  for (const auto& [probe, columns] : columns_by_probe(measured_columns(measured_cells(study)))) {
    const auto figures = figures_of(columns);
    for (std::size_t i = 0; i < figures.size(); ++i) {
      Request request{"probe_over_time", {{"probe", probe}}};
      auto& options = request.options;
      options["name"] = fmt::format("probe_over_time_{}", probe);
      if (figures.size() > 1) {
        options["probe"] = join(figures[i], ",");
        options["name"] = fmt::format("probe_over_time_{}_{}", probe, i + 1);
        options["title"] = fmt::format("{}: {} over time, {} of {}", study.plan().experiment, probe,
                                       i + 1, figures.size());
      }
      requests.push_back(std::move(request));
    }
  }
  return requests;
}

}  // namespace

FigureKind probe_over_time_kind() {
  return {"probe_over_time", "columns of a probe, or of metrics, over the logarithm of the step",
          common_figure_schema()
              .text("probe", "",
                    "a probe, for its columns (if they are more than six, without those of single "
                    "parameters), or names of columns of metrics between commas, six at most; by "
                    "default the only probe")
              .text("beside", "val_accuracy",
                    "a column of metrics on the right axis of each panel; empty: none")
              .text("series", "",
                    "swept keys between commas whose values have a colour each; by default those "
                    "that are no seeds"),
          draw, natural_requests};
}

}  // namespace groklab
