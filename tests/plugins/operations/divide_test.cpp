#include "plugins/operations/tables.h"

#include <gmock/gmock.h>

namespace groklab {
namespace {

using testing::AllOf;
using testing::Each;
using testing::Pair;
using testing::SizeIs;
using testing::ThrowsMessage;

TEST(Divide, HasTheTableOfThePaper) {
  const auto table = test::table_of(*test::operation("divide"));
  EXPECT_EQ(table.rows, 9312);
  EXPECT_THAT(table.occurrences, AllOf(SizeIs(97), Each(Pair(testing::_, 96))));
  EXPECT_FALSE(table.symmetric);
}

TEST(Divide, IsDefinedWhereTheDivisorIsNotZero) {
  const auto divide = test::operation("divide");
  for (std::int64_t x = 0; x < 97; ++x) {
    EXPECT_EQ(divide->apply(x, 0), Operation::kUndefined);
    for (std::int64_t y = 1; y < 97; ++y) ASSERT_NE(divide->apply(x, y), Operation::kUndefined);
  }
}

TEST(Divide, UndoesMultiplication) {
  for (const std::int64_t p : {2, 3, 97, 113}) {
    const auto divide = test::operation("divide", p);
    for (std::int64_t x = 0; x < p; ++x) {
      for (std::int64_t y = 1; y < p; ++y) {
        ASSERT_EQ(divide->apply(x, y) * y % p, x) << x << " / " << y << " mod " << p;
      }
    }
  }
}

TEST(Divide, IsNotTheDivisionOfIntegers) {
  const auto divide = test::operation("divide");
  EXPECT_EQ(divide->apply(1, 2), 49);  // 2 · 49 = 98
  EXPECT_EQ(divide->apply(7, 2), 52);  // 2 · 52 = 104, where integers give 3
  EXPECT_EQ(divide->apply(6, 2), 3);
  EXPECT_EQ(divide->formula(), "x / y (mod p), y != 0");
}

TEST(Divide, RefusesAModulusThatIsNoPrime) {
  EXPECT_THAT([] { test::operation("divide", 96); },
              ThrowsMessage<Error>("operation divide: modulus 96 is not prime (it is divisible by "
                                   "2): division needs a prime, so that every y ≠ 0 has an "
                                   "inverse"));
}

}  // namespace
}  // namespace groklab
