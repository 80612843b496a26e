#include "spec/problems.h"

#include "base/text.h"

#include <fmt/format.h>

#include <algorithm>
#include <tuple>

namespace groklab {
std::string Mark::text() const {
  const std::string name = file ? *file : "?";
  return line == 0 ? name : fmt::format("{}:{}:{}", name, line, column);
}

std::string Mark::short_text() const {
  const std::string name = file ? *file : "?";
  return line == 0 ? name : fmt::format("{}:{}", name, line);
}

void Problems::add(const Mark& mark, const std::string& path, const std::string& message) {
  Problem problem{mark, path, message};
  if (lines_.insert(line(problem)).second) list_.push_back(std::move(problem));
}

std::string Problems::line(const Problem& problem) {
  const auto path = problem.path.empty() ? "" : problem.path + ": ";
  return printable(fmt::format("{}: {}{}", problem.mark.text(), path, problem.message));
}

std::string Problems::text() const {
  auto sorted = list_;
  std::stable_sort(sorted.begin(), sorted.end(), [](const Problem& a, const Problem& b) {
    return std::tuple(a.mark.file ? *a.mark.file : "", a.mark.line, a.mark.column) <
           std::tuple(b.mark.file ? *b.mark.file : "", b.mark.line, b.mark.column);
  });
  std::string lines;
  for (std::size_t i = 0; i < std::min(sorted.size(), kShown); ++i) {
    if (!lines.empty()) lines += '\n';
    lines += line(sorted[i]);
  }
  if (sorted.size() > kShown) {
    lines += fmt::format("\nand {} more mistakes", sorted.size() - kShown);
  }
  return lines;
}

void Problems::throw_if_any() const {
  if (!list_.empty()) throw Error(text());
}

}  // namespace groklab
