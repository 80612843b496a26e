#include "report/run_numbers.h"

#include "base/text.h"
#include "report/times.h"

#include <fmt/format.h>
#include <groklab/error.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <set>

namespace groklab {
namespace {

using SummaryNumber = std::optional<double> (*)(const Summary&);

template <auto Member>
std::optional<double> steps(const Summary& summary) {
  const auto& step = summary.*Member;
  return step ? std::optional(static_cast<double>(*step)) : std::nullopt;
}

// Last values have the names of their columns.
const std::map<std::string, SummaryNumber>& summary_numbers() {
  static const std::map<std::string, SummaryNumber> numbers{
      {"best_val_accuracy",
       [](const Summary& summary) { return std::optional(summary.best_val_accuracy); }},
      {"steps", [](const Summary& summary) { return std::optional<double>(summary.steps); }},
      {"steps_to_memorize", steps<&Summary::steps_to_memorize>},
      {"steps_to_generalize", steps<&Summary::steps_to_generalize>},
      {"sustained_steps_to_memorize", steps<&Summary::sustained_memorize>},
      {"sustained_steps_to_generalize", steps<&Summary::sustained_generalize>}};
  return numbers;
}

const std::map<std::string, Event>& events() {
  static const std::map<std::string, Event> all{
      {"steps_to_memorize", memorization("first")},
      {"steps_to_generalize", generalization("first")},
      {"sustained_steps_to_memorize", memorization("sustained")},
      {"sustained_steps_to_generalize", generalization("sustained")}};
  return all;
}

std::optional<double> last_measured(const Curves& curves, const std::string& column) {
  const auto* values = curves.find(column);
  const bool is_there = values != nullptr && !values->empty() && std::isfinite(values->back());
  return is_there ? std::optional(values->back()) : std::nullopt;
}

}  // namespace

std::optional<double> number_of(const StudyCell& cell, const std::string& name) {
  const auto summary = summary_numbers().find(name);
  return summary == summary_numbers().end() ? last_measured(cell.curves, name)
                                            : summary->second(cell.summary);
}

std::optional<Bounds> bounds_of(const Study& study, const StudyCell& cell,
                                const std::string& name) {
  if (const auto known = number_of(cell, name)) return Bounds{*known, *known};
  const auto event = events().find(name);
  if (event == events().end()) return std::nullopt;
  return steps_of(study, cell, event->second);
}

std::vector<double> numbers_to_rank(const Study& study, const std::vector<const StudyCell*>& cells,
                                    const std::string& name) {
  std::vector<double> numbers;
  double greatest = -kNever, least_open = kNever;
  for (const auto* cell : cells) {
    const auto bounds = bounds_of(study, *cell, name);
    if (!bounds) throw Error(fmt::format("{} of a run is not there or not finite", name));
    numbers.push_back(bounds->high);
    if (bounds->is_known()) greatest = std::max(greatest, bounds->low);
    const auto event = events().find(name);
    const bool is_unfinished = event != events().end() && unfinished_stretch(*cell, event->second);
    if (is_unfinished) least_open = std::min(least_open, bounds->low);
  }
  if (least_open > greatest) return numbers;
  throw Error(fmt::format(
      "{} of a run is only known to be at least {}, as its last evaluations are too few "
      "to be sustained, so it has no rank; train longer, or take the first evaluation",
      name, number_text(least_open)));
}

bool is_summary_number(const std::string& name) { return summary_numbers().contains(name); }

bool is_step_number(const std::string& name) {
  return name != "best_val_accuracy" && is_summary_number(name);
}

void require_number(const std::vector<const StudyCell*>& cells, const std::string& option,
                    const std::string& name) {
  std::set<std::string> known;
  for (const auto& [number, get] : summary_numbers()) known.insert(number);
  for (const auto* cell : cells) {
    for (const auto& [column, values] : cell->curves.columns) known.insert(column);
  }
  if (known.contains(name)) return;
  throw Error(fmt::format("{}: no run measured '{}'{}", option, name,
                          suggestion(name, {known.begin(), known.end()})));
}

}  // namespace groklab
