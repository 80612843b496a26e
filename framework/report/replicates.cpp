#include "report/replicates.h"

#include "base/text.h"
#include "report/lines.h"

#include <fmt/format.h>
#include <groklab/error.h>
#include <groklab/random.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>

namespace groklab {
namespace {

std::vector<std::string> series_keys(const Study& study, const std::string& series) {
  if (!series.empty()) return split(series, ',');
  auto keys = study.varied_keys();
  std::erase(keys, kFractionKey);
  return keys;
}

std::vector<std::vector<const StudyCell*>> points_of(const std::vector<FractionSeries>& all) {
  std::vector<std::vector<const StudyCell*>> points;
  for (const auto& series : all) {
    for (const auto& runs : series.fractions) points.push_back(runs.cells);
  }
  return points;
}

template <typename Number>
std::string range_text(Number least, Number greatest) {
  return least == greatest ? fmt::format("{}", least) : fmt::format("{} to {}", least, greatest);
}

}  // namespace

std::vector<FractionSeries> by_fraction(const Study& study,
                                        const std::vector<const StudyCell*>& cells,
                                        const std::string& series, const std::string& kind) {
  std::vector<FractionSeries> all;
  std::map<double, int> fractions;
  const auto keys = series_keys(study, series);
  for (const auto& group : group_by(study, cells, keys)) {
    std::map<double, std::vector<const StudyCell*>> runs;
    for (const auto* cell : group.cells) {
      const auto fraction = study.number(*cell, kFractionKey);
      if (!fraction) continue;
      runs[*fraction].push_back(cell);
      ++fractions[*fraction];
    }
    auto& one = all.emplace_back(FractionSeries{group.label, {}});
    for (auto& [fraction, its_cells] : runs) one.fractions.push_back({fraction, its_cells});
  }
  require_repetitions(study, points_of(all), kind, "series", keys);
  if (fractions.size() >= 2) return all;
  throw Error(
      fmt::format("{} needs measured runs at two or more values of {}; this study varies {}", kind,
                  kFractionKey, varied_text(study)));
}

std::string runs_text(const Study& study, const std::vector<FractionSeries>& all) {
  std::size_t least = std::numeric_limits<std::size_t>::max(), greatest = 0;
  for (const auto& series : all) {
    for (const auto& runs : series.fractions) {
      least = std::min(least, runs.cells.size());
      greatest = std::max(greatest, runs.cells.size());
    }
  }
  if (greatest <= 1) return "n = 1 run a point";
  return fmt::format("n = {} runs a point, which differ in {}", range_text(least, greatest),
                     join(differing_keys(study, points_of(all)), ", "));
}

std::string budget_text(const Study& study, const std::vector<FractionSeries>& all) {
  std::int64_t least = std::numeric_limits<std::int64_t>::max(), greatest = 0;
  for (const auto& series : all) {
    for (const auto& runs : series.fractions) {
      for (const auto* cell : runs.cells) {
        least = std::min(least, study.planned(*cell).steps);
        greatest = std::max(greatest, study.planned(*cell).steps);
      }
    }
  }
  return range_text(std::min(least, greatest), greatest) + " steps";
}

void visit_resamples(std::vector<std::vector<double>> strata, const StrataVisitor& visit,
                     std::size_t resamples) {
  for (auto& sample : strata) std::sort(sample.begin(), sample.end());
  const RandomStream stream(hash_name("stratified bootstrap"), Purpose::noise);
  auto drawn = strata;
  for (std::size_t resample = 0; resample < resamples; ++resample) {
    std::size_t position = 0;
    for (std::size_t i = 0; i < strata.size(); ++i) {
      for (auto& value : drawn[i]) {
        const double place =
            stream.uniform(resample, position++) * static_cast<double>(strata[i].size());
        value = strata[i][static_cast<std::size_t>(place)];
      }
    }
    visit(drawn);
  }
}

std::string shared_title(const Study& study, const std::vector<const StudyCell*>& cells) {
  std::vector<std::string> words;
  for (const auto* path : {"operation.name", kFractionKey, "optimizer.name"}) {
    const auto value = study.setting(*cells.front(), path);
    const bool is_shared = std::all_of(cells.begin(), cells.end(), [&](const StudyCell* cell) {
      return study.setting(*cell, path) == value;
    });
    if (!value || !is_shared) continue;
    words.push_back(path == kFractionKey ? *value + " of the table" : *value);
  }
  const auto& name = study.plan().experiment;
  return words.empty() ? name : fmt::format("{}: {}", name, join(words, ", "));
}

bool varies_fraction(const Study& study) {
  const auto keys = study.varied_keys();
  return std::find(keys.begin(), keys.end(), kFractionKey) != keys.end();
}

std::string varied_text(const Study& study) {
  const auto& keys = study.plan().keys;
  return keys.empty() ? "nothing" : join(keys, ", ");
}

}  // namespace groklab
