#include "report/projection.h"

#include "base/files.h"
#include "support/paths.h"

#include <gmock/gmock.h>

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>
#include <numbers>
#include <numeric>
#include <set>

namespace groklab {
namespace {

using testing::Each;
using testing::ElementsAre;

constexpr std::size_t kWidth = 32;

// Uniform in [-1, 1), by the linear congruences of Numerical Recipes.
class Noise {
 public:
  double next() {
    state_ = 1664525U * state_ + 1013904223U;
    return state_ / 2147483648.0 - 1;
  }

 private:
  std::uint32_t state_ = 1;
};

// 97 points about a circle of radius 4.
Points circle() {
  constexpr auto kTurn = 2 * std::numbers::pi;
  Points points{kWidth, {}};
  Noise noise;
  for (std::size_t i = 0; i < 97; ++i) {
    for (std::size_t k = 0; k < kWidth; ++k) {
      const auto angle = kTurn * static_cast<double>(i) / 97 + kTurn * static_cast<double>(k) / 32;
      points.values.push_back(std::cos(angle) + 0.3 * noise.next());
    }
  }
  return points;
}

// Twelve times ten neighbours.
Points clusters() {
  Noise noise;
  std::vector<double> centres(12 * kWidth);
  for (auto& number : centres) number = noise.next();
  Points points{kWidth, {}};
  for (std::size_t i = 0; i < 120; ++i) {
    for (std::size_t k = 0; k < kWidth; ++k) {
      points.values.push_back(centres[i / 10 * kWidth + k] + 0.3 * noise.next());
    }
  }
  return points;
}

const nlohmann::json& golden() {
  static const auto all =
      nlohmann::json::parse(read_file(test::source_dir() / "tests/golden/projection.json"));
  return all;
}

Points points_of(const std::string& name) { return name == "circle" ? circle() : clusters(); }

double squared_distance(const Points& points, std::size_t i, std::size_t j) {
  return std::inner_product(points.row(i), points.row(i) + points.width, points.row(j), 0.0,
                            std::plus<>(), [](double a, double b) { return (a - b) * (a - b); });
}

std::set<std::size_t> nearest(const Points& points, std::size_t i, std::size_t count) {
  std::vector<std::pair<double, std::size_t>> others;
  for (std::size_t j = 0; j < points.count(); ++j) {
    if (j != i) others.emplace_back(squared_distance(points, i, j), j);
  }
  std::sort(others.begin(), others.end());
  std::set<std::size_t> found;
  for (std::size_t k = 0; k < count; ++k) found.insert(others[k].second);
  return found;
}

// The share of each point's nearest `count` that are among its nearest in the map.
double preservation(const Points& points, const Points& map, std::size_t count) {
  std::size_t kept = 0;
  for (std::size_t i = 0; i < points.count(); ++i) {
    const auto before = nearest(points, i, count), after = nearest(map, i, count);
    kept += static_cast<std::size_t>(std::count_if(
        before.begin(), before.end(), [&](std::size_t j) { return after.contains(j); }));
  }
  return static_cast<double>(kept) / static_cast<double>(points.count() * count);
}

double median(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  return values[values.size() / 2];
}

TEST(PrincipalComponents, AreThoseOfScikitLearn) {
  for (const std::string name : {"circle", "clusters"}) {
    const auto found = principal_components(points_of(name), 2);
    const auto& expected = golden()[name]["components"];
    EXPECT_EQ(found.points.width, 2U);
    const std::vector<double> coordinates = expected["coordinates"];
    ASSERT_EQ(found.points.values.size(), coordinates.size());
    for (std::size_t i = 0; i < coordinates.size(); ++i) {
      EXPECT_NEAR(found.points.values[i], coordinates[i], 1e-11) << name << " " << i;
    }
    for (std::size_t i = 0; i < 2; ++i) {
      const double share = expected["variance_shares"][i];
      EXPECT_NEAR(found.variance_shares[i], share, 1e-13) << name;
    }
  }
}

TEST(PrincipalComponents, OfALineAreItsCoordinateAndNothingElse) {
  // Along (3, −4) / 5, with the larger weight made positive.
  const auto found = principal_components({2, {3, -4, 0, 0, -3, 4}}, 3);
  ASSERT_EQ(found.points.width, 3U);
  ASSERT_EQ(found.points.count(), 3U);
  EXPECT_NEAR(found.points.row(0)[0], -5, 1e-12);
  EXPECT_NEAR(found.points.row(1)[0], 0, 1e-12);
  EXPECT_NEAR(found.points.row(2)[0], 5, 1e-12);
  for (std::size_t i = 0; i < 3; ++i) {
    EXPECT_NEAR(found.points.row(i)[1], 0, 1e-12);
    EXPECT_EQ(found.points.row(i)[2], 0);
  }
  EXPECT_NEAR(found.variance_shares[0], 1, 1e-12);
  EXPECT_NEAR(found.variance_shares[1], 0, 1e-12);
  EXPECT_EQ(found.variance_shares[2], 0);
}

TEST(PrincipalComponents, OfEqualPointsAreZero) {
  const auto found = principal_components({2, {7, 8, 7, 8, 7, 8}}, 2);
  EXPECT_THAT(found.points.values, Each(0));
  EXPECT_THAT(found.variance_shares, ElementsAre(0, 0));
}

// A few percent are what scikit-learn's own seeds differ by.
TEST(Tsne, IsAsGoodAsScikitLearnsByDivergenceAndNeighbours) {
  for (const std::string name : {"circle", "clusters"}) {
    const auto points = points_of(name);
    for (const auto& expected : golden()[name]["maps"]) {
      std::vector<double> divergences, shares;
      for (const std::uint64_t seed : {0, 1, 2}) {
        const auto map = tsne(points, {expected["perplexity"], seed});
        EXPECT_EQ(map.perplexity, expected["perplexity"]);
        divergences.push_back(map.divergence);
        shares.push_back(preservation(points, map.points, expected["neighbours"]));
      }
      EXPECT_LT(median(divergences), 1.03 * median(expected["divergences"])) << name << expected;
      EXPECT_GT(median(shares), median(expected["preservations"]) - 0.01) << name << expected;
    }
  }
}

// Σ p log(p / q) written out again, with precisions that were found by another search.
TEST(Tsne, ReportsTheDivergenceOfItsMap) {
  // Four corners of a square: by symmetry p is known without any search. Each corner has two
  // neighbours at distance 1 and one at √2, and perplexity 1 is the nearest alone: both of them.
  const Points square{2, {0, 0, 1, 0, 1, 1, 0, 1}};
  const auto map = tsne(square, {1, 0});
  double total = 0, divergence = 0;
  for (std::size_t i = 0; i < 4; ++i) {
    for (std::size_t j = 0; j < 4; ++j) {
      if (i != j) total += 1 / (1 + squared_distance(map.points, i, j));
    }
  }
  for (std::size_t i = 0; i < 4; ++i) {
    for (const auto j : {(i + 1) % 4, (i + 3) % 4}) {
      const auto q = 1 / (1 + squared_distance(map.points, i, j)) / total;
      divergence += 0.125 * std::log(0.125 / q);
    }
  }
  EXPECT_NEAR(map.divergence, divergence, 1e-9);
}

TEST(Tsne, IsTheSameForASeedAndAnotherForAnother) {
  const auto points = clusters();
  const auto map = tsne(points, {10, 7, 300});
  EXPECT_EQ(map.points.values, tsne(points, {10, 7, 300}).points.values);
  EXPECT_NE(map.points.values, tsne(points, {10, 8, 300}).points.values);
}

TEST(Tsne, LowersThePerplexityWhereThereAreFewPoints) {
  Points few = circle();
  few.values.resize(25 * kWidth);
  EXPECT_EQ(tsne(few, {30, 0, 10}).perplexity, 8);
  EXPECT_EQ(tsne(few, {7, 0, 10}).perplexity, 7);
}

TEST(Tsne, OfAlmostNothingIsFinite) {
  for (const auto& values : {std::vector<double>{}, {1}, {1, 2}, {1, 2, 4}, {5, 5, 5, 5, 5}}) {
    const auto map = tsne({1, values}, {});
    EXPECT_EQ(map.points.values.size(), 2 * values.size());
    for (const auto number : map.points.values) EXPECT_TRUE(std::isfinite(number));
    EXPECT_TRUE(std::isfinite(map.divergence));
  }
}

}  // namespace
}  // namespace groklab
