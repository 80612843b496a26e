#include "report/ranking.h"

#include <fmt/format.h>
#include <groklab/error.h>

#include <algorithm>
#include <map>
#include <optional>
#include <utility>

namespace groklab {
namespace {

double best_accuracy(const StudyCell& cell) { return cell.summary.best_val_accuracy; }

}  // namespace

RankedGroup rank_best_accuracy(const CellGroup& group) {
  std::vector<double> values;
  for (const auto* cell : group.cells) values.push_back(best_accuracy(*cell));
  return {.label = group.label,
          .samples = values.size(),
          .value = mean(values),
          .place = mean(values),
          .interval = bootstrap_interval(values, mean),
          .limit = 1};
}

RankedGroup rank_steps(const Study& study, const CellGroup& group, const Event& event) {
  std::vector<Bounds> steps;
  double budget = 0;
  for (const auto* cell : group.cells) {
    steps.push_back(steps_of(study, *cell, event));
    budget = std::max(budget, static_cast<double>(cell->summary.steps));
  }
  const auto found = estimate(median_of(std::move(steps)));
  return {.label = group.label,
          .samples = found.samples,
          .value = found.value.high,
          .place = found.value.low,
          .interval = found.interval,
          .limit = budget};
}

DataNeeded::DataNeeded(const Study& study, const std::vector<const StudyCell*>& cells,
                       double threshold)
    : threshold_(threshold) {
  std::map<std::string, double> numbers;  // of seeds
  for (const auto* cell : cells) {
    const auto fraction = study.number(*cell, kFractionKey);
    if (!fraction) throw Error(fmt::format("data_needed: a cell's {} is not known", kFractionKey));
    const auto [seed, is_new] = numbers.emplace(seed_of(study, *cell), numbers.size());
    if (is_new) seeds_.push_back(seed->second);
    accuracies_[*fraction].emplace_back(seed->second, best_accuracy(*cell));
  }
}

Bounds DataNeeded::of(const std::vector<double>& seeds) const {
  std::optional<std::pair<double, double>> below;  // fraction, mean accuracy
  for (const auto& [fraction, of_seeds] : accuracies_) {
    std::vector<double> drawn;
    for (const auto& [seed, accuracy] : of_seeds) {
      drawn.insert(drawn.end(), std::count(seeds.begin(), seeds.end(), seed), accuracy);
    }
    if (drawn.empty()) continue;
    const double reached = mean(drawn);
    if (reached >= threshold_) {
      if (!below) return {0, fraction};
      const auto [start, accuracy] = *below;
      const double place =
          start + (fraction - start) * (threshold_ - accuracy) / (reached - accuracy);
      return {place, place};
    }
    below = {fraction, reached};
  }
  return {beyond(largest_fraction()), kNever};
}

RankedGroup rank_data_needed(const Study& study, const CellGroup& group, double threshold) {
  const DataNeeded needed(study, group.cells, threshold);
  const auto most = [&](const std::vector<double>& drawn) { return needed.of(drawn).high; };
  const auto found = needed.of(needed.seeds());
  return {.label = group.label,
          .samples = needed.seeds().size(),
          .value = found.high,
          .place = found.high,
          .interval = bootstrap_interval(needed.seeds(), most),
          .limit = needed.largest_fraction(),
          .is_at_least = found.low == 0};
}

}  // namespace groklab
