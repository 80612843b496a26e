// The polynomials of the paper that have a plugin each: what is known of their tables at p = 97.
#include "plugins/operations/tables.h"

#include <gmock/gmock.h>

#include <array>

namespace groklab {
namespace {

using testing::ElementsAre;
using testing::Pair;

// Its table has one element 193 times, the others 96 times.
void expect_one_frequent(const std::string& name, std::int64_t frequent, bool symmetric) {
  const auto table = test::table_of(*test::operation(name));
  EXPECT_EQ(table.rows, 9409) << name;
  EXPECT_EQ(table.symmetric, symmetric) << name;
  EXPECT_EQ(table.occurrences.at(frequent), 193) << name;
  EXPECT_THAT(test::elements_by_occurrences(table), ElementsAre(Pair(96, 96), Pair(193, 1)))
      << name;
}

TEST(PaperPolynomials, HaveTheTablesOfThePaper) {
  expect_one_frequent("x2_plus_xy_plus_y2", 0, true);
  expect_one_frequent("x2_plus_xy_plus_y2_plus_x", 32, false);
  expect_one_frequent("x3_plus_xy", 0, false);
}

TEST(PaperPolynomials, TheOneThatNeverGeneralisedHasAnUnevenTable) {
  const auto table = test::table_of(*test::operation("x3_plus_xy2_plus_y"));
  const auto counts = test::elements_by_occurrences(table);
  EXPECT_EQ(table.rows, 9409);
  EXPECT_EQ(counts.begin()->first, 77);
  EXPECT_EQ(counts.rbegin()->first, 113);
  EXPECT_FALSE(table.symmetric);
}

TEST(PaperPolynomials, SayTheirFormulas) {
  for (const auto& [name, formula] :
       std::array{std::pair{"x2_plus_xy_plus_y2", "x^2 + x*y + y^2 (mod p)"},
                  std::pair{"x2_plus_xy_plus_y2_plus_x", "x^2 + x*y + y^2 + x (mod p)"},
                  std::pair{"x3_plus_xy", "x^3 + x*y (mod p)"},
                  std::pair{"x3_plus_xy2_plus_y", "x^3 + x*y^2 + y (mod p)"}}) {
    EXPECT_EQ(test::operation(name)->formula(), formula);
  }
}

// (−1)³ and its like are known whatever the modulus, and need every digit of the products.
TEST(PaperPolynomials, DoNotOverflowAtTheLargestModulus) {
  const auto value = [](const char* name, std::int64_t x, std::int64_t y) {
    return test::operation(name, 10000)->apply(10000 + x, 10000 + y);
  };
  EXPECT_EQ(value("x2_plus_xy_plus_y2", -1, -2), 7);
  EXPECT_EQ(value("x2_plus_xy_plus_y2_plus_x", -1, -2), 6);
  EXPECT_EQ(value("x3_plus_xy", -2, -1), 10000 - 6);
  EXPECT_EQ(value("x3_plus_xy2_plus_y", -2, -3), 10000 - 29);
}

// The plugin `polynomial` gives the same tables.
TEST(PaperPolynomials, CanBeWrittenAsExpressions) {
  for (const auto& [name, expression] :
       std::array{std::pair{"x2_plus_y2", "x^2 + y^2"},
                  std::pair{"x2_plus_xy_plus_y2_plus_x", "x*(x + y + 1) + y*y"},
                  std::pair{"x3_plus_xy2_plus_y", "x^3+x*y^2+y"}, std::pair{"subtract", "x-y"}}) {
    const auto own = test::operation(name, 97);
    const auto written = test::operation(
        "polynomial", {{"modulus", std::int64_t{97}}, {"expression", std::string(expression)}});
    for (int x = 0; x < 97; ++x) {
      for (int y = 0; y < 97; ++y) ASSERT_EQ(own->apply(x, y), written->apply(x, y)) << name;
    }
  }
}

}  // namespace
}  // namespace groklab
