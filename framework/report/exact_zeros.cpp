#include "report/exact_zeros.h"

#include "base/text.h"

#include <fmt/format.h>

#include <cmath>

namespace groklab {
namespace {

// Of the runs of a group, the earliest zero and the longest stretch.
struct GroupZeros {
  std::size_t runs = 0, runs_with_zeros = 0;
  ExactZeros extreme;
};

double length(const ExactZeros& zeros) { return zeros.longest_to - zeros.longest_from; }

bool is_longer(const ExactZeros& a, const ExactZeros& b) {
  return b.longest_evaluations == 0 || length(a) > length(b) ||
         (length(a) == length(b) && a.longest_evaluations > b.longest_evaluations);
}

GroupZeros zeros_of(const CellGroup& group, const std::string& column) {
  GroupZeros all;
  for (const auto* cell : group.cells) {
    const auto zeros = exact_zeros(cell->curves, column);
    if (!zeros) continue;
    ++all.runs;
    if (zeros->zeros == 0) continue;
    const auto first =
        all.runs_with_zeros++ == 0 ? zeros->first : std::min(all.extreme.first, zeros->first);
    if (is_longer(*zeros, all.extreme)) all.extreme = *zeros;
    all.extreme.first = first;
  }
  return all;
}

std::string stretch_text(const ExactZeros& zeros) {
  if (zeros.longest_evaluations == 1) return "never twice in a row";
  return fmt::format("the longest time from step {} to {}{} ({} evaluations in a row)",
                     zeros.longest_from, zeros.longest_to, zeros.is_to_the_end ? ", the end" : "",
                     zeros.longest_evaluations);
}

}  // namespace

std::optional<ExactZeros> exact_zeros(const Curves& curves, const std::string& column) {
  const auto* values = curves.find(column);
  if (values == nullptr) return std::nullopt;
  ExactZeros found, stretch;  // `stretch`: the one that the last evaluation is in
  for (std::size_t i = 0; i < values->size(); ++i) {
    const double step = curves.steps[i], value = (*values)[i];
    if (step <= 0 || std::isnan(value)) continue;
    ++found.evaluations;
    if (value != 0) {
      stretch = {};
      found.is_to_the_end = false;
      continue;
    }
    if (found.zeros++ == 0) found.first = step;
    if (stretch.longest_evaluations++ == 0) stretch.longest_from = step;
    stretch.longest_to = step;
    found.is_to_the_end = is_longer(stretch, found);
    if (!found.is_to_the_end) continue;
    found.longest_from = stretch.longest_from;
    found.longest_to = stretch.longest_to;
    found.longest_evaluations = stretch.longest_evaluations;
  }
  if (found.evaluations == 0) return std::nullopt;
  return found;
}

std::string exact_zeros_text(const std::vector<CellGroup>& groups, const std::string& column) {
  std::vector<std::string> parts;
  std::size_t runs = 0;
  for (const auto& group : groups) {
    const auto all = zeros_of(group, column);
    runs += all.runs;
    if (all.runs_with_zeros == 0) continue;
    parts.push_back(fmt::format("{}{} of {} runs, at first at step {}, {}",
                                groups.size() > 1 ? group.label + ": " : "", all.runs_with_zeros,
                                all.runs, all.extreme.first, stretch_text(all.extreme)));
  }
  if (runs == 0) return "";
  if (parts.empty()) return column + " was never exactly 0";
  return fmt::format("{} was exactly 0 at evaluations of {}", column, join(parts, "; "));
}

std::string exact_zeros_sentences(const std::vector<CellGroup>& groups,
                                  const std::vector<std::string>& columns) {
  std::vector<std::string> sentences;
  for (const auto& column : columns) {
    const auto sentence = exact_zeros_text(groups, column);
    if (!sentence.empty()) sentences.push_back(sentence + ".");
  }
  return join(sentences, " ");
}

}  // namespace groklab
