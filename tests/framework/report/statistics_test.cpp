// Expected numbers are those of NumPy 1.24 (np) and SciPy 1.10 (stats), by the calls beside them.
#include "report/statistics.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <stdexcept>

namespace groklab {
namespace {

constexpr double kInf = std::numeric_limits<double>::infinity();
constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();

const std::vector<double> kSample{3.1, 0.2, 7.7, 4.4, 4.4, -1.5, 9.0};

TEST(Mean, OfNothingIsNotANumber) {
  EXPECT_DOUBLE_EQ(mean({1, 2, 6}), 3);
  EXPECT_TRUE(std::isnan(mean({})));
}

TEST(Quantile, IsNumPys) {  // np.quantile(kSample, probability)
  EXPECT_EQ(quantile(kSample, 0), -1.5);
  EXPECT_DOUBLE_EQ(quantile(kSample, 0.025), -1.245);
  EXPECT_DOUBLE_EQ(quantile(kSample, 0.1), -0.48);
  EXPECT_DOUBLE_EQ(quantile(kSample, 0.25), 1.65);
  EXPECT_EQ(quantile(kSample, 0.5), 4.4);
  EXPECT_DOUBLE_EQ(quantile(kSample, 0.8), 7.04);
  EXPECT_DOUBLE_EQ(quantile(kSample, 0.975), 8.805);
  EXPECT_EQ(quantile(kSample, 1), 9);
  EXPECT_TRUE(std::isnan(quantile({}, 0.5)));
}

TEST(Quantile, RefusesWhatHasNoOrder) { EXPECT_THROW(quantile({1, kNaN}, 0.5), std::logic_error); }

TEST(Median, LiesBetweenTheTwoInTheMiddle) {
  EXPECT_EQ(median({4, 1, 3, 2}), 2.5);
  EXPECT_EQ(median({7}), 7);
  EXPECT_TRUE(std::isnan(median({})));
}

TEST(Median, IsInfiniteAmongInfiniteValues) {
  EXPECT_EQ(median({kInf, 100, 300}), 300);
  EXPECT_EQ(median({kInf, 100, kInf}), kInf);
  EXPECT_EQ(median({kInf, 100}), kInf);  // half way from 100 to infinity
  EXPECT_EQ(median({kInf, kInf, 100, 200}), kInf);
  EXPECT_EQ(median({kInf, kInf, kInf, kInf}), kInf);
  EXPECT_EQ(median({-kInf, -kInf, 1}), -kInf);
  EXPECT_TRUE(std::isnan(median({-kInf, kInf})));
}

// The least and the greatest of each end over seeds 0 to 199 (99 with np.median) of
// stats.bootstrap((x,), np.mean, method='percentile', n_resamples=2000, random_state=seed).
TEST(BootstrapInterval, IsThatOfSciPy) {
  const std::vector<double> x{12, 15, 9,  22, 17, 14, 30, 11, 19, 16,
                              13, 25, 18, 21, 10, 28, 20, 24, 23, 27};
  const auto of_mean = bootstrap_interval(x, mean);
  EXPECT_GE(of_mean.low, 15.85);
  EXPECT_LE(of_mean.low, 16.30);
  EXPECT_GE(of_mean.high, 21.15);
  EXPECT_LE(of_mean.high, 21.65);
  const auto of_median = bootstrap_interval(x, median);
  EXPECT_GE(of_median.low, 14);
  EXPECT_LE(of_median.low, 15);
  EXPECT_GE(of_median.high, 22.5);
  EXPECT_LE(of_median.high, 23);
}

// All 27 samples of three values are as likely; 1/27 of them is 3.7 %, more than 2.5 %, so the ends
// are those of the values.
TEST(BootstrapInterval, OfThreeValuesGoesFromTheLeastToTheGreatest) {
  const auto interval = bootstrap_interval({0.97, 0.99, 0.95}, mean);
  EXPECT_DOUBLE_EQ(interval.low, 0.95);
  EXPECT_DOUBLE_EQ(interval.high, 0.99);
}

TEST(BootstrapInterval, IsTheSameForTheSameValuesInAnyOrder) {
  const auto once = bootstrap_interval({5, 1, 4, 2, 3, 9}, mean);
  const auto again = bootstrap_interval({9, 3, 2, 5, 4, 1}, mean);
  EXPECT_EQ(once.low, again.low);
  EXPECT_EQ(once.high, again.high);
  EXPECT_LT(once.low, 4);
  EXPECT_GT(once.high, 4);
}

TEST(BootstrapInterval, OfOneValueHasNoWidth) {
  const auto interval = bootstrap_interval({0.5}, median);
  EXPECT_EQ(interval.low, 0.5);
  EXPECT_EQ(interval.high, 0.5);
  EXPECT_TRUE(std::isnan(bootstrap_interval({}, median).low));
  EXPECT_TRUE(std::isnan(bootstrap_interval({}, median).high));
}

TEST(BootstrapInterval, MayEndAtInfinity) {
  const auto interval = bootstrap_interval({100, 200, kInf}, median);
  EXPECT_EQ(interval.low, 100);  // of the 27 samples, 7 have at least two of one value
  EXPECT_EQ(interval.high, kInf);
}

// f = lambda x: stats.spearmanr(x, y)[0]
// stats.permutation_test((x,), f, permutation_type='pairings', n_resamples=np.inf)
TEST(ShareInterval, IsThatOfClopperAndPearson) {  // R: binom.test(5, 10)$conf.int, …
  const auto half = share_interval(5, 10), none = share_interval(0, 5), all = share_interval(3, 3);
  EXPECT_NEAR(half.low, 0.1870860, 1e-7);
  EXPECT_NEAR(half.high, 0.8129140, 1e-7);
  EXPECT_EQ(none.low, 0);
  EXPECT_NEAR(none.high, 0.5218238, 1e-7);
  EXPECT_NEAR(all.low, 0.2924018, 1e-7);
  EXPECT_EQ(all.high, 1);
}

TEST(Spearman, CountsAllOrdersOfUpToNinePairs) {
  const auto expect = [](const std::vector<double>& x, const std::vector<double>& y, double rho,
                         double p) {
    const auto found = spearman(x, y);
    EXPECT_NEAR(found.rho, rho, 1e-15);
    EXPECT_NEAR(found.p, p, 1e-15);
    EXPECT_TRUE(found.is_exact);
  };
  expect({1, 2, 3}, {2, 5, 9}, 1, 1.0 / 3);
  expect({1, 2, 3, 4}, {2, 4, 1, 3}, 0, 1);
  expect({1, 2, 3, 4, 5}, {2, 1, 4, 3, 5}, 0.8, 0.13333333333333333);
  expect({0.3, 1.2, 0.9, 2.5, 1.9, 3.3, 0.1}, {7, 6.5, 5, 2, 3, 2.5, 4}, -0.7142857142857144,
         0.0880952380952381);
  expect({1, 2, 3, 4, 5, 6, 7, 8, 9}, {2, 1, 4, 3, 6, 5, 9, 8, 7}, 0.8833333333333333,
         0.0030753968253968253);
}

TEST(Spearman, TakesStudentsTForMorePairs) {  // stats.spearmanr(x, y)
  const auto found =
      spearman({0.11, 0.52, 0.93, 0.24, 0.75, 0.36, 0.87, 0.48, 0.69, 0.05, 0.99, 0.61},
               {9.1, 5.2, 1.3, 8.4, 2.5, 8.0, 3.7, 2.8, 4.9, 7.6, 0.3, 6.2});
  EXPECT_NEAR(found.rho, -0.8671328671328673, 1e-14);
  EXPECT_NEAR(found.p, 0.00025981184986148103, 1e-14);
  EXPECT_FALSE(found.is_exact);
}

TEST(Spearman, GivesTiesTheirMeanRank) {  // stats.spearmanr(x, y)
  auto found = spearman({10, 20, 30, 40, 50, 60, 70, 80, 90, 100, 110, 120},
                        {3, 1, 4, 1, 5, 9, 2, 6, 5, 3, 5, 8});
  EXPECT_NEAR(found.rho, 0.5265313520914635, 1e-14);
  EXPECT_NEAR(found.p, 0.07863046813632459, 1e-13);
}

// Of all orders of y, those with |stats.spearmanr(x, order)| at least as large: 28 of 720, 4 of 6.
TEST(Spearman, CountsOrdersWithTiesToo) {
  auto found = spearman({1, 2, 2, 4, 5, 6}, {6, 5, 3, 4, 2, 2});
  EXPECT_NEAR(found.rho, -0.8823529411764706, 1e-14);
  EXPECT_NEAR(found.p, 28.0 / 720, 1e-15);
  EXPECT_TRUE(found.is_exact);
  found = spearman({1, 2, 3}, {1, 1, 2});
  EXPECT_NEAR(found.rho, 0.8660254037844387, 1e-14);
  EXPECT_NEAR(found.p, 4.0 / 6, 1e-15);
}

// stats.spearmanr([1, …, 10], [100, 200, 300, np.inf, np.inf, 250, np.inf, 400, 90, 50])
TEST(Spearman, RanksInfiniteValues) {
  const auto found = spearman({1, 2, 3, 4, 5, 6, 7, 8, 9, 10},
                              {100, 200, 300, kInf, kInf, 250, kInf, 400, 90, 50});
  EXPECT_NEAR(found.rho, -0.19019836693335312, 1e-14);
  EXPECT_NEAR(found.p, 0.5986683040717657, 1e-13);
}

TEST(Spearman, IsNotANumberOfTwoPairsOrOfEqualValues) {
  for (const auto& found :
       {spearman({}, {}), spearman({1, 2}, {3, 4}), spearman({1, 2, 3}, {5, 5, 5})}) {
    EXPECT_TRUE(std::isnan(found.rho));
    EXPECT_TRUE(std::isnan(found.p));
  }
}

TEST(Spearman, HasNoDoubtOfTwentyPairsInOneOrder) {
  std::vector<double> x, y;
  for (int i = 0; i < 20; ++i) {
    x.push_back(i);
    y.push_back(std::exp(-i));
  }
  EXPECT_EQ(spearman(x, y).rho, -1);
  EXPECT_EQ(spearman(x, y).p, 0);
}

TEST(FitLine, IsThatOfLeastSquares) {  // stats.linregress([1, 2, 4, 7], [3, 4.5, 5, 11])
  const auto line = fit_line({1, 2, 4, 7}, {3, 4.5, 5, 11});
  EXPECT_NEAR(line.intercept, 1.416666666666667, 1e-14);
  EXPECT_NEAR(line.slope, 1.2738095238095237, 1e-14);
}

TEST(FitLine, NeedsTwoDifferentPlaces) {
  for (const auto& line : {fit_line({}, {}), fit_line({1}, {2}), fit_line({3, 3}, {1, 2})}) {
    EXPECT_TRUE(std::isnan(line.slope));
    EXPECT_TRUE(std::isnan(line.intercept));
  }
}

TEST(Quantile, BetweenMinusInfinityAndANumberIsMinusInfinity) {
  const double infinity = std::numeric_limits<double>::infinity();
  EXPECT_EQ(quantile({-infinity, 1}, 0.5), -infinity);
  EXPECT_EQ(quantile({1, infinity}, 0.5), infinity);
  EXPECT_TRUE(std::isnan(quantile({-infinity, infinity}, 0.5)));
}

}  // namespace
}  // namespace groklab
