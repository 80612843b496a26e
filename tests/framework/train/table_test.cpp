#include "train/table.h"

#include <gmock/gmock.h>
#include <groklab/error.h>

#include <algorithm>
#include <set>

namespace groklab {
namespace {

TEST(BatchSize, IsThePapersUnlessSaidOtherwise) {
  EXPECT_EQ(batch_size(Value(std::string("paper")), 4704), 512);
  EXPECT_EQ(batch_size(Value(std::string("paper")), 999), 500);  // half, rounded up
  EXPECT_EQ(batch_size(Value(std::string("full")), 4704), 4704);
  EXPECT_EQ(batch_size(Value(std::int64_t{64}), 4704), 64);
  EXPECT_EQ(batch_size(Value(std::int64_t{64}), 10), 10);
}

TEST(SplitRows, TakesEveryRowOnce) {
  const auto split = split_rows(9409, 0.5, 7);
  EXPECT_EQ(split.train.size(), 4704U);  // 4704.5, to even
  std::set<std::int64_t> rows(split.train.begin(), split.train.end());
  rows.insert(split.validation.begin(), split.validation.end());
  EXPECT_EQ(rows.size(), 9409U);
  EXPECT_EQ(*rows.rbegin(), 9408);
}

TEST(SplitRows, DependsOnTheSeedOnly) {
  EXPECT_EQ(split_rows(100, 0.3, 1).train, split_rows(100, 0.3, 1).train);
  EXPECT_NE(split_rows(100, 0.3, 1).train, split_rows(100, 0.3, 2).train);
}

TEST(SplitRows, MoreDataKeepsWhatWasThere) {
  const auto small = split_rows(100, 0.3, 1).train;
  const auto large = split_rows(100, 0.6, 1).train;
  EXPECT_TRUE(std::equal(small.begin(), small.end(), large.begin()));
}

TEST(SplitRows, RefusesAnEmptySide) {
  EXPECT_THROW(split_rows(10, 0.01, 0), Error);
  EXPECT_THROW(split_rows(10, 0.99, 0), Error);
}

}  // namespace
}  // namespace groklab
