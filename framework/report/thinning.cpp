#include "report/thinning.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>
#include <optional>

namespace groklab {
namespace {

// Where x stands on the way from the first stretch to the last, and how long that way is.
class Stretches {
 public:
  Stretches(const std::vector<double>& x, std::size_t count) : count_(count) {
    is_logarithmic_ = *std::min_element(x.begin(), x.end()) >= 0;
    for (const double value : x) {
      if (value > 0) least_positive_ = std::min(least_positive_, value);
    }
    const auto [low, high] = std::minmax_element(x.begin(), x.end());
    from_ = place(*low), to_ = place(*high);
  }

  std::size_t of(double x) const {
    if (!(to_ > from_)) return 0;
    const auto stretch = static_cast<double>(count_) * (place(x) - from_) / (to_ - from_);
    return std::min(count_ - 1, static_cast<std::size_t>(stretch));
  }

 private:
  // 0, which has no logarithm, stands with the least number that has one.
  double place(double x) const {
    if (!is_logarithmic_) return x;
    return std::isfinite(least_positive_) ? std::log(std::max(x, least_positive_)) : 0;
  }

  std::size_t count_;
  bool is_logarithmic_ = false;
  double least_positive_ = std::numeric_limits<double>::infinity();
  double from_ = 0, to_ = 0;
};

// What is kept of a stretch, by index.
struct Kept {
  std::optional<std::size_t> least, greatest, gap;

  void look_at(std::size_t i, const std::vector<double>& y) {
    if (!std::isfinite(y[i])) {
      if (!gap) gap = i;
      return;
    }
    if (!least || y[i] < y[*least]) least = i;
    if (!greatest || y[i] > y[*greatest]) greatest = i;
  }
};

}  // namespace

std::vector<std::size_t> thinned(const std::vector<double>& x, const std::vector<double>& y,
                                 std::size_t limit) {
  std::vector<std::size_t> indices(std::min(x.size(), y.size()));
  std::iota(indices.begin(), indices.end(), 0);
  if (indices.size() <= limit) return indices;

  const bool has_gaps = std::any_of(y.begin(), y.end(), [](double v) { return !std::isfinite(v); });
  const std::size_t a_stretch = has_gaps && limit >= 5 ? 3 : 2;
  std::vector<Kept> kept(limit < 4 ? 0 : (limit - 2) / a_stretch);
  if (!kept.empty()) {
    const Stretches stretches(x, kept.size());
    for (const auto i : indices) kept[stretches.of(x[i])].look_at(i, y);
  }

  std::vector<std::size_t> result{0, indices.size() - 1};
  result.resize(std::min(limit, result.size()));
  for (const auto& stretch : kept) {
    for (const auto& index : {stretch.least, stretch.greatest, stretch.gap}) {
      if (index && (index != stretch.gap || a_stretch == 3)) result.push_back(*index);
    }
  }
  std::sort(result.begin(), result.end());
  result.erase(std::unique(result.begin(), result.end()), result.end());
  return result;
}

}  // namespace groklab
