#include "plugins/operations/tables.h"

#include <gmock/gmock.h>

namespace groklab {
namespace {

using testing::AllOf;
using testing::Each;
using testing::Pair;
using testing::SizeIs;
using testing::ThrowsMessage;

TEST(DivideOrSubtract, HasTheTableOfThePaper) {
  const auto table = test::table_of(*test::operation("divide_or_subtract"));
  EXPECT_EQ(table.rows, 9409);
  EXPECT_THAT(table.occurrences, AllOf(SizeIs(97), Each(Pair(testing::_, 97))));
  EXPECT_FALSE(table.symmetric);
}

TEST(DivideOrSubtract, UndoesMultiplicationWhereYIsOddAndAdditionWhereItIsEven) {
  for (const std::int64_t p : {2, 3, 97, 113}) {
    const auto operation = test::operation("divide_or_subtract", p);
    for (std::int64_t x = 0; x < p; ++x) {
      for (std::int64_t y = 0; y < p; ++y) {
        const auto r = operation->apply(x, y);
        ASSERT_EQ(y % 2 == 1 ? r * y % p : (r + y) % p, x) << x << " " << y << " mod " << p;
      }
    }
  }
}

TEST(DivideOrSubtract, KeepsYEqualToZero) {
  const auto operation = test::operation("divide_or_subtract");
  for (std::int64_t x = 0; x < 97; ++x) EXPECT_EQ(operation->apply(x, 0), x);
}

TEST(DivideOrSubtract, RefusesAModulusThatIsNoPrime) {
  EXPECT_THAT([] { test::operation("divide_or_subtract", 9); },
              ThrowsMessage<Error>("operation divide_or_subtract: modulus 9 is not prime (it is "
                                   "divisible by 3): division needs a prime, so that every odd y "
                                   "has an inverse"));
}

}  // namespace
}  // namespace groklab
