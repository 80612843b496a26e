#include "plugins/operations/tables.h"

#include <gmock/gmock.h>

namespace groklab {
namespace {

using testing::Each;
using testing::Pair;
using testing::SizeIs;

TEST(Multiply, HasTheTableOfThePaper) {
  auto table = test::table_of(*test::operation("multiply"));
  EXPECT_EQ(table.rows, 9409);
  EXPECT_TRUE(table.symmetric);
  EXPECT_EQ(table.occurrences[0], 193);
  table.occurrences.erase(0);
  EXPECT_THAT(table.occurrences, SizeIs(96));
  EXPECT_THAT(table.occurrences, Each(Pair(testing::_, 96)));
}

TEST(Multiply, MultipliesResidues) {
  const auto multiply = test::operation("multiply");
  EXPECT_EQ(multiply->apply(0, 96), 0);
  EXPECT_EQ(multiply->apply(1, 96), 96);
  EXPECT_EQ(multiply->apply(96, 96), 1);  // (−1)²
  EXPECT_EQ(multiply->apply(10, 10), 3);
  EXPECT_EQ(multiply->formula(), "x * y (mod p)");
}

TEST(Multiply, NeedsNoPrime) {
  const auto multiply = test::operation("multiply", 6);
  EXPECT_EQ(multiply->size(), 6);
  EXPECT_EQ(multiply->apply(2, 3), 0);
  EXPECT_EQ(multiply->apply(5, 5), 1);
  EXPECT_EQ(test::table_of(*multiply).rows, 36);
}

}  // namespace
}  // namespace groklab
