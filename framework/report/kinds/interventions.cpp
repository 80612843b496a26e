// A ranking: what the values of one swept key come to, best first, with intervals.
#include "base/text.h"
#include "report/kinds.h"
#include "report/lines.h"
#include "report/statistics.h"

#include <fmt/format.h>
#include <groklab/error.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>

namespace groklab {
namespace {

constexpr const char* kFraction = "data.train_fraction";
constexpr double kNever = std::numeric_limits<double>::infinity();
constexpr std::size_t kSoundSample =
    6;  // 2 · 2^−5 > 5 %: of five, a median lies outside that often

// One value of the key. Where values are infinite (never), what is drawn ends at `limit`.
struct Entry {
  std::string label;
  std::size_t runs = 0, samples = 0;  // samples: what is resampled, runs or seeds
  double value = 0;
  Interval interval{};
  double limit = kNever;     // the largest value that could have been seen
  bool is_at_least = false;  // data_needed: reached at the least fraction already
};

double best_accuracy(const StudyCell& cell) { return cell.summary.best_val_accuracy; }

Entry best_entry(const CellGroup& group) {
  std::vector<double> values;
  for (const auto* cell : group.cells) values.push_back(best_accuracy(*cell));
  return {.label = group.label,
          .runs = values.size(),
          .samples = values.size(),
          .value = mean(values),
          .interval = bootstrap_interval(values, mean)};
}

// A run that has not generalised when it was last measured is one that never did.
Entry steps_entry(const CellGroup& group, bool is_sustained) {
  std::vector<double> values;
  double budget = 0;
  for (const auto* cell : group.cells) {
    const auto& summary = cell->summary;
    const auto step = is_sustained ? summary.sustained_generalize : summary.steps_to_generalize;
    values.push_back(step ? static_cast<double>(*step) : kNever);
    budget = std::max(budget, static_cast<double>(summary.steps));
  }
  return {.label = group.label,
          .runs = values.size(),
          .samples = values.size(),
          .value = median(values),
          .interval = bootstrap_interval(values, median),
          .limit = budget};
}

// Best validation accuracies by training fraction, each with the number of its seed.
using AccuraciesByFraction = std::map<double, std::vector<std::pair<double, double>>>;

// Where the mean over the seeds that were drawn, each as often as it was, first reaches the
// threshold, on straight lines between the fractions. Never: infinity.
double data_needed(const AccuraciesByFraction& accuracies, const std::vector<double>& seeds,
                   double threshold) {
  std::optional<std::pair<double, double>> below;  // fraction, mean accuracy
  for (const auto& [fraction, of_seeds] : accuracies) {
    std::vector<double> drawn;
    for (const auto& [seed, accuracy] : of_seeds) {
      drawn.insert(drawn.end(), std::count(seeds.begin(), seeds.end(), seed), accuracy);
    }
    if (drawn.empty()) continue;
    const double reached = mean(drawn);
    if (reached >= threshold) {
      if (!below) return fraction;
      const auto [start, accuracy] = *below;
      return start + (fraction - start) * (threshold - accuracy) / (reached - accuracy);
    }
    below = {fraction, reached};
  }
  return kNever;
}

// Which repetition of its group's others a cell is.
std::string seed_of(const Study& study, const StudyCell& cell) {
  std::string seeds;
  for (const auto& key : study.plan().keys) {
    if (is_seed(key)) seeds += study.setting(cell, key).value_or("") + " ";
  }
  return seeds;
}

Entry data_entry(const Study& study, const CellGroup& group, double threshold) {
  AccuraciesByFraction accuracies;
  std::map<std::string, double> numbers;  // of seeds
  std::vector<double> seeds;
  for (const auto* cell : group.cells) {
    const auto fraction = study.number(*cell, kFraction);
    if (!fraction) throw Error(fmt::format("data_needed: a cell's {} is not known", kFraction));
    const auto [seed, is_new] = numbers.emplace(seed_of(study, *cell), numbers.size());
    if (is_new) seeds.push_back(seed->second);
    accuracies[*fraction].emplace_back(seed->second, best_accuracy(*cell));
  }
  const auto statistic = [&](const std::vector<double>& drawn) {
    return data_needed(accuracies, drawn, threshold);
  };
  Entry entry{.label = group.label,
              .runs = group.cells.size(),
              .samples = seeds.size(),
              .value = statistic(seeds),
              .interval = bootstrap_interval(seeds, statistic),
              .limit = accuracies.rbegin()->first};
  entry.is_at_least = entry.value == accuracies.begin()->first;
  return entry;
}

// The key whose values are ranked.
std::string ranked_key(const Study& study, const std::string& by) {
  if (!by.empty()) return by;
  auto keys = study.varied_keys();
  std::erase(keys, kFraction);
  if (keys.size() == 1) return keys.front();
  if (keys.empty()) {
    throw Error(fmt::format("interventions ranks the values of a swept key other than {}, and {}",
                            kFraction, "there is none; name any setting by by"));
  }
  throw Error(
      fmt::format("interventions: several keys were swept; name one by by: {}", join(keys, ", ")));
}

void require_fractions(const Study& study, const std::vector<const StudyCell*>& cells) {
  if (group_by(study, cells, {kFraction}).size() > 1) return;
  throw Error(
      fmt::format("data_needed needs several values of {}, and there is one; sweep it, or "
                  "take the statistic best_val_accuracy or steps_to_generalize",
                  kFraction));
}

bool is_better(const Entry& a, const Entry& b, bool is_greater_better) {
  if (a.value != b.value) return is_greater_better ? a.value > b.value : a.value < b.value;
  return is_greater_better ? a.interval.low > b.interval.low : a.interval.low < b.interval.low;
}

// Best first.
std::vector<Entry> ranking(const Study& study, const std::vector<CellGroup>& groups,
                           const Params& options) {
  const auto& statistic = options.text("statistic");
  std::vector<Entry> entries;
  for (const auto& group : groups) {
    entries.push_back(statistic == "data_needed"
                          ? data_entry(study, group, options.real("threshold"))
                      : statistic == "steps_to_generalize"
                          ? steps_entry(group, options.text("criterion") == "sustained")
                          : best_entry(group));
  }
  std::stable_sort(entries.begin(), entries.end(), [&](const Entry& a, const Entry& b) {
    return is_better(a, b, statistic == "best_val_accuracy");
  });
  return entries;
}

// Values rise, so the best, whose place is the top, is the last.
Panel panel_of(const std::vector<Entry>& entries, const std::string& key, const Axis& x) {
  Panel panel;
  panel.x = x;
  panel.y = {.label = key, .scale = Scale::category};
  Series points;
  points.mark = SeriesMark::points;
  points.shows_labels = false;
  for (auto entry = entries.rbegin(); entry != entries.rend(); ++entry) {
    const auto seen = [&](double value) { return std::min(value, entry->limit); };
    points.y.push_back(static_cast<double>(panel.y.categories.size()));
    panel.y.categories.push_back(entry->label);
    points.x.push_back(seen(entry->value));
    points.low.push_back(seen(entry->interval.low));
    points.high.push_back(seen(entry->interval.high));
    points.is_bound.push_back(std::isinf(entry->value));
    points.labels.push_back(fmt::format("n = {}", entry->samples));
  }
  panel.series.push_back(std::move(points));
  return panel;
}

bool can_be_told_apart(const Entry& a, const Entry& b) {
  return a.samples > 1 && b.samples > 1 &&
         (a.interval.high < b.interval.low || b.interval.high < a.interval.low);
}

std::string neighbours_text(const std::vector<Entry>& entries) {
  std::vector<std::string> alike;
  for (std::size_t i = 1; i < entries.size(); ++i) {
    if (can_be_told_apart(entries[i - 1], entries[i])) continue;
    alike.push_back(fmt::format("{} and {}", entries[i - 1].label, entries[i].label));
  }
  if (alike.empty()) return "The intervals of all neighbours are apart.";
  return fmt::format(
      "Neighbours that cannot be told apart, as their intervals overlap or are of "
      "one value: {}.",
      join(alike, "; "));
}

std::string range_of(const std::vector<Entry>& entries, std::size_t Entry::*count) {
  std::size_t least = entries.front().*count, most = least;
  for (const auto& entry : entries) {
    least = std::min(least, entry.*count);
    most = std::max(most, entry.*count);
  }
  return least == most ? fmt::format("{}", least) : fmt::format("{} to {}", least, most);
}

std::vector<std::string> labels_where(const std::vector<Entry>& entries,
                                      bool (*holds)(const Entry&)) {
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
std::string bounds_text(const std::vector<Entry>& entries, bool is_data) {
  std::string text;
  const auto never =
      labels_where(entries, [](const Entry& entry) { return std::isinf(entry.value); });
  const auto open = labels_where(entries, [](const Entry& entry) {
    return std::isfinite(entry.value) && std::isinf(entry.interval.high);
  });
  const auto least = labels_where(entries, [](const Entry& entry) { return entry.is_at_least; });
  const auto* end = is_data ? "the largest fraction tried" : "the last step measured";
  if (!never.empty()) {
    text += fmt::format(" Hollow triangles at {}: not reached there ({}).", end, join(never, ", "));
  }
  if (!open.empty()) {
    text += fmt::format(" Intervals that go on beyond {}: {}.", end, join(open, ", "));
  }
  if (!least.empty()) {
    text += fmt::format(" Reached at the least fraction tried, so it may be less: {}.",
                        join(least, ", "));
  }
  const auto few =
      labels_where(entries, [](const Entry& entry) { return entry.samples < kSoundSample; });
  if (!few.empty()) {
    text += fmt::format(
        " With fewer than {} values an interval is too narrow: even from the least "
        "to the greatest of them it covers a median with less than 95 %.",
        kSoundSample);
  }
  return text;
}

std::string caption_of(const Study& study, const std::vector<CellGroup>& groups,
                       const std::vector<Entry>& entries, const Params& options) {
  const bool is_data = options.text("statistic") == "data_needed";
  const auto over = is_data ? fmt::format("n = {} seeds, {}", range_of(entries, &Entry::samples),
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
  const auto cells = chosen_cells(study, options);
  const auto key = ranked_key(study, options.text("by"));
  const auto& statistic = options.text("statistic");
  if (statistic == "data_needed") require_fractions(study, cells);
  const auto groups = group_by(study, cells, {key});
  const auto entries = ranking(study, groups, options);
  const auto axis = value_axis(statistic);
  auto figure = named_figure(options, "interventions",
                             fmt::format("{}: {} by {}", study.plan().experiment, axis.label, key));
  figure.panels.push_back(panel_of(entries, key, axis));
  figure.caption = caption_of(study, groups, entries, options);
  std::vector<std::string> order;
  for (const auto& entry : entries) order.push_back(entry.label);
  figure.description =
      fmt::format("A ranking by {}, best first: {}.", axis.label, join(order, ", "));
  return figure;
}

std::vector<FigureRequest> natural_requests(const Study& study) {
  auto keys = study.varied_keys();
  const bool has_fractions = std::erase(keys, kFraction) > 0;
  const auto measured = std::count_if(study.cells.begin(), study.cells.end(),
                                      [](const auto& cell) { return cell.is_measured(); });
  if (keys.size() != 1 || measured < 2) return {};
  const std::string statistic = has_fractions ? "data_needed" : "best_val_accuracy";
  return {{"interventions", {{"statistic", statistic}}}};
}

}  // namespace

FigureKind interventions_kind() {
  return {
      "interventions", "the values of a swept key, ranked, with intervals",
      common_figure_schema()
          .text("by", "",
                "the swept key; by default the only one besides data.train_fraction and seeds")
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
