// Accuracy above loss over the logarithm of the step, of one run or of repetitions: figure 1, left,
// of Power et al. 2022, arXiv:2201.02177.
#include "base/text.h"
#include "report/kinds.h"
#include "report/lines.h"
#include "report/replicates.h"
#include "report/thinning.h"

#include <fmt/format.h>
#include <groklab/error.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>

namespace groklab {
namespace {

constexpr std::size_t kRuns = 12;  // of a group, drawn one by one
constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();

void append(Series& line, double step, double value) {
  line.x.push_back(step);
  line.y.push_back(value);
}

// Keeps what a picture can show.
Series thin(const Series& line) {
  Series thinner = line;
  for (auto* list : {&thinner.x, &thinner.y, &thinner.low, &thinner.high}) list->clear();
  for (const auto i : thinned(line.x, line.y, kLinePoints)) {
    append(thinner, line.x[i], line.y[i]);
    if (line.low.empty()) continue;
    thinner.low.push_back(line.low[i]);
    thinner.high.push_back(line.high[i]);
  }
  return thinner;
}

// Step 0 has no logarithm.
Series run_line(const StudyCell& cell, const std::string& column) {
  Series line;
  const auto* values = cell.curves.find(column);
  for (std::size_t i = 0; values != nullptr && i < values->size(); ++i) {
    if (cell.curves.steps[i] > 0) append(line, cell.curves.steps[i], (*values)[i]);
  }
  return thin(line);
}

// The mean with its band, at the steps at which all runs were measured.
Series mean_line(const CellGroup& group, const std::string& column, bool is_range) {
  std::map<double, std::vector<double>> samples;
  for (const auto* cell : group.cells) {
    const auto* values = cell->curves.find(column);
    for (std::size_t i = 0; values != nullptr && i < values->size(); ++i) {
      if (cell->curves.steps[i] > 0) samples[cell->curves.steps[i]].push_back((*values)[i]);
    }
  }
  Series line;
  for (const auto& [step, sample] : samples) {
    if (sample.size() < group.cells.size()) continue;
    const bool is_finite =
        std::all_of(sample.begin(), sample.end(), [](double v) { return std::isfinite(v); });
    append(line, step, is_finite ? mean(sample) : kNaN);
    line.low.push_back(is_finite ? quantile(sample, 0) : kNaN);
    line.high.push_back(is_finite ? quantile(sample, 1) : kNaN);
  }
  line = thin(line);
  for (std::size_t i = 0; i < line.x.size() && !is_range; ++i) {
    if (!std::isfinite(line.y[i])) continue;
    const auto [low, high] = bootstrap_interval(samples.at(line.x[i]), mean);
    line.low[i] = low;
    line.high[i] = high;
  }
  return line;
}

struct Column {
  std::string name;
  std::size_t colour;  // where there is one group
  bool is_training;
  std::string legend;
};

class Drawing {
 public:
  Drawing(std::vector<CellGroup> groups, bool is_range)
      : groups_(std::move(groups)), is_range_(is_range) {}

  Panel panel(const Axis& y, const std::vector<Column>& columns, bool has_legend) const {
    Panel panel;
    panel.x = step_axis();
    panel.y = y;
    for (const auto& column : columns) {
      for (std::size_t i = 0; i < groups_.size(); ++i) add_group(panel, i, column, has_legend);
    }
    for (std::size_t i = 0; i < groups_.size(); ++i) add_rules(panel, i, has_legend);
    return panel;
  }

 private:
  bool is_alone() const { return groups_.size() == 1; }

  void add_group(Panel& panel, std::size_t i, const Column& column, bool has_legend) const {
    const auto& group = groups_[i];
    const auto colour = is_alone() ? column.colour : i;
    const auto add = [&](Series line) {
      line.colour = colour;
      line.is_dashed = !is_alone() && column.is_training;
      panel.series.push_back(std::move(line));
    };
    const bool is_single = group.cells.size() == 1;
    for (const auto* cell : group.cells) {
      if (is_single || group.cells.size() > kRuns) break;
      auto line = run_line(*cell, column.name);
      line.is_faint = true;
      add(std::move(line));
    }
    auto line = is_single ? run_line(*group.cells.front(), column.name)
                          : mean_line(group, column.name, is_range_);
    if (has_legend && is_alone()) line.name = column.legend;
    if (has_legend && !is_alone() && !column.is_training) line.name = group.label;
    add(std::move(line));
  }

  // At the medians; one that was not reached has none.
  void add_rules(Panel& panel, std::size_t i, bool has_labels) const {
    const auto add = [&](std::optional<std::int64_t> Summary::*event, std::size_t colour,
                         const char* what) {
      std::vector<double> steps;
      for (const auto* cell : groups_[i].cells) {
        const auto step = cell->summary.*event;
        steps.push_back(step ? static_cast<double>(*step)
                             : std::numeric_limits<double>::infinity());
      }
      const double at = median(steps);
      if (!std::isfinite(at) || at <= 0) return;
      const auto label = has_labels ? fmt::format("{}{:.6g}", what, at) : "";
      panel.rules.push_back({.at = at, .is_vertical = true, .label = label, .colour = colour});
    };
    if (is_alone()) add(&Summary::steps_to_memorize, kTrainColour, "memorised: ");
    add(&Summary::steps_to_generalize, is_alone() ? kValColour : i,
        is_alone() ? "generalised: " : "");
  }

  std::vector<CellGroup> groups_;
  bool is_range_;
};

std::string caption_of(const Study& study, const std::vector<CellGroup>& groups, bool is_range) {
  std::size_t least = groups.front().cells.size(), most = least;
  std::vector<std::vector<const StudyCell*>> runs;
  for (const auto& group : groups) {
    runs.push_back(group.cells);
    least = std::min(least, group.cells.size());
    most = std::max(most, group.cells.size());
  }
  std::string text;
  if (most == 1) {
    text = "n = 1 run a line.";
  } else {
    text = fmt::format(
        "Mean over n = {} runs, which differ in {}, at the steps that all of them have; band: {}; "
        "faint: single runs.",
        least == most ? fmt::format("{}", most) : fmt::format("{} to {}", least, most),
        join(differing_keys(study, runs), ", "),
        is_range ? "least to greatest" : "95 % percentile bootstrap interval of the mean");
  }
  if (groups.size() > 1) text += " Solid: validation; dashed: training.";
  return text + " Vertical lines: " + (most == 1 ? "" : "median of the ") +
         "first evaluated step with accuracy at least 0.99" +
         (groups.size() > 1 ? " in validation." : ".");
}

bool can_be_drawn(const StudyCell& cell) {
  const auto* losses = cell.curves.find("train_loss");
  std::size_t count = 0;
  for (std::size_t i = 0; losses != nullptr && i < losses->size(); ++i) {
    count += cell.curves.steps[i] > 0 && std::isfinite((*losses)[i]);
  }
  return count >= 2;
}

Figure draw(const Study& study, const Params& options) {
  auto cells = chosen_cells(study, options);
  const auto left_out =
      std::erase_if(cells, [](const StudyCell* cell) { return !can_be_drawn(*cell); });
  if (cells.empty()) throw Error("fewer than two evaluations to draw");
  const auto groups = averaged_groups(study, cells, options.text("series"), "curve");
  const bool is_range = options.text("band") == "range";
  const Drawing drawing(groups, is_range);
  auto figure = named_figure(options, "curve", shared_title(study, cells));
  figure.panels.push_back(drawing.panel({.label = "accuracy", .from = -0.02, .to = 1.05},
                                        {{"train_accuracy", kTrainColour, true, "training"},
                                         {"val_accuracy", kValColour, false, "validation"}},
                                        true));
  figure.panels.push_back(drawing.panel(
      {.label = "loss (cross-entropy, nats)", .scale = Scale::log},
      {{"train_loss", kTrainColour, true, ""}, {"val_loss", kValColour, false, ""}}, false));
  figure.panels.front().x.label = "";
  figure.caption = caption_of(study, groups, is_range);
  if (left_out > 0) {
    figure.caption +=
        fmt::format(" Left out, as fewer than two evaluations are finite: {} of {} runs.", left_out,
                    left_out + cells.size());
  }
  figure.description =
      "Training and validation accuracy above the losses, over the logarithm of the step.";
  return figure;
}

// Where there are colours for all settings; else the ranking has their accuracies.
std::vector<Request> natural_requests(const Study& study) {
  std::vector<const StudyCell*> cells;
  for (const auto& cell : study.cells) {
    if (can_be_drawn(cell)) cells.push_back(&cell);
  }
  if (cells.empty()) return {};
  const auto settings = group_by(study, cells, pooled_keys(study, {cells})).size();
  if (settings > kPalette.size()) return {};
  return {{"curve", {}}};
}

}  // namespace

FigureKind curve_kind() {
  return {"curve", "accuracy and loss over the logarithm of the step",
          common_figure_schema()
              .text("series", "",
                    "settings between commas whose values have a colour each; by default all swept "
                    "keys that are no seeds")
              .choice("band", "interval",
                      "of several runs: the 95 % interval of their mean, or from the least to the "
                      "greatest",
                      {"interval", "range"}),
          draw, natural_requests};
}

}  // namespace groklab
