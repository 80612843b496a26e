#include "report/spectrum.h"

#include <gmock/gmock.h>

#include <cmath>
#include <numbers>
#include <numeric>

namespace groklab {
namespace {

using testing::Each;
using testing::ElementsAre;
using testing::IsEmpty;

std::vector<std::size_t> numbers(std::size_t count) {
  std::vector<std::size_t> all(count);
  std::iota(all.begin(), all.end(), std::size_t{0});
  return all;
}

// Uniform in [-1, 1), by the linear congruences of Numerical Recipes.
Points noise(std::size_t count, std::size_t width) {
  Points points{width, {}};
  std::uint32_t state = 1;
  for (std::size_t i = 0; i < count * width; ++i) {
    state = 1664525U * state + 1013904223U;
    points.values.push_back(state / 2147483648.0 - 1);
  }
  return points;
}

void expect_near(const std::vector<double>& found, const std::vector<double>& expected) {
  ASSERT_EQ(found.size(), expected.size());
  for (std::size_t i = 0; i < found.size(); ++i) EXPECT_NEAR(found[i], expected[i], 1e-12) << i;
}

// 3 cos(2π·5 n/97 + 1) + 4 sin(2π·17 n/97) + 1000: energies 9 to 16, whatever the phases.
TEST(EnergyShares, OfCosinesAreTheirSquaredAmplitudes) {
  Points rows{2, {}};
  for (int n = 0; n < 97; ++n) {
    const auto turn = 2 * std::numbers::pi * n / 97;
    rows.values.push_back(3 * std::cos(5 * turn + 1) + 1000);
    rows.values.push_back(4 * std::sin(17 * turn));
  }
  std::vector<double> expected(48);
  expected[4] = 9.0 / 25;
  expected[16] = 16.0 / 25;
  expect_near(energy_shares(rows, numbers(97)), expected);
}

// cos(π n) is its own mirror image: 1 a row, where cos(2π n/8) has ½ a row.
TEST(EnergyShares, CountHalfTheLengthOnce) {
  Points rows{1, {}};
  for (int n = 0; n < 8; ++n) {
    rows.values.push_back((n % 2 == 0 ? 1 : -1) + std::cos(std::numbers::pi * n / 4));
  }
  expect_near(energy_shares(rows, numbers(8)), {1.0 / 3, 0, 0, 2.0 / 3});
}

// e = (np.abs(np.fft.fft(rows, axis=0)) ** 2).sum(1), with E_k = e[k] + e[n - k] (n / 2 once),
// E / E.sum(), NumPy 1.24.
TEST(EnergyShares, AreNumPys) {
  const auto eleven = energy_shares(noise(11, 3), numbers(11));
  expect_near(eleven, {0.319503443211641, 0.149734036093544, 0.232244826303125, 0.142082866849156,
                       0.156434827542533});
  EXPECT_NEAR(amplitude_gini(eleven), 0.08548594190043425, 1e-12);
  const auto twelve = energy_shares(noise(12, 3), numbers(12));
  expect_near(twelve, {0.245045419379749, 0.213116484628131, 0.239020929585134, 0.180260182800154,
                       0.0312350829306953, 0.0913219006761363});
  EXPECT_NEAR(amplitude_gini(twelve), 0.15528263747196933, 1e-12);
}

// The same of rows[[pow(2, i, 11) for i in range(10)]].
TEST(EnergyShares, AreNumPysInTheOrderOfDiscreteLogarithms) {
  expect_near(energy_shares(noise(11, 3), by_discrete_logarithm(11)),
              {0.307386775185261, 0.269213468077483, 0.234063567312344, 0.144842683549531,
               0.044493505875381});
}

TEST(EnergyShares, OfEqualRowsAreZero) {
  EXPECT_THAT(energy_shares({1, std::vector<double>(7, 3.5)}, numbers(7)), Each(0));
}

TEST(AmplitudeGini, IsZeroOfEqualAndAlmostOneOfOne) {
  EXPECT_EQ(amplitude_gini({0.25, 0.25, 0.25, 0.25}), 0);
  EXPECT_DOUBLE_EQ(amplitude_gini({0, 1, 0, 0}), 0.75);
  EXPECT_EQ(amplitude_gini({0, 0}), 0);
}

TEST(DiscreteLogarithm, GoesByTheSmallestPrimitiveRoot) {
  EXPECT_THAT(by_discrete_logarithm(7), ElementsAre(1, 3, 2, 6, 4, 5));
  EXPECT_EQ(by_discrete_logarithm(97)[1], 5U);
  EXPECT_THAT(by_discrete_logarithm(12), IsEmpty());
}

TEST(Multiplication, IsKnownByItsTable) {
  std::vector<std::int64_t> product, quotient, sum;
  for (std::int64_t x = 0; x < 5; ++x) {
    for (std::int64_t y = 0; y < 5; ++y) {
      product.push_back(x * y % 5);
      quotient.push_back(y == 0 ? -1 : x * y * y * y % 5);  // y⁻¹ = y³
      sum.push_back((x + y) % 5);
    }
  }
  EXPECT_TRUE(multiplies_or_divides(product, 5));
  EXPECT_TRUE(multiplies_or_divides(quotient, 5));
  EXPECT_FALSE(multiplies_or_divides(sum, 5));
}

}  // namespace
}  // namespace groklab
