#pragma once

#include <cstddef>
#include <functional>
#include <vector>

namespace groklab {

// Statistics of small samples. NaN in a sample is an error of the caller; an empty one gives NaN.

double mean(const std::vector<double>& values);

// With linear interpolation between neighbours (Hyndman and Fan 1996, definition 7: NumPy's).
// Infinite values are allowed: a median that lies among them is infinite, and one between −∞ and ∞
// NaN.
double quantile(std::vector<double> values, double probability);
double median(const std::vector<double>& values);

struct Interval {
  double low, high;
};

// Percentile bootstrap (Efron 1979): the 2.5 % and 97.5 % quantiles of the statistic over
// `resamples` samples drawn with replacement, whose values it is handed in no order. The same for
// the same values in any order. One value has an interval of no width. A statistic may be infinite,
// not NaN.
using Statistic = std::function<double(const std::vector<double>&)>;
Interval bootstrap_interval(const std::vector<double>& values, const Statistic& statistic,
                            std::size_t resamples = 2000);

// The 95 % interval of a share of which `count` of `n` > 0 were seen (Clopper and Pearson 1934),
// which does not shrink to nothing where all are alike.
Interval share_interval(std::size_t count, std::size_t n);

// Spearman's ρ, ties with mean ranks; infinite values rank behind all others. NaN of fewer than 3
// pairs, or where all x or all y are alike.
double rank_correlation(const std::vector<double>& x, const std::vector<double>& y);

// The same with its two-sided p: exact (all orders) up to
// 9 pairs, else from Student's t with n − 2 degrees of freedom. n < 3: both NaN.
struct RankCorrelation {
  double rho, p;
  bool is_exact = false;  // p
};
RankCorrelation spearman(const std::vector<double>& x, const std::vector<double>& y);

// Least squares y = intercept + slope x. Fewer than two different x: NaN.
struct Line {
  double intercept, slope;
};
Line fit_line(const std::vector<double>& x, const std::vector<double>& y);

}  // namespace groklab
