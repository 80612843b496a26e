// Median steps to memorise and to generalise over the fraction of the table that is trained on:
// figure 1, centre, of Power et al. 2022, arXiv:2201.02177.
#include "base/text.h"
#include "report/kinds.h"
#include "report/replicates.h"
#include "report/times.h"

#include <fmt/format.h>
#include <groklab/error.h>

#include <algorithm>
#include <cmath>
#include <optional>

namespace groklab {
namespace {

// Points with whiskers; where the median run never got there a bound, at the budget or at what is
// known of it at least.
Series points_of(const std::vector<Times>& all) {
  Series points;
  points.mark = SeriesMark::points;
  for (const auto& times : all) {
    const auto [middle, interval, runs] = estimate(median_of(times.steps));
    points.x.push_back(times.fraction);
    points.y.push_back(std::min(middle.low, times.budget));
    points.low.push_back(std::min(interval.low, times.budget));
    points.high.push_back(std::min(interval.high, times.budget));
    points.is_bound.push_back(!middle.is_known());
  }
  return points;
}

// "25.9", "∞".
std::string percent_text(double percent) {
  return std::isinf(percent) ? number_text(percent) : fmt::format("{:.3g}", percent);
}

std::string slope_text(const Bounds& percent) {
  if (percent.is_known()) return percent_text(percent.low);
  if (std::isinf(percent.high)) return "at least " + percent_text(percent.low);
  if (percent.low == -100) return "at most " + percent_text(percent.high);
  return percent_text(percent.low) + " to " + percent_text(percent.high);
}

struct Fit {
  std::optional<Line> line;  // nullopt: a median was not reached
  double from = 0, to = 0;   // fractions
  std::string text;          // empty: there are fewer than two
};

// The same estimate as of the statistic time_slope.
Fit fit_of(std::vector<Times> all, const Params& options) {
  std::erase_if(all, [&](const Times& times) {
    return !is_between(times, options.real("fit_from"), options.real("fit_to"));
  });
  if (all.size() < 2) return {};
  const auto [percent, interval, runs] = estimate(percent_slope(all));
  Fit fit{median_line(all), all.front().fraction, all.back().fraction, ""};
  if (percent.low == -100 && std::isinf(percent.high)) {
    fit.text = fmt::format(
        "nothing is known of the slope over fractions {:g} to {:g}, as medians at "
        "both ends were not reached",
        fit.from, fit.to);
    return fit;
  }
  const bool are_single = std::all_of(all.begin(), all.end(),
                                      [](const Times& times) { return times.steps.size() == 1; });
  const auto range = are_single
                         ? std::string("without an interval, as each fraction has one run")
                         : fmt::format("95 % interval {} to {} %", percent_text(interval.low),
                                       percent_text(interval.high));
  fit.text = fmt::format(
      "{} % more steps for each 1 % of the table less ({}; fractions {:g} to "
      "{:g}{})",
      slope_text(percent), range, fit.from, fit.to,
      fit.line ? "" : "; without a line, as not all medians were reached");
  return fit;
}

Series dashed_line(const Fit& fit, std::size_t colour) {
  Series line;
  line.colour = colour;
  line.is_dashed = true;
  for (const double x : {fit.from, fit.to}) {
    line.x.push_back(x);
    line.y.push_back(std::pow(10, fit.line->intercept + fit.line->slope * x));
  }
  return line;
}

// "2 of 9 runs never generalised"
std::string censored_text(std::size_t censored, std::size_t runs, const char* what) {
  return fmt::format("{} of {} runs never {}", censored, runs, what);
}

class Drawing {
 public:
  Drawing(const Study& study, const Params& options, std::vector<FractionSeries> all)
      : study_(study), options_(options), all_(std::move(all)) {
    panel_.x.label = "fraction of the table trained on";
    panel_.y = {.label = "median steps to accuracy 0.99", .scale = Scale::log};
    const auto& criterion = options.text("criterion");
    const bool is_alone = all_.size() == 1;
    for (std::size_t i = 0; i < all_.size(); ++i) {
      add_memorized(times_of(study, all_[i], memorization(criterion)), i, is_alone);
      add_generalized(times_of(study, all_[i], generalization(criterion)), i, is_alone);
    }
  }

  Panel panel() const { return panel_; }

  std::string caption() const {
    const auto criterion =
        options_.text("criterion") == "first"
            ? "first evaluation with accuracy at least 0.99"
            : "first evaluation with accuracy at least 0.99 that the next 3 keep to";
    std::string text = fmt::format(
        "Median over runs ({}); whiskers: its 95 % percentile bootstrap interval. Criterion: {}. "
        "{}, {}, within {}: they count as infinite, a triangle is the least value of a median that "
        "was not reached, and intervals that end at the budget go on beyond.",
        runs_text(study_, all_), criterion, censored_text(never_generalized_, runs_, "generalised"),
        censored_text(never_memorized_, runs_, "memorised"), budget_text(study_, all_));
    if (unfinished_ > 0) {
      text += fmt::format(
          " Of {} more times no more is known than a least value: the stretch at a run's end is "
          "too "
          "short to be sustained.",
          unfinished_);
    }
    if (all_.size() > 1) text += " Faint: steps to memorise.";
    const auto* dashed = has_line_ ? "Dashed, generalising" : "Generalising";
    if (!fits_.empty()) text += fmt::format(" {}: {}.", dashed, join(fits_, "; "));
    return text;
  }

 private:
  void add_memorized(const std::vector<Times>& times, std::size_t i, bool is_alone) {
    auto points = points_of(times);
    points.colour = is_alone ? kTrainColour : i;
    points.name = is_alone ? "training" : "";
    points.is_faint = !is_alone;
    for (const auto& at : times) {
      never_memorized_ += at.never;
      unfinished_ += at.unfinished;
    }
    panel_.series.push_back(std::move(points));
  }

  void add_generalized(const std::vector<Times>& times, std::size_t i, bool is_alone) {
    auto points = points_of(times);
    points.colour = is_alone ? kValColour : i;
    points.name = is_alone ? "validation" : all_[i].label;
    for (const auto& at : times) {
      never_generalized_ += at.never;
      unfinished_ += at.unfinished;
      runs_ += at.steps.size();
    }
    const auto fit = fit_of(times, options_);
    if (fit.line) panel_.series.push_back(dashed_line(fit, points.colour));
    has_line_ |= fit.line.has_value();
    if (!fit.text.empty()) {
      fits_.push_back(is_alone ? fit.text : fmt::format("{}: {}", all_[i].label, fit.text));
    }
    panel_.series.push_back(std::move(points));
  }

  const Study& study_;
  const Params& options_;
  std::vector<FractionSeries> all_;
  Panel panel_{};
  std::vector<std::string> fits_;
  bool has_line_ = false;
  std::size_t runs_ = 0, never_memorized_ = 0, never_generalized_ = 0, unfinished_ = 0;
};

Figure draw(const Study& study, const Params& options) {
  const auto chosen = chosen_cells(study, options);
  const auto cells = finished_cells(chosen, "time_by_fraction");
  const Drawing drawing(study, options,
                        by_fraction(study, cells, options.text("series"), "time_by_fraction"));
  auto figure =
      named_figure(options, "time_by_fraction", shared_title(study, cells) + ", time by data");
  figure.panels.push_back(drawing.panel());
  figure.caption = drawing.caption();
  figure.caption += unfinished_text(chosen, cells);
  figure.description =
      "Median numbers of steps until training and validation accuracy reach 0.99, on a log scale, "
      "over the fraction of the table that is trained on.";
  return figure;
}

std::vector<Request> natural_requests(const Study& study) {
  if (!varies_fraction(study)) return {};
  return {{"time_by_fraction", {}}};
}

}  // namespace

FigureKind time_by_fraction_kind() {
  return {
      "time_by_fraction", "median steps to memorise and to generalise over the training fraction",
      common_figure_schema()
          .text("series", "",
                "swept keys between commas whose values have a colour each; by default those "
                "besides the fraction that are no seeds")
          .choice("criterion", "first",
                  "the first evaluation at or above 0.99, or the first that the next three keep "
                  "to",
                  {"first", "sustained"})
          .real("fit_from", 0, "least fraction of the fitted line", between(0, 1))
          .real("fit_to", 1, "greatest fraction of the fitted line", between(0, 1)),
      draw, natural_requests};
}

}  // namespace groklab
