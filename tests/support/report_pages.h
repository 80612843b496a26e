#pragma once

#include "report/page.h"

#include <cmath>
#include <limits>
#include <string>

namespace groklab::test {

inline constexpr double kNothing = std::numeric_limits<double>::quiet_NaN();

inline Axis axis(std::string label, Scale scale = Scale::linear) {
  return {std::move(label), scale, {}, {}, {}};
}

inline Series series(std::string name, std::size_t colour, SeriesMark mark = SeriesMark::line) {
  Series series;
  series.name = std::move(name);
  series.colour = colour;
  series.mark = mark;
  return series;
}

inline Panel panel(std::string title, Axis x, Axis y) {
  Panel panel;
  panel.title = std::move(title);
  panel.x = std::move(x);
  panel.y = std::move(y);
  return panel;
}

// How accuracies go: from chance to 1 around `when`.
inline double learned(double step, double when) {
  return 0.01 + 0.99 / (1 + std::pow(when / std::max(step, 1.0), 4));
}

// Accuracies with a band and a rule above, losses below, over the logarithm of the step.
inline Figure curve_figure() {
  auto train = series("training", kTrainColour), val = series("validation", kValColour);
  auto train_loss = train, val_loss = val;
  for (double step = 10; step < 1.1e5; step *= 1.2) {
    for (auto* each : {&train, &val, &train_loss, &val_loss}) each->x.push_back(step);
    train.y.push_back(learned(step, 500));
    val.y.push_back(learned(step, 20000));
    val.low.push_back(learned(step, 26000));
    val.high.push_back(learned(step, 15000));
    train_loss.y.push_back(4.6 * (1 - learned(step, 400)));
    val_loss.y.push_back(4.6 + 3 * learned(step, 1000) - 7.59 * learned(step, 20000));
  }
  auto accuracy = panel("Division", axis("step (parameter updates)", Scale::log), axis("accuracy"));
  accuracy.y.from = -0.02;
  accuracy.y.to = 1.05;
  accuracy.series = {train, val};
  accuracy.rules = {{20000, true, "99 % at 20000", kValColour}};
  auto loss =
      panel("", axis("step (parameter updates)", Scale::log), axis("loss (nats)", Scale::log));
  loss.series = {train_loss, val_loss};
  Figure figure{"curve",
                "Validation follows training late",
                "x/y mod 97, n = 3 seeds; band: range.",
                "Training accuracy reaches 1 at 500 steps, validation at 20000.",
                {accuracy, loss}};
  return figure;
}

// Points with whiskers, of which some are bounds.
inline Figure fraction_figure() {
  auto add = series("add", 0, SeriesMark::points), divide = series("divide", 1, SeriesMark::points);
  for (auto* each : {&add, &divide}) {
    for (int percent = 20; percent <= 80; percent += 10) {
      const double time = 1e3 * std::exp(static_cast<double>(each->colour) + (80 - percent) / 14.0);
      const bool is_bound = time > 1e5;
      each->x.push_back(percent / 100.0);
      each->y.push_back(is_bound ? 1e5 : time);
      each->low.push_back(is_bound ? kNothing : time / 1.3);
      each->high.push_back(is_bound ? kNothing : time * 1.2);
      each->is_bound.push_back(is_bound);
    }
  }
  auto fractions = panel("", axis("training fraction"), axis("steps to generalise", Scale::log));
  fractions.series = {add, divide};
  return {"time_by_fraction",
          "Less data takes longer",
          "Median of 3 seeds, bootstrapped 95 % intervals; open triangles: not within the budget.",
          "Steps to generalise fall from 1e5 to 1e3.",
          {fractions}};
}

// A map of points on a circle, bars beside it, and what is measured along categories.
inline Figure mixed_figure() {
  auto points = series("", 0, SeriesMark::points);
  for (int i = 0; i < 97; ++i) {
    points.x.push_back(std::cos(i / 97.0 * 6.2832));
    points.y.push_back(std::sin(i / 97.0 * 6.2832));
    points.shade.push_back(i);
    points.labels.push_back(std::to_string(i));
  }
  points.shows_labels = false;
  auto map = panel("Output rows", axis(""), axis(""));
  map.is_square = true;
  map.series = {points};
  map.shade_label = "residue";

  auto bars = series("power", 2, SeriesMark::bars);
  for (int k = 1; k <= 48; ++k) {
    bars.x.push_back(k);
    bars.y.push_back(k % 11 == 3 ? 0.2 : 0.004);
  }
  auto spectrum = panel("Spectrum", axis("frequency"), axis("share of the power"));
  spectrum.series = {bars};

  auto best = series("best accuracy", 3, SeriesMark::points);
  best.x = {0.5, 0.75, 0.98};
  best.y = {0, 1, 2};
  best.low = {0.45, 0.6, 0.97};
  best.high = {0.6, 0.8, 0.99};
  auto ranking =
      panel("Interventions", axis("best validation accuracy"), axis("", Scale::category));
  ranking.y.categories = {"Adam", "Adam, noise", "AdamW, decay 1"};
  ranking.series = {best};

  auto norm = series("norm", 4), ratio = series("ratio", 5);
  for (double step = 1; step < 1e5; step *= 2) {
    norm.x.push_back(step), ratio.x.push_back(step);
    norm.y.push_back(40 - 2 * std::log(step)), ratio.y.push_back(1 / (1 + step / 1e3));
  }
  ratio.is_on_right = ratio.is_dashed = true;
  auto probes = panel("Probes", axis("step (parameter updates)", Scale::log), axis("weight norm"));
  probes.right = axis("ratio", Scale::log);
  probes.series = {norm, ratio};
  return {"mixed",
          "What a network has learned",
          "One network, x + y mod 97.",
          "The rows lie on a circle.",
          {map, spectrum, ranking, probes},
          2};
}

// `count` cells with curves of `points` values a column.
inline void add_cells(Page& page, std::size_t count, std::size_t points, std::size_t more_columns) {
  page.columns = {{"cell", ColumnType::text},
                  {"operation.name", ColumnType::text},
                  {"data.train_fraction", ColumnType::real},
                  {"seed", ColumnType::integer},
                  {"val_accuracy", ColumnType::real},
                  {"steps_to_generalize", ColumnType::integer}};
  for (std::size_t c = 0; c < more_columns; ++c) {
    page.columns.push_back({"setting." + std::to_string(c), ColumnType::real});
  }
  const std::vector<std::string> operations{"add", "divide", "x2_plus_y2"};
  for (std::size_t i = 0; i < count; ++i) {
    PageRow row;
    row.id = std::to_string(i);
    const double when = 500.0 * static_cast<double>(1 + i * 7 % 40);
    const bool has_generalised = i % 4 != 3;
    row.values = {row.id,
                  operations[i % 3],
                  0.2 + 0.05 * static_cast<double>(i % 9),
                  static_cast<std::int64_t>(i % 5),
                  has_generalised ? learned(1e5, when) : 0.123456789,
                  TableValue{}};
    if (has_generalised) row.values[5] = static_cast<std::int64_t>(when);
    for (std::size_t c = 0; c < more_columns; ++c)
      row.values.push_back(0.001 * static_cast<double>(i + c));
    row.curve.columns = {
        {"train_accuracy", {}}, {"val_accuracy", {}}, {"train_loss", {}}, {"val_loss", {}}};
    for (std::size_t k = 0; k < points; ++k) {
      const double step =
          std::pow(10.0, 5.0 * static_cast<double>(k + 1) / static_cast<double>(points));
      row.curve.steps.push_back(step);
      auto& columns = row.curve.columns;
      columns[0].second.push_back(learned(step, 300));
      columns[1].second.push_back(has_generalised ? learned(step, when) : 0.01);
      columns[2].second.push_back(4.6 * (1 - learned(step, 300)) + 1e-7);
      columns[3].second.push_back(4.6 * (1 - learned(step, when)) + 1e-3);
    }
    page.rows.push_back(std::move(row));
  }
}

inline Page study_page() {
  Page page;
  page.title = "Figure 1 left";
  page.claim = "Validation accuracy rises from chance to 1 long after training accuracy has.";
  page.verdict = "12 of 12 cells are done; 9 generalised.";
  page.findings = {{{"delay", {}},
                    "It comes late.",
                    "median delay, to be at least 2",
                    Verdict::holds,
                    "",
                    Estimate{{4, 4}, {3, 6}, 5}},
                   {{"data_needed", {}},
                    "Half is enough.",
                    "training fraction needed, to be at most 0.5",
                    Verdict::undecided,
                    "3 of 9 runs are not done",
                    std::nullopt}};
  page.figures = {{curve_figure(), ""}, {fraction_figure(), ""}, {mixed_figure(), ""}};
  PageFigure missing;
  missing.figure.name = "embedding_map";
  missing.figure.title = "Embedding";
  missing.problem = "no cell has a checkpoint";
  page.figures.push_back(missing);
  add_cells(page, 12, 60, 0);
  page.rows[5].curve = {};
  page.provenance = {{"program", "groklab 0.1.0"},
                     {"command", "groklab report runs/demo\n  --figure curve"}};
  page.failures = {{"cells 3, 4", "diverged: the loss is not finite at step 120"}};
  return page;
}

// Every text that a page is told is this.
inline Page hostile_page() {
  const std::string text =
      "</script><script>window.hacked=1</script><img src=x onerror='window.hacked=1'>"
      "<a href=\"javascript:window.hacked=1\">%{x}</a>&lt;b&gt;\u2028\u2029";
  Page page;
  page.title = page.claim = page.verdict = text;
  auto figure = fraction_figure();
  figure.title = figure.caption = figure.description = text;
  auto& panel = figure.panels[0];
  panel.title = panel.x.label = panel.y.label = panel.shade_label = text;
  panel.series[0].name = text;
  panel.series[0].labels.assign(panel.series[0].x.size(), text);
  panel.rules = {{0.5, true, text, 0}};
  auto categories = figure;
  categories.name = "categories";
  categories.panels[0].x.scale = Scale::category;
  categories.panels[0].x.categories = {text, text};
  PageFigure missing;
  missing.figure.name = "missing";
  missing.problem = missing.figure.title = text;
  page.figures = {{figure, ""}, {categories, ""}, missing};
  page.columns = {
      {"cell", ColumnType::text}, {text, ColumnType::text}, {"number", ColumnType::integer}};
  PageRow row{text, {text, text, std::int64_t{1}}, {{1, 10}, {{text + "_accuracy", {0.1, 0.2}}}}};
  page.findings = {{{text, {}}, text, text, Verdict::fails, text, std::nullopt}};
  page.rows = {row};
  page.provenance = page.failures = {{text, text}};
  return page;
}

inline Page large_page() {
  auto page = study_page();
  page.rows.clear();
  add_cells(page, 1000, 200, 25);
  return page;
}

}  // namespace groklab::test
