#include "plugins/operations/tables.h"

#include <gmock/gmock.h>

namespace groklab {
namespace {

using testing::AllOf;
using testing::Each;
using testing::Pair;
using testing::SizeIs;

TEST(Subtract, HasTheTableOfThePaper) {
  const auto table = test::table_of(*test::operation("subtract"));
  EXPECT_EQ(table.rows, 9409);
  EXPECT_THAT(table.occurrences, AllOf(SizeIs(97), Each(Pair(testing::_, 97))));
  EXPECT_FALSE(table.symmetric);
}

TEST(Subtract, IsNeverNegative) {
  const auto subtract = test::operation("subtract");
  EXPECT_EQ(subtract->apply(0, 1), 96);
  EXPECT_EQ(subtract->apply(0, 96), 1);
  EXPECT_EQ(subtract->apply(5, 5), 0);
  EXPECT_EQ(subtract->apply(96, 0), 96);
  EXPECT_EQ(subtract->formula(), "x - y (mod p)");
}

TEST(Subtract, UndoesAddition) {
  for (const std::int64_t modulus : {2, 10, 97, 113}) {
    const auto add = test::operation("add", modulus);
    const auto subtract = test::operation("subtract", modulus);
    for (std::int64_t x = 0; x < modulus; ++x) {
      for (std::int64_t y = 0; y < modulus; ++y) {
        ASSERT_EQ(add->apply(subtract->apply(x, y), y), x) << x << " - " << y << " mod " << modulus;
      }
    }
  }
}

}  // namespace
}  // namespace groklab
