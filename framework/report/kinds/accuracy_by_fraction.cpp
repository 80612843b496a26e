// Validation accuracy over the fraction of the table that is trained on: both panels of figure 2 of
// Power et al. 2022, arXiv:2201.02177.
#include "report/kinds.h"
#include "report/replicates.h"

#include <fmt/format.h>
#include <groklab/error.h>

#include <algorithm>
#include <cmath>

namespace groklab {
namespace {

using Accuracy = double Summary::*;

// `unknown` counts points at which a run has no accuracy, so that there is no mean.
Series line_of(const FractionSeries& series, Accuracy accuracy, std::size_t& unknown) {
  Series line;
  line.mark = SeriesMark::line_and_points;
  for (const auto& [fraction, cells] : series.fractions) {
    std::vector<double> values;
    for (const auto* cell : cells) values.push_back(cell->summary.*accuracy);
    if (!std::isfinite(mean(values))) {
      ++unknown;
      continue;
    }
    const auto [low, high] = bootstrap_interval(values, mean);
    line.x.push_back(fraction);
    line.y.push_back(mean(values));
    line.low.push_back(low);
    line.high.push_back(high);
  }
  return line;
}

Figure draw(const Study& study, const Params& options) {
  const auto chosen = chosen_cells(study, options);
  const auto cells = finished_cells(chosen, "accuracy_by_fraction");
  const auto all = by_fraction(study, cells, options.text("series"), "accuracy_by_fraction");
  const bool is_best = options.text("statistic") == "best_val_accuracy";
  const auto* what = is_best ? "best validation accuracy" : "validation accuracy at the end";
  auto figure = named_figure(options, "accuracy_by_fraction",
                             shared_title(study, cells) + ", accuracy by data");
  Panel panel;
  std::size_t unknown = 0;
  panel.x.label = "fraction of the table trained on";
  panel.y = {.label = what, .from = -0.02, .to = 1.03};
  for (std::size_t i = 0; i < all.size(); ++i) {
    auto line =
        line_of(all[i], is_best ? &Summary::best_val_accuracy : &Summary::val_accuracy, unknown);
    line.colour = i;
    line.is_dashed = i / kPalette.size() % 2 == 1;  // there are no more colours
    if (all.size() > 1) line.name = all[i].label;
    panel.series.push_back(std::move(line));
  }
  figure.panels.push_back(std::move(panel));
  figure.caption = fmt::format(
      "Mean over runs of the {} ({}); band: its 95 % percentile bootstrap interval. Budget: {}.",
      what, runs_text(study, all), budget_text(study, all));
  if (unknown > 0) {
    figure.caption +=
        fmt::format(" {} points are left out, as a run there has no accuracy.", unknown);
  }
  figure.caption += unfinished_text(chosen, cells);
  figure.description = fmt::format(
      "The {} over the fraction of the table that is trained on, a line a setting.", what);
  return figure;
}

std::vector<Request> natural_requests(const Study& study) {
  if (!varies_fraction(study)) return {};
  return {{"accuracy_by_fraction", {}}};
}

}  // namespace

FigureKind accuracy_by_fraction_kind() {
  return {"accuracy_by_fraction", "validation accuracy over the training fraction",
          common_figure_schema()
              .choice("statistic", "best_val_accuracy",
                      "the best validation accuracy of a run, or that of its last evaluation",
                      {"best_val_accuracy", "val_accuracy"})
              .text("series", "",
                    "swept keys between commas whose values have a colour each; by default those "
                    "besides the fraction that are no seeds"),
          draw, natural_requests};
}

}  // namespace groklab
