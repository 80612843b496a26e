#include "store/values.h"

#include <gmock/gmock.h>

#include <cmath>
#include <limits>

namespace groklab {
namespace {

using testing::ElementsAre;

const TableValue kNothing;

TEST(Values, TextsThatAreAllNumbersAreNumbers) {
  EXPECT_EQ(type_of({"0", "-3", "9223372036854775807"}), ColumnType::integer);
  EXPECT_EQ(type_of({"0", "1e-3", "-0.5"}), ColumnType::real);
  EXPECT_EQ(type_of({"add", "1"}), ColumnType::text);
  EXPECT_EQ(text_value("-3", ColumnType::integer), TableValue(std::int64_t{-3}));
  EXPECT_EQ(text_value("1e-3", ColumnType::real), TableValue(0.001));
  EXPECT_EQ(text_value("1", ColumnType::text), TableValue(std::string("1")));
}

TEST(Values, TextsThatOnlyLookLikeNumbersStayTexts) {
  for (const auto* text : {"", "007", "-01.5", "1 ", " 1", "+1", "0x10", "inf", "nan", "1e999",
                           "9223372036854775808", "1.5.2", "1,5", "true", "[1]"}) {
    EXPECT_EQ(type_of({text}), ColumnType::text) << text;
  }
}

TEST(Values, OfJsonAreNothingIfTheyAreOfAnotherType) {
  EXPECT_EQ(json_value(3, ColumnType::integer), TableValue(std::int64_t{3}));
  EXPECT_EQ(json_value(3, ColumnType::real), TableValue(3.0));
  EXPECT_EQ(json_value(0.5, ColumnType::real), TableValue(0.5));
  EXPECT_EQ(json_value("x", ColumnType::text), TableValue(std::string("x")));
  EXPECT_EQ(json_value(0.5, ColumnType::integer), kNothing);
  EXPECT_EQ(json_value("x", ColumnType::real), kNothing);
  EXPECT_EQ(json_value(nullptr, ColumnType::text), kNothing);
  EXPECT_EQ(json_value(std::nan(""), ColumnType::real), kNothing);
  EXPECT_EQ(number_value(-std::numeric_limits<double>::infinity()), kNothing);
}

TEST(Values, NamesOfColumnsAreMadeDifferentAlsoWithoutRegardToCase) {
  const std::vector<Column> taken{{"cell", ColumnType::text}, {"Status", ColumnType::text}};
  EXPECT_THAT(
      distinct_names({"seed", "status", "x.Beta", "x.beta", "sweep.status"}, taken, "sweep."),
      ElementsAre("seed", "sweep.status", "x.Beta", "sweep.x.beta", "sweep.sweep.status"));
}

}  // namespace
}  // namespace groklab
