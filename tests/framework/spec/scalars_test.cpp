#include "spec/scalars.h"

#include <gmock/gmock.h>

#include <limits>

namespace groklab {
namespace {

using testing::Eq;
using testing::Optional;

TEST(ParseInteger, ReadsDecimalNumbers) {
  EXPECT_THAT(parse_integer("0"), Optional(Eq(0)));
  EXPECT_THAT(parse_integer("97"), Optional(Eq(97)));
  EXPECT_THAT(parse_integer("-3"), Optional(Eq(-3)));
  EXPECT_THAT(parse_integer("+5"), Optional(Eq(5)));
  EXPECT_THAT(parse_integer("9223372036854775807"),
              Optional(Eq(std::numeric_limits<std::int64_t>::max())));
}

TEST(ParseInteger, ReadsPowersOfTenWrittenShort) {
  EXPECT_THAT(parse_integer("1e5"), Optional(Eq(100'000)));
  EXPECT_THAT(parse_integer("1E6"), Optional(Eq(1'000'000)));
  EXPECT_THAT(parse_integer("2.5e3"), Optional(Eq(2500)));
  EXPECT_THAT(parse_integer("-1e2"), Optional(Eq(-100)));
}

TEST(ParseInteger, RefusesWhatIsNotWhole) {
  for (const auto* text : {"1.5", "1e-3", "0.1", "2.5e0"}) {
    EXPECT_EQ(parse_integer(text), std::nullopt) << text;
  }
}

TEST(ParseInteger, RefusesWhatADoubleCannotHoldExactly) {
  for (const auto* text : {"1e16", "1e300", "9223372036854775808", "-9223372036854775809"}) {
    EXPECT_EQ(parse_integer(text), std::nullopt) << text;
  }
}

TEST(ParseReal, ReadsDecimalNumbers) {
  EXPECT_THAT(parse_real("0.5"), Optional(Eq(0.5)));
  EXPECT_THAT(parse_real("1e-3"), Optional(Eq(0.001)));
  EXPECT_THAT(parse_real("97"), Optional(Eq(97.0)));
  EXPECT_THAT(parse_real("-2.5E+2"), Optional(Eq(-250.0)));
  EXPECT_THAT(parse_real("+1.5"), Optional(Eq(1.5)));
  EXPECT_THAT(parse_real(".5"), Optional(Eq(0.5)));
  EXPECT_THAT(parse_real("0"), Optional(Eq(0.0)));
  EXPECT_THAT(parse_real("1.7976931348623157e308"),
              Optional(Eq(std::numeric_limits<double>::max())));
}

TEST(ParseReal, RefusesWhatIsNotFinite) {
  for (const auto* text : {".inf", "-.inf", "inf", "-inf", "+inf", "infinity", ".nan", "nan",
                           "-nan", "NaN", "1e400", "-1e400"}) {
    EXPECT_EQ(parse_real(text), std::nullopt) << text;
  }
}

// 010 is eight to YAML 1.1 and ten to a person.
TEST(Scalars, RefuseLeadingZeros) {
  for (const auto* text : {"010", "00", "-01", "+010", "007.5"}) {
    EXPECT_EQ(parse_integer(text), std::nullopt) << text;
    EXPECT_EQ(parse_real(text), std::nullopt) << text;
  }
}

TEST(Scalars, RefuseEveryOtherWayToWriteNumbers) {
  for (const auto* text :
       {"",    "+",     "-",     ".",     "e5",    "1e", "0x10", "-0x10", "0o17",
        "0b1", "1_000", "1,000", "1 000", " 1",    "1 ", "1:30", "12abc", "1.2.3",
        "++1", "+-1",   "-+1",   "--1",   "0x1p3", "½",  "true", "~"}) {
    EXPECT_EQ(parse_integer(text), std::nullopt) << "'" << text << "'";
    EXPECT_EQ(parse_real(text), std::nullopt) << "'" << text << "'";
  }
}

}  // namespace
}  // namespace groklab
