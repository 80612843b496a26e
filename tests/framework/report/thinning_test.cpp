#include "report/thinning.h"

#include <gmock/gmock.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <random>

namespace groklab {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();

struct Curve {
  std::vector<double> x, y;
};

// A walk with spikes, evaluated at 0, 10, 20, …; NaN with this probability.
Curve random_curve(std::mt19937& random, std::size_t count, double gaps = 0) {
  std::normal_distribution<double> step;
  std::uniform_real_distribution<double> chance;
  Curve curve;
  double level = 0;
  for (std::size_t i = 0; i < count; ++i) {
    level += step(random);
    curve.x.push_back(static_cast<double>(10 * i));
    const double spike = chance(random) < 0.01 ? 100 * step(random) : 0;
    curve.y.push_back(chance(random) < gaps ? kNaN : level + spike);
  }
  return curve;
}

std::vector<double> taken(const std::vector<double>& values, const std::vector<std::size_t>& at) {
  std::vector<double> result;
  for (const auto i : at) result.push_back(values[i]);
  return result;
}

TEST(Thinning, KeepsShortCurvesWhole) {
  EXPECT_THAT(thinned({1, 2, 3}, {5, kNaN, 4}, 3), ElementsAre(0, 1, 2));
  EXPECT_THAT(thinned({}, {}, 10), IsEmpty());
}

TEST(Thinning, KeepsEndsAndExtremesWithinTheLimitAndInOrder) {
  std::mt19937 random(1);
  for (std::size_t limit = 4; limit < 400; limit += 7) {
    const auto curve = random_curve(random, 400 + 5 * limit, limit % 2 ? 0.05 : 0);
    const auto kept = thinned(curve.x, curve.y, limit);
    EXPECT_LE(kept.size(), limit);
    EXPECT_EQ(std::adjacent_find(kept.begin(), kept.end(), std::greater_equal<>()), kept.end());
    EXPECT_EQ(kept.front(), 0);
    EXPECT_EQ(kept.back(), curve.x.size() - 1);
    std::vector<double> finite;
    std::copy_if(curve.y.begin(), curve.y.end(), std::back_inserter(finite),
                 [](double value) { return std::isfinite(value); });
    const auto [low, high] = std::minmax_element(finite.begin(), finite.end());
    EXPECT_THAT(taken(curve.y, kept), Contains(*low));
    EXPECT_THAT(taken(curve.y, kept), Contains(*high));
  }
}

// With a limit of 2 + 2 · 3 there are three stretches: 1 to 10, 10 to 100, 100 to 1000.
TEST(Thinning, TakesTheExtremesOfEachStretchOfTheLogarithm) {
  Curve curve;
  for (int x = 1; x <= 1000; ++x) {
    curve.x.push_back(x);
    curve.y.push_back(0);
  }
  for (const auto& [x, y] :
       {std::pair{3, 1.0}, {7, -1.0}, {30, 2.0}, {70, -2.0}, {300, 3.0}, {700, -3.0}}) {
    curve.y[x - 1] = y;
  }
  EXPECT_THAT(taken(curve.x, thinned(curve.x, curve.y, 8)),
              ElementsAre(1, 3, 7, 30, 70, 300, 700, 1000));
}

TEST(Thinning, TakesStretchesOfTheNumberItselfWhereSomeAreBelowZero) {
  Curve curve;
  for (int x = -500; x <= 500; ++x) {
    curve.x.push_back(x);
    curve.y.push_back(0);
  }
  for (const auto& [x, y] : {std::pair{-400, 1.0}, {-300, -1.0}, {300, 2.0}, {400, -2.0}}) {
    curve.y[x + 500] = y;
  }
  EXPECT_THAT(taken(curve.x, thinned(curve.x, curve.y, 6)),
              ElementsAre(-500, -400, -300, 300, 400, 500));
}

TEST(Thinning, KeepsWhatInterruptsALine) {
  Curve curve;
  for (int x = 0; x < 1000; ++x) {
    curve.x.push_back(x);
    curve.y.push_back(x == 500 ? kNaN : x);
  }
  EXPECT_THAT(thinned(curve.x, curve.y, 50), Contains(500));
  curve.y[500] = std::numeric_limits<double>::infinity();
  EXPECT_THAT(thinned(curve.x, curve.y, 50), Contains(500));
}

TEST(Thinning, GetsOnWithCurvesThatHaveNoExtentOrNoNumbers) {
  const std::vector<double> nothing(100, kNaN), zero(100, 0.0);
  EXPECT_THAT(thinned(zero, zero, 10), ElementsAre(0, 99));
  EXPECT_THAT(thinned(zero, nothing, 10), ElementsAre(0, 99));
  for (std::size_t limit = 0; limit < 4; ++limit) {
    EXPECT_THAT(thinned(zero, nothing, limit), SizeIs(std::min<std::size_t>(limit, 2)));
  }
}

}  // namespace
}  // namespace groklab
