#include "plugins/operations/tables.h"

#include <gmock/gmock.h>

namespace groklab {
namespace {

using testing::AllOf;
using testing::Each;
using testing::Pair;
using testing::SizeIs;

TEST(Add, HasTheTableOfThePaper) {
  const auto table = test::table_of(*test::operation("add"));
  EXPECT_EQ(table.rows, 9409);
  EXPECT_THAT(table.occurrences, AllOf(SizeIs(97), Each(Pair(testing::_, 97))));
  EXPECT_TRUE(table.symmetric);
}

TEST(Add, AddsResidues) {
  const auto add = test::operation("add");
  EXPECT_EQ(add->apply(0, 0), 0);
  EXPECT_EQ(add->apply(50, 46), 96);
  EXPECT_EQ(add->apply(50, 47), 0);
  EXPECT_EQ(add->apply(96, 96), 95);
  EXPECT_EQ(add->formula(), "x + y (mod p)");
}

TEST(Add, NeedsNoPrime) {
  for (const std::int64_t modulus : {2, 6, 96, 113}) {
    const auto table = test::table_of(*test::operation("add", modulus));
    EXPECT_EQ(table.rows, modulus * modulus);
    EXPECT_THAT(table.occurrences, AllOf(SizeIs(modulus), Each(Pair(testing::_, modulus))));
  }
}

// x + y mod 96 and x · y on the nonzero residues mod 97 are one table up to renaming: 5 generates
// those residues, so 5^(x + y) = 5^x · 5^y.
TEST(Add, Modulo96IsMultiplicationModulo97Renamed) {
  const auto add = test::operation("add", 96);
  const auto multiply = test::operation("multiply", 97);
  std::map<std::int64_t, std::int64_t> power{{0, 1}};
  for (int x = 1; x < 96; ++x) power[x] = power[x - 1] * 5 % 97;
  for (int x = 0; x < 96; ++x) {
    for (int y = 0; y < 96; ++y) {
      ASSERT_EQ(power[add->apply(x, y)], multiply->apply(power[x], power[y])) << x << " " << y;
    }
  }
}

}  // namespace
}  // namespace groklab
