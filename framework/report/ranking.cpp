#include "report/ranking.h"

#include <fmt/format.h>
#include <groklab/error.h>

#include <algorithm>
#include <limits>
#include <map>
#include <optional>
#include <utility>

namespace groklab {
namespace {

constexpr double kNever = std::numeric_limits<double>::infinity();

double best_accuracy(const StudyCell& cell) { return cell.summary.best_val_accuracy; }

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

}  // namespace

RankedGroup rank_best_accuracy(const CellGroup& group) {
  std::vector<double> values;
  for (const auto* cell : group.cells) values.push_back(best_accuracy(*cell));
  return {.label = group.label,
          .samples = values.size(),
          .value = mean(values),
          .interval = bootstrap_interval(values, mean),
          .limit = 1};
}

RankedGroup rank_steps(const CellGroup& group, bool is_sustained) {
  std::vector<double> values;
  double budget = 0;
  for (const auto* cell : group.cells) {
    const auto& summary = cell->summary;
    const auto step = is_sustained ? summary.sustained_generalize : summary.steps_to_generalize;
    values.push_back(step ? std::max(1.0, static_cast<double>(*step)) : kNever);  // 0 has no place
    budget = std::max(budget, static_cast<double>(summary.steps));
  }
  return {.label = group.label,
          .samples = values.size(),
          .value = median(values),
          .interval = bootstrap_interval(values, median),
          .limit = budget};
}

RankedGroup rank_data_needed(const Study& study, const CellGroup& group, double threshold) {
  AccuraciesByFraction accuracies;
  std::map<std::string, double> numbers;  // of seeds
  std::vector<double> seeds;
  for (const auto* cell : group.cells) {
    const auto fraction = study.number(*cell, kFractionKey);
    if (!fraction) throw Error(fmt::format("data_needed: a cell's {} is not known", kFractionKey));
    const auto [seed, is_new] = numbers.emplace(seed_of(study, *cell), numbers.size());
    if (is_new) seeds.push_back(seed->second);
    accuracies[*fraction].emplace_back(seed->second, best_accuracy(*cell));
  }
  const auto statistic = [&](const std::vector<double>& drawn) {
    return data_needed(accuracies, drawn, threshold);
  };
  RankedGroup entry{.label = group.label,
                    .samples = seeds.size(),
                    .value = statistic(seeds),
                    .interval = bootstrap_interval(seeds, statistic),
                    .limit = accuracies.rbegin()->first};
  entry.is_at_least = entry.value == accuracies.begin()->first;
  return entry;
}

}  // namespace groklab
