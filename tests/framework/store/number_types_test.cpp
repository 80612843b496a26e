// The values of the narrow floating-point types are those of IEEE 754-2019, of the definition
// of bfloat16 as the upper half of a float, and of table 1 of "OCP 8-bit Floating Point
// Specification".
#include "store/number_types.h"

#include <gmock/gmock.h>
#include <groklab/error.h>

#include <bit>
#include <cmath>
#include <cstdint>
#include <limits>

namespace groklab {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::ThrowsMessage;

constexpr double kInf = std::numeric_limits<double>::infinity();

template <class Bits>
double read(const char* type, Bits bits) {
  EXPECT_EQ(number_type(type).size, static_cast<std::int64_t>(sizeof bits));
  return number_type(type).read(reinterpret_cast<const char*>(&bits));
}

TEST(NumberTypes, HalvesAreThoseOfIeee754) {
  const auto half = [](int bits) { return read("F16", static_cast<std::uint16_t>(bits)); };
  EXPECT_EQ(half(0x3C00), 1);
  EXPECT_EQ(half(0xC000), -2);
  EXPECT_EQ(half(0x3555), 0.333251953125);
  EXPECT_EQ(half(0x7BFF), 65504);               // the largest
  EXPECT_EQ(half(0x0400), std::ldexp(1, -14));  // the least normal one
  EXPECT_EQ(half(0x0001), std::ldexp(1, -24));  // the least
  EXPECT_EQ(half(0x7C00), kInf);
  EXPECT_EQ(half(0xFC00), -kInf);
  EXPECT_TRUE(std::isnan(half(0x7E00)));
  EXPECT_TRUE(std::signbit(half(0x8000)));
}

TEST(NumberTypes, BFloat16IsTheUpperHalfOfAFloat) {
  for (std::uint32_t bits = 0; bits < 1 << 16; ++bits) {
    const double number = std::bit_cast<float>(bits << 16);
    const auto got = read("BF16", static_cast<std::uint16_t>(bits));
    if (std::isnan(number)) {
      ASSERT_TRUE(std::isnan(got)) << bits;
    } else {
      ASSERT_EQ(got, number) << bits;
      ASSERT_EQ(std::signbit(got), std::signbit(number)) << bits;
    }
  }
}

TEST(NumberTypes, EightBitNumbersAreThoseOfTheOcp) {
  const auto e5m2 = [](int bits) { return read("F8_E5M2", static_cast<std::uint8_t>(bits)); };
  EXPECT_EQ(e5m2(0x3C), 1);
  EXPECT_EQ(e5m2(0x7B), 57344);
  EXPECT_EQ(e5m2(0x01), std::ldexp(1, -16));
  EXPECT_EQ(e5m2(0xFC), -kInf);
  EXPECT_TRUE(std::isnan(e5m2(0x7D)));
  const auto e4m3 = [](int bits) { return read("F8_E4M3", static_cast<std::uint8_t>(bits)); };
  EXPECT_EQ(e4m3(0x38), 1);
  EXPECT_EQ(e4m3(0x7E), 448);
  EXPECT_EQ(e4m3(0xFE), -448);
  EXPECT_EQ(e4m3(0x01), std::ldexp(1, -9));
  EXPECT_TRUE(std::isnan(e4m3(0x7F)));
  EXPECT_TRUE(std::isnan(e4m3(0xFF)));
}

TEST(NumberTypes, IntegersHaveTheirSignOrNone) {
  EXPECT_EQ(read("I8", std::int8_t{-128}), -128);
  EXPECT_EQ(read("U8", std::uint8_t{200}), 200);
  EXPECT_EQ(read("I16", std::int16_t{-30000}), -30000);
  EXPECT_EQ(read("U16", std::uint16_t{60000}), 60000);
  EXPECT_EQ(read("I32", std::int32_t{-2000000000}), -2e9);
  EXPECT_EQ(read("U32", std::uint32_t{4000000000}), 4e9);
  EXPECT_EQ(read("I64", std::int64_t{-1} << 62), -std::ldexp(1, 62));
  EXPECT_EQ(read("U64", std::uint64_t{1} << 63), std::ldexp(1, 63));
  EXPECT_EQ(read("BOOL", std::uint8_t{1}), 1);
}

TEST(NumberTypes, AnUnknownOneIsNamedWithThoseThatAreKnown) {
  EXPECT_THAT([] { number_type("F4"); },
              ThrowsMessage<Error>(AllOf(HasSubstr("'F4'"), HasSubstr("BF16"), HasSubstr("U64"))));
}

}  // namespace
}  // namespace groklab
