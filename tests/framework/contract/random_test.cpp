#include <gmock/gmock.h>
#include <groklab/random.h>

#include <cmath>
#include <numbers>
#include <set>
#include <utility>
#include <vector>

namespace groklab {
namespace {

using testing::ElementsAre;

constexpr int kDraws = 200'000;

// From the file kat_vectors of the Random123 distribution: all zeros, all ones, digits of pi.
TEST(Philox, GivesTheKnownAnswersOfRandom123) {
  EXPECT_THAT(philox4x32({0, 0, 0, 0}, {0, 0}),
              ElementsAre(0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8));
  EXPECT_THAT(philox4x32({0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff},  //
                         {0xffffffff, 0xffffffff}),
              ElementsAre(0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd));
  EXPECT_THAT(philox4x32({0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344},  //
                         {0xa4093822, 0x299f31d0}),
              ElementsAre(0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1));
}

// Vectors of the FNV reference, http://www.isthe.com/chongo/tech/comp/fnv.
TEST(HashName, IsFnv1a) {
  EXPECT_EQ(hash_name(""), 0x811c9dc5U);
  EXPECT_EQ(hash_name("a"), 0xe40c292cU);
  EXPECT_EQ(hash_name("foobar"), 0xbf9cf968U);
}

TEST(RandomStream, IsAFunctionOfItsArguments) {
  const RandomStream a(42, Purpose::noise), b(42, Purpose::noise);
  const auto later = a.bits(1000, 3);
  EXPECT_NE(a.bits(7, 9), later);
  EXPECT_EQ(b.bits(1000, 3), later);
  EXPECT_EQ(b.normal(7, 9), a.normal(7, 9));
}

TEST(RandomStream, DrawsOtherNumbersForEverySeedPurposeStepAndPosition) {
  const std::vector<std::uint64_t> seeds{0, 1, 2, 1ULL << 32, 1ULL << 63, ~0ULL};
  const std::vector<std::uint64_t> steps{0, 1, 2, 0xffffffff, 1ULL << 32, (1ULL << 56) - 1};
  const std::vector<std::uint64_t> positions{0, 1, 2, 0xffffffff, 1ULL << 32, ~0ULL};
  std::set<std::uint64_t> drawn;
  std::size_t count = 0;
  for (const auto purpose : {Purpose::split, Purpose::init, Purpose::batches, Purpose::noise}) {
    for (const auto seed : seeds) {
      const RandomStream stream(seed, purpose);
      for (const auto step : steps) {
        for (const auto position : positions) {
          drawn.insert(stream.bits(step, position));
          ++count;
        }
      }
    }
  }
  EXPECT_EQ(drawn.size(), count);
}

// A place of the counter must not stand for two things: 2^56 different steps times four purposes.
TEST(RandomStream, KeepsALargeStepApartFromAnotherPurpose) {
  const std::uint64_t largest = (1ULL << 56) - 1;
  EXPECT_NE(RandomStream(0, Purpose::split).bits(largest, 0),
            RandomStream(0, Purpose::init).bits(largest, 0));
  EXPECT_NE(RandomStream(0, Purpose::init).bits(largest, 0),
            RandomStream(0, Purpose::batches).bits(largest, 0));
}

struct Moments {
  double mean = 0, variance = 0, skewness = 0, kurtosis = 0;
};

Moments moments(const std::vector<double>& numbers) {
  const auto count = static_cast<double>(numbers.size());
  Moments result;
  for (const double number : numbers) result.mean += number / count;
  double third = 0, fourth = 0;
  for (const double number : numbers) {
    const double d = number - result.mean;
    result.variance += d * d / count;
    third += d * d * d / count;
    fourth += d * d * d * d / count;
  }
  result.skewness = third / std::pow(result.variance, 1.5);
  result.kurtosis = fourth / (result.variance * result.variance);
  return result;
}

// Half the draws walk the positions of one step, half the steps of one position.
template <class Draw>
std::vector<double> draws(Draw draw) {
  std::vector<double> numbers;
  for (int i = 0; i < kDraws / 2; ++i) numbers.push_back(draw(5, i));
  for (int i = 0; i < kDraws / 2; ++i) numbers.push_back(draw(i + 6, 2));
  return numbers;
}

// The tolerances below are five standard deviations of each statistic over kDraws draws.
double tolerance(double variance_of_one) { return 5 * std::sqrt(variance_of_one / kDraws); }

TEST(RandomStream, UniformFillsTheUnitIntervalEvenly) {
  const RandomStream stream(3, Purpose::split);
  const auto numbers =
      draws([&](std::uint64_t step, std::uint64_t at) { return stream.uniform(step, at); });
  std::vector<int> bins(100);
  for (const double number : numbers) {
    ASSERT_GE(number, 0.0);
    ASSERT_LT(number, 1.0);
    ++bins[static_cast<std::size_t>(number * 100)];
  }
  const auto [mean, variance, skewness, kurtosis] = moments(numbers);
  EXPECT_NEAR(mean, 0.5, tolerance(1.0 / 12));
  EXPECT_NEAR(variance, 1.0 / 12, tolerance(1.0 / 180));
  double chi_squared = 0;
  for (const int bin : bins) chi_squared += std::pow(bin - kDraws / 100, 2) / (kDraws / 100);
  EXPECT_LT(chi_squared, 99 + 5 * std::sqrt(2 * 99));
}

TEST(RandomStream, UniformIsTheFirst53BitsAsAFraction) {
  const RandomStream stream(1, Purpose::noise);
  for (std::uint64_t i = 0; i < 1000; ++i) {
    const double scaled = std::ldexp(stream.uniform(0, i), 53);
    EXPECT_EQ(scaled, std::floor(scaled));
    EXPECT_EQ(static_cast<std::uint64_t>(scaled), stream.bits(0, i) / 2048);
  }
}

TEST(RandomStream, NormalHasTheMomentsOfTheStandardNormal) {
  const RandomStream stream(0, Purpose::init);
  const auto [mean, variance, skewness, kurtosis] =
      moments(draws([&](std::uint64_t step, std::uint64_t at) { return stream.normal(step, at); }));
  EXPECT_NEAR(mean, 0, tolerance(1));
  EXPECT_NEAR(variance, 1, tolerance(2));
  EXPECT_NEAR(skewness, 0, tolerance(6));
  EXPECT_NEAR(kurtosis, 3, tolerance(24));
}

TEST(RandomStream, NormalFallsBelowItsQuantilesAsOftenAsItShould) {
  const RandomStream stream(9, Purpose::noise);
  const auto numbers =
      draws([&](std::uint64_t step, std::uint64_t at) { return stream.normal(step, at); });
  for (const double quantile : {-3.0, -2.0, -1.0, 0.0, 0.5, 1.5, 2.5}) {
    double below = 0;
    for (const double number : numbers) below += number < quantile;
    const double share = std::erfc(-quantile / std::numbers::sqrt2) / 2;
    EXPECT_NEAR(below / kDraws, share, tolerance(share * (1 - share))) << "at " << quantile;
  }
}

TEST(RandomStream, NeighboursAreUncorrelated) {
  const RandomStream stream(0, Purpose::noise), other(1, Purpose::noise);
  double along_positions = 0, along_steps = 0, across_seeds = 0;
  for (int i = 0; i < kDraws; ++i) {
    const double here = stream.normal(3, i);
    along_positions += here * stream.normal(3, i + 1) / kDraws;
    along_steps += here * stream.normal(4, i) / kDraws;
    across_seeds += here * other.normal(3, i) / kDraws;
  }
  EXPECT_NEAR(along_positions, 0, tolerance(1));
  EXPECT_NEAR(along_steps, 0, tolerance(1));
  EXPECT_NEAR(across_seeds, 0, tolerance(1));
}

}  // namespace
}  // namespace groklab
