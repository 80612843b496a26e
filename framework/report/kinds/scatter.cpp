// Two numbers of each run against each other, and their rank correlation.
#include "base/text.h"
#include "report/kinds.h"
#include "report/lines.h"
#include "report/run_numbers.h"
#include "report/statistics.h"

#include <fmt/format.h>
#include <groklab/error.h>

#include <algorithm>
#include <cmath>

namespace groklab {
namespace {

struct Pairs {
  std::vector<double> x, y;                     // where they are drawn
  std::map<std::string, std::size_t> bounds;    // drawn at a bound: number → cells
  std::map<std::string, std::size_t> without;   // number → cells that do not have it
  std::map<std::string, std::size_t> left_out;  // for another reason → cells
};

Axis axis_of(const std::string& name, const std::vector<double>& values) {
  const auto* what = is_step_number(name)      ? " (parameter updates)"
                     : is_summary_number(name) ? ""
                                               : " (last)";
  return {.label = name + what, .scale = scale_for(values)};
}

// "operation.name add, seed 1".
std::string coordinates_of(const Study& study, const StudyCell& cell) {
  std::vector<std::string> parts;
  for (std::size_t i = 0; i < study.plan().keys.size(); ++i) {
    parts.push_back(study.plan().keys[i] + " " + study.planned(cell).coordinates[i]);
  }
  return parts.empty() ? study.plan().experiment : join(parts, ", ");
}

Series points_of(const Study& study, const CellGroup& group, const std::string& x,
                 const std::string& y, Pairs& pairs) {
  Series points;
  points.mark = SeriesMark::points;
  points.shows_labels = false;
  for (const auto* cell : group.cells) {
    const auto at_x = bounds_of(study, *cell, x), at_y = bounds_of(study, *cell, y);
    if (!at_x || !at_y) {
      ++pairs.without[at_x ? y : x];
      continue;
    }
    if (!at_x->is_known()) ++pairs.bounds[x];
    if (!at_y->is_known() && y != x) ++pairs.bounds[y];
    points.x.push_back(without_rounding(at_x->low));
    points.y.push_back(without_rounding(at_y->low));
    points.is_bound.push_back(!at_x->is_known() || !at_y->is_known());
    points.is_bound_of_x.push_back(!at_x->is_known());
    points.labels.push_back(coordinates_of(study, *cell));
    pairs.x.push_back(points.x.back());
    pairs.y.push_back(points.y.back());
  }
  return points;
}

std::vector<std::string> counts_text(const std::map<std::string, std::size_t>& counts,
                                     const std::string& what) {
  std::vector<std::string> texts;
  for (const auto& [name, cells] : counts) {
    texts.push_back(fmt::format("{} {}{}", cells, what, name));
  }
  return texts;
}

// As the statistic rank_correlation, which is of all runs or of none.
std::string correlation_text(const Study& study, const std::vector<const StudyCell*>& cells,
                             const std::string& x, const std::string& y, const Pairs& pairs) {
  const auto n = cells.size();
  const auto without = [&](const std::string& why) {
    return fmt::format("n = {} runs; {}, so there is no rank correlation. ", n, why);
  };
  if (!pairs.without.empty()) return without(join(counts_text(pairs.without, "have no "), ", "));
  std::vector<double> ranked_x, ranked_y;
  try {
    ranked_x = numbers_to_rank(study, cells, x);
    ranked_y = numbers_to_rank(study, cells, y);
  } catch (const Error& error) {
    return fmt::format("n = {} runs; there is no rank correlation: {}. ", n, error.what());
  }
  const auto found = spearman(ranked_x, ranked_y);
  if (std::isnan(found.rho)) {
    return without(n < 3 ? "fewer than three" : "one of the two has one value alone");
  }
  const auto p = fmt::format("p {} {:.2g}", found.p < 1e-15 ? "<" : "=", std::max(found.p, 1e-15));
  const auto how = found.is_exact
                       ? fmt::format("exact, over all {}! orders", n)
                       : fmt::format("from Student's t with {} degrees of freedom", n - 2);
  return fmt::format(
      "Spearman's ρ = {:.3f}, two-sided {} ({}), n = {} runs, each taken as "
      "independent. ",
      found.rho, p, how, n);
}

std::string bounds_text(const Pairs& pairs) {
  if (pairs.bounds.empty()) return "";
  return fmt::format(
      "Hollow triangles: not reached, drawn at the budget or where a stretch too short to be "
      "sustained begins, ranked last ({}). ",
      join(counts_text(pairs.bounds, "of "), ", "));
}

std::string left_out_text(const Study& study, std::size_t chosen, bool has_where,
                          const Pairs& pairs) {
  auto reasons = counts_text(pairs.left_out, "");
  for (const auto& reason : counts_text(pairs.without, "have no ")) reasons.push_back(reason);
  const auto not_measured = std::count_if(study.cells.begin(), study.cells.end(),
                                          [](const auto& cell) { return !cell.is_measured(); });
  if (!has_where && not_measured > 0) {
    reasons.push_back(fmt::format("{} have not been measured", not_measured));
  }
  if (reasons.empty()) return fmt::format("No cell of {} is left out.", chosen);
  return "Cells left out: " + join(reasons, ", ") + ".";
}

Figure draw(const Study& study, const Params& options) {
  const auto chosen = chosen_cells(study, options);
  const auto cells = finished_cells(chosen, "scatter");
  const auto &x = options.text("x"), &y = options.text("y");
  require_number(cells, "x", x);
  require_number(cells, "y", y);
  const auto groups = coloured_groups(study, cells, options.text("series"));
  Pairs pairs;
  if (cells.size() < chosen.size()) pairs.left_out["are not done"] = chosen.size() - cells.size();
  Panel panel;
  for (std::size_t i = 0; i < groups.size(); ++i) {
    auto points = points_of(study, groups[i], x, y, pairs);
    points.colour = i;
    if (groups.size() > 1) points.name = groups[i].label;
    if (!points.x.empty()) panel.series.push_back(std::move(points));
  }
  if (pairs.x.empty()) throw Error(fmt::format("no measured cell has both {} and {}", x, y));
  panel.x = axis_of(x, pairs.x);
  panel.y = axis_of(y, pairs.y);
  auto figure = named_figure(options, "scatter",
                             fmt::format("{}: {} against {}", study.plan().experiment, y, x));
  figure.panels.push_back(std::move(panel));
  figure.caption = correlation_text(study, cells, x, y, pairs) + bounds_text(pairs) +
                   left_out_text(study, chosen.size(), !options.text("where").empty(), pairs);
  figure.description = fmt::format("A point a run: {} across, {} up.", x, y);
  return figure;
}

std::vector<Request> natural_requests(const Study& study) {
  const auto has_sharpness =
      std::count_if(study.cells.begin(), study.cells.end(),
                    [](const auto& cell) { return number_of(cell, "sharpness").has_value(); });
  if (has_sharpness < 3) return {};
  return {{"scatter", {}}};
}

}  // namespace

FigureKind scatter_kind() {
  return {"scatter", "two numbers of each run against each other, with Spearman's rank correlation",
          common_figure_schema()
              .text("x", "sharpness",
                    "a column of metrics, at the last evaluation, or best_val_accuracy, steps, "
                    "steps_to_generalize, sustained_steps_to_generalize, "
                    "steps_to_memorize, sustained_steps_to_memorize")
              .text("y", "val_accuracy", "the same")
              .text("series", "",
                    "swept keys between commas whose values have a colour each; by default those "
                    "that are no seeds"),
          draw, natural_requests};
}

}  // namespace groklab
