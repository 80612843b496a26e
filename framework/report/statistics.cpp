#include "report/statistics.h"

#include <groklab/random.h>

#include <algorithm>
#include <boost/math/distributions/binomial.hpp>
#include <boost/math/distributions/students_t.hpp>
#include <cmath>
#include <limits>
#include <numeric>
#include <stdexcept>

namespace groklab {
namespace {

constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();
constexpr std::size_t kExactPairs = 9;  // 9! = 362880 orders

void reject_nan(const std::vector<double>& values) {
  for (const double value : values) {
    if (std::isnan(value)) throw std::logic_error("NaN in a sample has no place in its order");
  }
}

// Mean ranks, 1 to n. `has_ties`: is made true if two values are equal.
std::vector<double> ranks_of(const std::vector<double>& values) {
  reject_nan(values);
  std::vector<std::size_t> order(values.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::sort(order.begin(), order.end(),
            [&](std::size_t a, std::size_t b) { return values[a] < values[b]; });
  std::vector<double> ranks(values.size());
  for (std::size_t first = 0, end = 0; first < order.size(); first = end) {
    while (end < order.size() && values[order[end]] == values[order[first]]) ++end;
    for (auto i = first; i < end; ++i) ranks[order[i]] = static_cast<double>(first + 1 + end) / 2;
  }
  return ranks;
}

// Centred sums of squares and products.
struct Moments {
  double mean_x, mean_y, xx, xy, yy;
};

Moments moments_of(const std::vector<double>& x, const std::vector<double>& y) {
  Moments sums{mean(x), mean(y), 0, 0, 0};
  for (std::size_t i = 0; i < x.size(); ++i) {
    const double dx = x[i] - sums.mean_x, dy = y[i] - sums.mean_y;
    sums.xx += dx * dx;
    sums.xy += dx * dy;
    sums.yy += dy * dy;
  }
  return sums;
}

// The share of all orders of the one's ranks whose rho is as far from 0 as this one's. Means and
// variances are those of every order, so it is n Σ x y − Σ x Σ y that is compared, in integers:
// mean ranks are halves, and are doubled.
double exact_p(const std::vector<double>& ranks_x, const std::vector<double>& ranks_y) {
  const auto doubled = [](const std::vector<double>& ranks) {
    std::vector<std::int64_t> integers;
    for (const double rank : ranks) integers.push_back(std::llround(2 * rank));
    return integers;
  };
  const auto x = doubled(ranks_x);
  auto y = doubled(ranks_y);
  const auto n = static_cast<std::int64_t>(x.size());
  const auto centre = std::accumulate(x.begin(), x.end(), std::int64_t{0}) *
                      std::accumulate(y.begin(), y.end(), std::int64_t{0});
  const auto distance = [&] {
    return std::abs(n * std::inner_product(x.begin(), x.end(), y.begin(), std::int64_t{0}) -
                    centre);
  };
  const auto observed = distance();
  std::sort(y.begin(), y.end());
  std::int64_t as_far = 0, all = 0;
  do {
    ++all;
    as_far += distance() >= observed;
  } while (std::next_permutation(y.begin(), y.end()));
  return static_cast<double>(as_far) / static_cast<double>(all);
}

double student_p(double rho, std::size_t pairs) {
  const auto freedom = static_cast<double>(pairs - 2);
  const double rest = (1 - rho) * (1 + rho);
  if (rest <= 0) return 0;
  const boost::math::students_t distribution(freedom);
  const double t = std::abs(rho) * std::sqrt(freedom / rest);
  return 2 * boost::math::cdf(boost::math::complement(distribution, t));
}

}  // namespace

double mean(const std::vector<double>& values) {
  if (values.empty()) return kNaN;
  return std::accumulate(values.begin(), values.end(), 0.0) / static_cast<double>(values.size());
}

double quantile(std::vector<double> values, double probability) {
  if (values.empty()) return kNaN;
  reject_nan(values);
  std::sort(values.begin(), values.end());
  const double place = probability * static_cast<double>(values.size() - 1);
  const auto below = static_cast<std::size_t>(place);
  const double share = place - static_cast<double>(below);
  const double low = values[below];
  const double high = share == 0 ? low : values[below + 1];
  if (low == high) return low;  // ∞ − ∞ is no number
  if (std::isinf(low)) return std::isinf(high) ? kNaN : low;
  return low + share * (high - low);
}

double median(const std::vector<double>& values) { return quantile(values, 0.5); }

Interval bootstrap_interval(const std::vector<double>& values, const Statistic& statistic,
                            std::size_t resamples) {
  if (values.empty()) return {kNaN, kNaN};
  auto sorted = values;  // the interval is that of a sample, in whatever order it is read
  std::sort(sorted.begin(), sorted.end());
  const RandomStream stream(hash_name("bootstrap"), Purpose::noise);
  std::vector<double> statistics, sample(sorted.size());
  for (std::size_t resample = 0; resample < resamples; ++resample) {
    for (std::size_t i = 0; i < sample.size(); ++i) {
      const double place = stream.uniform(resample, i) * static_cast<double>(sorted.size());
      sample[i] = sorted[static_cast<std::size_t>(place)];
    }
    statistics.push_back(statistic(sample));
  }
  return {quantile(statistics, 0.025), quantile(statistics, 0.975)};
}

Interval share_interval(std::size_t count, std::size_t n) {
  using Binomial = boost::math::binomial_distribution<>;
  constexpr double kTail = 0.025;
  const auto trials = static_cast<double>(n), seen = static_cast<double>(count);
  return {Binomial::find_lower_bound_on_p(trials, seen, kTail),
          Binomial::find_upper_bound_on_p(trials, seen, kTail)};
}

double rank_correlation(const std::vector<double>& x, const std::vector<double>& y) {
  if (x.size() != y.size()) throw std::logic_error("a rank correlation is of pairs");
  if (x.size() < 3) return kNaN;
  const auto sums = moments_of(ranks_of(x), ranks_of(y));
  if (sums.xx == 0 || sums.yy == 0) return kNaN;
  return std::clamp(sums.xy / std::sqrt(sums.xx * sums.yy), -1.0, 1.0);
}

RankCorrelation spearman(const std::vector<double>& x, const std::vector<double>& y) {
  const double rho = rank_correlation(x, y);
  if (std::isnan(rho)) return {kNaN, kNaN};
  const bool is_exact = x.size() <= kExactPairs;
  return {rho, is_exact ? exact_p(ranks_of(x), ranks_of(y)) : student_p(rho, x.size()), is_exact};
}

Line fit_line(const std::vector<double>& x, const std::vector<double>& y) {
  if (x.size() != y.size()) throw std::logic_error("fit_line takes pairs");
  if (std::adjacent_find(x.begin(), x.end(), std::not_equal_to<>()) == x.end()) return {kNaN, kNaN};
  const auto sums = moments_of(x, y);
  const double slope = sums.xy / sums.xx;
  return {sums.mean_y - slope * sums.mean_x, slope};
}

}  // namespace groklab
