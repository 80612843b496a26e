// Whether the training loss goes exactly to zero, and what then still moves the network: the
// question that Power et al. 2022, arXiv:2201.02177, leave open, with the measurements of Prieto et
// al. 2025, arXiv:2501.04697. docs/spec_reference.md and the probes' sources say what the columns
// are.
#include "base/text.h"
#include "report/exact_zeros.h"
#include "report/kinds.h"
#include "report/lines.h"

#include <fmt/format.h>
#include <groklab/error.h>

#include <algorithm>
#include <cmath>
#include <set>

namespace groklab {
namespace {

enum class Style { solid, dashed, points };

struct Part {
  std::string column, meaning;
  Style style;
};

struct PanelPlan {
  std::string title;
  Axis y;
  std::vector<Part> parts;
};

// Losses as they are printed or computed, by column.
constexpr const char* kBatchLoss = "batch_loss";
constexpr const char* kTrainLoss = "train_loss";
constexpr const char* kExactLoss = "softmax_collapse.train_loss";

// The dtype in which all of these cells were trained.
std::string precision_of(const Study& study, const std::vector<const StudyCell*>& cells) {
  std::set<std::string> precisions;
  for (const auto* cell : cells) precisions.insert(study.setting(*cell, "precision").value_or(""));
  const bool is_known = precisions.size() == 1 && !precisions.begin()->empty();
  return is_known ? *precisions.begin() : "the precision of training";
}

std::vector<PanelPlan> all_panels(const std::string& precision) {
  const Axis share{.label = "share", .from = 0, .to = 1};
  const Axis norm{.label = "Euclidean norm", .scale = Scale::log};
  return {{"Training loss",
           {.label = "mean cross-entropy (nats)", .scale = Scale::log},
           {{kExactLoss, "training set, without rounding", Style::solid},
            {kTrainLoss, "training set, softmax in float64", Style::dashed},
            {kBatchLoss, "last batch, as the step saw it in " + precision, Style::points}}},
          {"Share of exact zeros",
           share,
           {{"softmax_collapse.zero_loss_share", "of the training samples' float32 losses",
             Style::solid},
            {"gradient_norm.zero_share", "of the numbers of the gradient", Style::dashed}}},
          {"Gradient that the optimiser was given",
           norm,
           {{"gradient_norm", "all of it", Style::solid}}},
          {"Last update",
           norm,
           {{"update_anatomy.optimizer", "from the gradient, by the optimiser", Style::solid},
            {"update_anatomy.decay", "from weight decay", Style::dashed},
            {"update_anatomy.regularizers", "from regularisers", Style::points}}}};
}

bool is_measured(const std::vector<const StudyCell*>& cells, const std::string& column) {
  return !measured_values(cells, column).empty();
}

bool is_zero_throughout(const std::vector<const StudyCell*>& cells, const std::string& column) {
  const auto values = measured_values(cells, column);
  return std::all_of(values.begin(), values.end(), [](double value) { return value == 0; });
}

void require_probes(const std::vector<const StudyCell*>& cells) {
  std::set<std::string> columns;
  for (const auto* cell : cells) {
    for (const auto& [name, values] : cell->curves.columns) {
      columns.insert(name);
      if (name.starts_with("softmax_collapse.") || name.starts_with("update_anatomy")) return;
    }
  }
  throw Error(fmt::format(
      "loss_anatomy needs the columns of softmax_collapse or update_anatomy, best of both and of "
      "gradient_norm; add probes: [{{name: softmax_collapse}}, {{name: update_anatomy}}, {{name: "
      "gradient_norm}}] to the spec. Measured were: {}",
      join({columns.begin(), columns.end()}, ", ")));
}

// Leaves the parts that were measured, and of a logarithmic panel those that were not always 0.
std::vector<PanelPlan> shown_panels(std::vector<PanelPlan> panels,
                                    const std::vector<const StudyCell*>& cells) {
  for (auto& panel : panels) {
    std::erase_if(panel.parts, [&](const Part& part) {
      return !is_measured(cells, part.column) ||
             (panel.y.scale == Scale::log && is_zero_throughout(cells, part.column));
    });
  }
  std::erase_if(panels, [](const PanelPlan& panel) { return panel.parts.empty(); });
  return panels;
}

struct Drawn {
  Series line;
  std::vector<double> zeros;  // steps at which the median is exactly zero
};

Drawn drawn_part(const CellGroup& group, const Part& part) {
  const auto curve = median_curve(group, part.column);
  Drawn drawn{line_of(curve, "", 0), {}};
  drawn.line.is_dashed = part.style == Style::dashed;
  if (part.style == Style::points) drawn.line.mark = SeriesMark::points;
  if (part.style == Style::points || group.cells.size() == 1) {
    drawn.line.low.clear();
    drawn.line.high.clear();
  }
  for (std::size_t i = 0; i < curve.steps.size(); ++i) {
    if (curve.middle[i] == 0) drawn.zeros.push_back(curve.steps[i]);
  }
  return drawn;
}

// In one group the parts have colours, and in several the groups; there a group is named by its
// first part, and the other parts once.
void name_part(Series& line, const std::vector<CellGroup>& groups, std::size_t group,
               const PanelPlan& plan, std::size_t part, std::set<std::size_t>& named) {
  const bool is_alone = groups.size() == 1;
  line.colour = is_alone ? 2 + part : group;  // kValColour and kTrainColour are taken
  if (!is_alone && part == 0) {
    line.name = groups[group].label;
  } else if (named.insert(part).second) {
    line.name = plan.parts[part].column;
  }
}

// Where a logarithmic axis starts that has to have a place for exact zeros: a decade below the
// decade of the least positive number.
std::optional<double> floor_below(const std::vector<Drawn>& parts) {
  double least = std::numeric_limits<double>::infinity();
  bool has_zeros = false;
  for (const auto& part : parts) {
    has_zeros |= !part.zeros.empty();
    for (const auto* values : {&part.line.y, &part.line.low}) {
      for (const double value : *values) {
        if (value > 0) least = std::min(least, value);
        has_zeros |= value == 0;
      }
    }
  }
  if (!has_zeros || std::isinf(least)) return std::nullopt;
  return std::max(std::pow(10, std::floor(std::log10(least)) - 1), 1e-307);
}

Series rug(const Drawn& part, double floor) {
  Series zeros;
  zeros.colour = part.line.colour;
  zeros.mark = SeriesMark::points;
  zeros.x = part.zeros;
  zeros.y.assign(part.zeros.size(), floor);
  return zeros;
}

void add_accuracies(const std::vector<CellGroup>& groups, Panel& panel) {
  panel.right = Axis{.label = "accuracy", .from = 0, .to = 1};
  const bool is_alone = groups.size() == 1;
  for (std::size_t i = 0; i < groups.size(); ++i) {
    for (const std::string column : {"val_accuracy", "train_accuracy"}) {
      const bool is_val = column == "val_accuracy";
      if (!is_alone && !is_val) continue;
      auto line = line_of(median_curve(groups[i], column), i == 0 ? column + " (right)" : "",
                          is_alone ? (is_val ? kValColour : kTrainColour) : i);
      line.low.clear();
      line.high.clear();
      line.is_faint = line.is_on_right = true;
      panel.series.push_back(std::move(line));
    }
  }
}

Panel panel_of(const PanelPlan& plan, const std::vector<CellGroup>& groups) {
  Panel panel{.title = plan.title, .x = step_axis(), .y = plan.y};
  add_accuracies(groups, panel);
  std::vector<Drawn> drawn;
  std::set<std::size_t> named;
  for (std::size_t group = 0; group < groups.size(); ++group) {
    for (std::size_t part = 0; part < plan.parts.size(); ++part) {
      const bool is_log = plan.y.scale == Scale::log;
      if (is_log && is_zero_throughout(groups[group].cells, plan.parts[part].column)) continue;
      drawn.push_back(drawn_part(groups[group], plan.parts[part]));
      name_part(drawn.back().line, groups, group, plan, part, named);
    }
  }
  const auto floor = plan.y.scale == Scale::log ? floor_below(drawn) : std::nullopt;
  if (floor) panel.y.from = floor;
  for (auto& part : drawn) {
    if (floor) {
      for (auto& low : part.line.low) low = std::max(low, *floor);
      if (!part.zeros.empty()) panel.series.push_back(rug(part, *floor));
    }
    panel.series.push_back(std::move(part.line));
  }
  return panel;
}

// What each column is, and how it is drawn.
std::string style_text(const std::vector<PanelPlan>& panels) {
  std::string text;
  for (const auto& panel : panels) {
    for (const auto& part : panel.parts) {
      const auto* style = part.style == Style::solid    ? "line"
                          : part.style == Style::dashed ? "dashed"
                                                        : "points";
      text += fmt::format(" {}: {}, {}.", part.column, style, part.meaning);
    }
  }
  return text;
}

// What has no line in a logarithmic panel.
std::string left_out_text(const std::vector<PanelPlan>& all, const std::vector<CellGroup>& groups) {
  std::string text;
  for (const auto& panel : all) {
    for (const auto& part : panel.parts) {
      std::vector<std::string> labels;
      for (const auto& group : groups) {
        const bool is_left_out = panel.y.scale == Scale::log &&
                                 is_measured(group.cells, part.column) &&
                                 is_zero_throughout(group.cells, part.column);
        if (is_left_out) labels.push_back(group.label);
      }
      if (labels.empty()) continue;
      const auto where = labels.size() < groups.size() ? " in " + join(labels, "; ") : "";
      text += fmt::format(" {} was always 0{}.", part.column, where);
    }
  }
  return text;
}

constexpr const char* kFloorText =
    " Points on the floor of a logarithmic panel: exactly 0, which has no place there; float64 "
    "rounds the loss of a sample to 0 where its logit is more than 53 ln 2 = 36.7 above the "
    "others, "
    "float32 above 24 ln 2 = 16.6.";

Figure draw(const Study& study, const Params& options) {
  const auto cells = chosen_cells(study, options);
  require_probes(cells);
  const auto groups = averaged_groups(study, cells, options.text("series"), "loss_anatomy");
  const auto all = all_panels(precision_of(study, cells));
  const auto plans = shown_panels(all, cells);
  auto figure = named_figure(options, "loss_anatomy",
                             study.plan().experiment + ": what the training loss is made of");
  for (const auto& plan : plans) figure.panels.push_back(panel_of(plan, groups));
  figure.columns = figure.panels.size() > 1 ? 2 : 1;
  const bool has_bands = std::any_of(groups.begin(), groups.end(),
                                     [](const auto& group) { return group.cells.size() > 1; });
  const bool has_floor = std::any_of(figure.panels.begin(), figure.panels.end(), [](const auto& p) {
    return p.y.scale == Scale::log && p.y.from;
  });
  figure.caption = fmt::format(
      "n: {}. {}{} {}{}{}", repetitions_text(study, groups),
      has_bands ? "Median over runs; band: the least to the greatest." : "Values as measured.",
      style_text(plans), exact_zeros_sentences(groups, {kBatchLoss, kTrainLoss, kExactLoss}),
      has_floor ? kFloorText : "", left_out_text(all, groups));
  std::vector<std::string> titles;
  for (const auto& plan : plans) titles.push_back(plan.title);
  figure.description =
      fmt::format("Lines over the logarithm of the step in panels: {}.", join(titles, "; "));
  return figure;
}

std::vector<Request> natural_requests(const Study& study) {
  const bool has_columns =
      std::any_of(study.cells.begin(), study.cells.end(), [](const StudyCell& cell) {
        return cell.curves.find(kExactLoss) != nullptr ||
               cell.curves.find("update_anatomy") != nullptr;
      });
  if (!has_columns) return {};
  return {{"loss_anatomy", {}}};
}

}  // namespace

FigureKind loss_anatomy_kind() {
  return {"loss_anatomy",
          "training loss as computed and without rounding, its exact zeros, gradient and update",
          common_figure_schema().text("series", "",
                                      "swept keys between commas whose values have a colour each; "
                                      "by default those that are no seeds"),
          draw, natural_requests};
}

}  // namespace groklab
