#include "plugins/operations/tables.h"

#include <gmock/gmock.h>

namespace groklab {
namespace {

using testing::Each;
using testing::Pair;
using testing::SizeIs;

TEST(X2PlusY2, HasTheTableOfThePaper) {
  auto table = test::table_of(*test::operation("x2_plus_y2"));
  EXPECT_EQ(table.rows, 9409);
  EXPECT_TRUE(table.symmetric);
  EXPECT_EQ(table.occurrences[0], 193);
  table.occurrences.erase(0);
  EXPECT_THAT(table.occurrences, SizeIs(96));
  EXPECT_THAT(table.occurrences, Each(Pair(testing::_, 96)));
}

TEST(X2PlusY2, AddsSquares) {
  const auto operation = test::operation("x2_plus_y2");
  EXPECT_EQ(operation->apply(0, 0), 0);
  EXPECT_EQ(operation->apply(3, 4), 25);
  EXPECT_EQ(operation->apply(9, 4), 0);  // 81 + 16 = 97
  EXPECT_EQ(operation->apply(96, 0), 1);
  EXPECT_EQ(operation->formula(), "x^2 + y^2 (mod p)");
}

// Where −1 is no square, as modulo 7 and 103, only 0 and 0 give 0 (97 and 113 are of the other
// kind).
TEST(X2PlusY2, HasOneZeroWhereMinusOneIsNoSquare) {
  for (const std::int64_t modulus : {7, 103}) {
    const auto table = test::table_of(*test::operation("x2_plus_y2", modulus));
    EXPECT_EQ(table.occurrences.at(0), 1);
  }
  EXPECT_EQ(test::table_of(*test::operation("x2_plus_y2", 113)).occurrences.at(0), 2 * 113 - 1);
}

TEST(X2PlusY2, WorksAtTheLargestModulus) {
  EXPECT_EQ(test::operation("x2_plus_y2", 10000)->apply(9999, 9998), 5);  // (−1)² + (−2)²
}

}  // namespace
}  // namespace groklab
