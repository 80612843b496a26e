// A ranking: what the values of swept keys come to, best first, with intervals.
#include "base/text.h"
#include "report/kinds.h"
#include "report/lines.h"
#include "report/ranking.h"

#include <fmt/format.h>
#include <groklab/error.h>

#include <algorithm>
#include <cmath>

namespace groklab {
namespace {

// Even the whole range of n values covers a median with 1 − 2^(1 − n) only: 93.75 % for five.
constexpr std::size_t kSoundSample = 6;

constexpr std::size_t kMostPairs = 8;  // that a caption names

// Whether each seed's runs at all fractions are one value of a statistic.
bool spans_fractions(const Params& options) { return options.text("statistic") == "data_needed"; }

// The keys whose values are ranked: by default all that are swept, seeds aside.
std::vector<std::string> ranked_keys(const Study& study, const Params& options) {
  if (const auto& by = options.text("by"); !by.empty()) return split(by, ',');
  auto keys = study.varied_keys();
  if (spans_fractions(options)) std::erase(keys, kFractionKey);
  if (!keys.empty()) return keys;
  throw Error(
      fmt::format("interventions ranks the values of a swept key{}, and there is none; set by to "
                  "any setting",
                  spans_fractions(options) ? fmt::format(" other than {}", kFractionKey) : ""));
}

void require_fractions(const Study& study, const std::vector<const StudyCell*>& cells) {
  if (group_by(study, cells, {kFractionKey}).size() > 1) return;
  throw Error(
      fmt::format("data_needed needs several values of {}, and there is one; sweep it, or "
                  "take the statistic best_val_accuracy or steps_to_generalize",
                  kFractionKey));
}

void require_one_experiment_each(const Study& study, const std::vector<CellGroup>& groups,
                                 const std::vector<std::string>& keys, const Params& options) {
  std::vector<std::vector<const StudyCell*>> runs;
  for (const auto& group : groups) runs.push_back(group.cells);
  const auto allowed = spans_fractions(options) ? std::vector<std::string>{kFractionKey}
                                                : std::vector<std::string>{};
  require_repetitions(study, runs, "interventions", "by", keys, allowed);
}

bool is_better(const RankedGroup& a, const RankedGroup& b, bool is_greater_better) {
  if (a.value != b.value) return is_greater_better ? a.value > b.value : a.value < b.value;
  if (a.place != b.place) return is_greater_better ? a.place > b.place : a.place < b.place;
  return is_greater_better ? a.interval.low > b.interval.low : a.interval.low < b.interval.low;
}

// Best first.
std::vector<RankedGroup> ranking(const Study& study, const std::vector<CellGroup>& groups,
                                 const Params& options) {
  const auto& statistic = options.text("statistic");
  std::vector<RankedGroup> entries;
  for (const auto& group : groups) {
    entries.push_back(statistic == "data_needed"
                          ? rank_data_needed(study, group, options.real("threshold"))
                      : statistic == "steps_to_generalize"
                          ? rank_steps(study, group, generalization(options.text("criterion")))
                          : rank_best_accuracy(group));
  }
  std::stable_sort(entries.begin(), entries.end(), [&](const RankedGroup& a, const RankedGroup& b) {
    return is_better(a, b, statistic == "best_val_accuracy");
  });
  return entries;
}

// Values rise, so the best, whose place is the top, is the last.
Panel panel_of(const std::vector<RankedGroup>& entries, const Axis& x) {
  Panel panel;
  panel.x = x;
  panel.y = {.label = "", .scale = Scale::category};  // the title names the key
  Series points;
  points.mark = SeriesMark::points;
  points.shows_labels = false;
  for (auto entry = entries.rbegin(); entry != entries.rend(); ++entry) {
    const auto seen = [&](double value) { return std::min(value, entry->limit); };
    points.y.push_back(static_cast<double>(panel.y.categories.size()));
    panel.y.categories.push_back(entry->label);
    points.x.push_back(seen(entry->place));
    points.low.push_back(seen(entry->interval.low));
    points.high.push_back(seen(entry->interval.high));
    points.is_bound.push_back(std::isinf(entry->value));
    points.labels.push_back(fmt::format("n = {}", entry->samples));
  }
  panel.series.push_back(std::move(points));
  return panel;
}

bool can_be_told_apart(const RankedGroup& a, const RankedGroup& b) {
  return a.samples > 1 && b.samples > 1 &&
         (a.interval.high < b.interval.low || b.interval.high < a.interval.low);
}

std::string neighbours_text(const std::vector<RankedGroup>& entries) {
  std::vector<std::string> alike;
  for (std::size_t i = 1; i < entries.size(); ++i) {
    if (can_be_told_apart(entries[i - 1], entries[i])) continue;
    alike.push_back(fmt::format("{} and {}", entries[i - 1].label, entries[i].label));
  }
  if (alike.empty()) return "The intervals of all neighbours are apart.";
  if (const auto more = std::max(alike.size(), kMostPairs) - kMostPairs; more > 0) {
    alike.resize(kMostPairs);
    alike.push_back(fmt::format("and {} more", more));
  }
  return fmt::format(
      "Neighbours that cannot be told apart, as their intervals overlap or are of "
      "one value: {}.",
      join(alike, "; "));
}

// How many values were resampled: "3", or "2 to 3".
std::string samples_text(const std::vector<RankedGroup>& entries) {
  const auto [least, most] =
      std::minmax_element(entries.begin(), entries.end(),
                          [](const auto& a, const auto& b) { return a.samples < b.samples; });
  return least->samples == most->samples ? fmt::format("{}", least->samples)
                                         : fmt::format("{} to {}", least->samples, most->samples);
}

std::vector<std::string> labels_where(const std::vector<RankedGroup>& entries,
                                      bool (*holds)(const RankedGroup&)) {
  std::vector<std::string> labels;
  for (const auto& entry : entries) {
    if (holds(entry)) labels.push_back(entry.label);
  }
  return labels;
}

std::string statistic_text(const Params& options) {
  const auto& statistic = options.text("statistic");
  if (statistic == "best_val_accuracy") {
    return "Mean over runs of the best validation accuracy; greater is better.";
  }
  if (statistic == "data_needed") {
    return fmt::format(
        "The least training fraction at which the mean over seeds of the best validation accuracy "
        "reaches {}, on straight lines between the fractions; less is better.",
        options.real("threshold"));
  }
  const auto* sustained = options.text("criterion") == "sustained"
                              ? " that the three after it keep to (sustained)"
                              : " (first)";
  return fmt::format(
      "Median over runs of the step of the first evaluation with validation accuracy "
      "of {} or more{}; less is better.",
      Summary::kSolved, sustained);
}

// What of the ranking is a bound, and what the intervals are worth.
std::string bounds_text(const std::vector<RankedGroup>& entries, bool is_data) {
  std::string text;
  const auto never = labels_where(entries, [](const RankedGroup& entry) {
    return std::isinf(entry.value) && entry.place >= entry.limit;
  });
  const auto bounded = labels_where(entries, [](const RankedGroup& entry) {
    return std::isinf(entry.value) && entry.place < entry.limit;
  });
  const auto open = labels_where(entries, [](const RankedGroup& entry) {
    return std::isfinite(entry.value) && std::isinf(entry.interval.high);
  });
  const auto least =
      labels_where(entries, [](const RankedGroup& entry) { return entry.is_at_least; });
  const auto* end = is_data ? "the largest fraction tried" : "the last step measured";
  if (!never.empty()) {
    text += fmt::format(" Hollow triangles at {}: not reached there ({}).", end, join(never, ", "));
  }
  if (!bounded.empty()) {
    text += fmt::format(
        " Hollow triangles before: the least value of a median on which runs bear that did not get "
        "there ({}).",
        join(bounded, ", "));
  }
  if (!open.empty()) {
    text += fmt::format(" Intervals that go on beyond {}: {}.", end, join(open, ", "));
  }
  if (!least.empty()) {
    text += fmt::format(" Reached at the least fraction tried, so it may be less: {}.",
                        join(least, ", "));
  }
  const auto few =
      labels_where(entries, [](const RankedGroup& entry) { return entry.samples < kSoundSample; });
  if (!few.empty()) {
    text += fmt::format(
        " With fewer than {} values an interval is too narrow: even from the least "
        "to the greatest of them it covers a median with less than 95 %.",
        kSoundSample);
  }
  return text;
}

std::string caption_of(const Study& study, const std::vector<CellGroup>& groups,
                       const std::vector<RankedGroup>& entries, const Params& options) {
  const bool is_data = options.text("statistic") == "data_needed";
  const auto over = is_data ? fmt::format("n = {} seeds, {}", samples_text(entries),
                                          repetitions_text(study, groups))
                            : fmt::format("n: {}", repetitions_text(study, groups));
  return fmt::format(
      "{} Best on top. {}. Whiskers: 95 % intervals by percentile bootstrap over "
      "{}.{} {}",
      statistic_text(options), over, is_data ? "seeds" : "runs", bounds_text(entries, is_data),
      neighbours_text(entries));
}

Axis value_axis(const std::string& statistic) {
  if (statistic == "best_val_accuracy") return {.label = "best validation accuracy"};
  if (statistic == "data_needed") return {.label = "training fraction needed"};
  return {.label = "steps to generalise (parameter updates)", .scale = Scale::log};
}

Figure draw(const Study& study, const Params& options) {
  const auto chosen = chosen_cells(study, options);
  const auto cells = finished_cells(chosen, "interventions");
  const auto keys = ranked_keys(study, options);
  const auto& statistic = options.text("statistic");
  if (spans_fractions(options)) require_fractions(study, cells);
  const auto groups = group_by(study, cells, keys);
  require_one_experiment_each(study, groups, keys, options);
  const auto entries = ranking(study, groups, options);
  const auto axis = value_axis(statistic);
  auto figure = named_figure(
      options, "interventions",
      fmt::format("{}: {} by {}", study.plan().experiment, axis.label, join(keys, ", ")));
  figure.panels.push_back(panel_of(entries, axis));
  figure.caption = caption_of(study, groups, entries, options) + unfinished_text(chosen, cells);
  std::vector<std::string> order;
  for (const auto& entry : entries) order.push_back(entry.label);
  figure.description =
      fmt::format("A ranking by {}, best first: {}.", axis.label, join(order, ", "));
  return figure;
}

std::vector<Request> natural_requests(const Study& study) {
  auto keys = study.varied_keys();
  const bool has_fractions = std::erase(keys, kFractionKey) > 0;
  const auto measured = std::count_if(study.cells.begin(), study.cells.end(),
                                      [](const auto& cell) { return cell.is_measured(); });
  if (keys.empty() || measured < 2) return {};
  const std::string statistic = has_fractions ? "data_needed" : "best_val_accuracy";
  return {{"interventions", {{"statistic", statistic}}}};
}

}  // namespace

FigureKind interventions_kind() {
  return {
      "interventions", "the values of swept keys, ranked, with intervals",
      common_figure_schema()
          .text("by", "",
                "swept keys between commas; by default all besides seeds (and, of data_needed, "
                "data.train_fraction)")
          .choice("statistic", "best_val_accuracy",
                  "best_val_accuracy: mean; steps_to_generalize: median; data_needed: the least "
                  "training fraction at which the mean best validation accuracy reaches "
                  "threshold",
                  {"best_val_accuracy", "steps_to_generalize", "data_needed"})
          .choice("criterion", "first",
                  "of steps_to_generalize: the first evaluation at or above 0.99, or the first "
                  "that the three after it keep to",
                  {"first", "sustained"})
          .real("threshold", Summary::kSolved, "accuracy, of data_needed", {0, 1, false, true}),
      draw, natural_requests};
}

}  // namespace groklab
