#include "train/table.h"

#include "support/experiments.h"

#include <gmock/gmock.h>
#include <groklab/error.h>

#include <algorithm>
#include <functional>
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

Table table_of(const std::string& operation) {
  return make_table(*test::catalog().create<Operation>(
      operation, Params::from_defaults(ModularOperation::schema())));
}

class Sized final : public Operation {
 public:
  explicit Sized(std::int64_t size) : size_(size) {}
  std::int64_t size() const override { return size_; }
  Element apply(Element, Element) const override { return 0; }
  std::string formula() const override { return "0"; }

 private:
  std::int64_t size_;
};

TEST(Table, IsOfAsManyElementsAsTheSchemaOfResiduesTakes) {
  const auto most = ModularOperation::schema().find("modulus")->range.high;
  EXPECT_EQ(elements_of(Sized(static_cast<std::int64_t>(most))), Operation::kMaxSize);
  for (const std::int64_t size :
       {Operation::kMaxSize + 1, std::int64_t{1} << 40, std::int64_t{1}}) {
    const Sized operation(size);
    for (const auto& refused : {std::function<void()>([&] { elements_of(operation); }),
                                std::function<void()>([&] { make_table(operation); })}) {
      EXPECT_THAT(refused, testing::ThrowsMessage<Error>(
                               fmt::format("has {} elements; a table needs 2 to 8192", size)));
    }
  }
}

TEST(SplitPairs, KeepsBothOrdersOfAPairOnOneSide) {
  for (const auto* operation : {"add", "divide"}) {
    const auto table = table_of(operation);
    const auto split = split_pairs(table, 0.3, 7);
    EXPECT_EQ(split.train.size(), training_rows(table.rows(), 0.3)) << operation;
    EXPECT_EQ(split.train.size() + split.validation.size(), table.rows());
    std::set<std::pair<std::int64_t, std::int64_t>> trained;
    for (const auto row : split.train) {
      EXPECT_TRUE(trained.emplace(table.x[row], table.y[row]).second);
    }
    for (const auto row : split.validation) {
      EXPECT_FALSE(trained.contains({table.y[row], table.x[row]})) << operation << row;
      EXPECT_FALSE(trained.contains({table.x[row], table.y[row]})) << operation << row;
    }
  }
}

// 97 squares and 4,656 pairs: 29.1 squares of 97 are expected, with a standard deviation of 4.5.
TEST(SplitPairs, DrawsSquaresAsOftenAsPairs) {
  const auto table = table_of("add");
  double squares = 0;
  for (std::uint64_t seed = 0; seed < 20; ++seed) {
    for (const auto row : split_pairs(table, 0.3, seed).train) {
      squares += table.x[row] == table.y[row];
    }
  }
  EXPECT_NEAR(squares / 20, 29.1, 4);
}

TEST(SplitPairs, DependsOnTheSeedOnlyAndIsNotThatOfRows) {
  const auto table = table_of("add");
  EXPECT_EQ(split_pairs(table, 0.3, 1).train, split_pairs(table, 0.3, 1).train);
  EXPECT_NE(split_pairs(table, 0.3, 1).train, split_pairs(table, 0.3, 2).train);
}

// Without squares an odd number of rows cannot be reached.
TEST(SplitPairs, TakesOneRowLessWhereOnlyPairsAreLeft) {
  const Table table{2, {0, 1}, {1, 0}, {0, 1}, {0, 1}, {}};
  EXPECT_THROW(split_pairs(table, 0.5, 0), Error);
  const Table three{3, {0, 1, 0, 2, 1, 2}, {1, 0, 2, 0, 2, 1}, {0, 0, 0, 0, 0, 0}, {}, {}};
  EXPECT_EQ(split_pairs(three, 0.5, 0).train.size(), 2U);
}

// Of x + y mod 97, half of it trained on.
struct Labelled {
  explicit Labelled(std::int64_t count, std::uint64_t seed = 3) {
    table = table_of("add");
    split = split_rows(table.rows(), 0.5, seed);
    randomize_labels(table, split, count, seed);
  }

  std::set<std::int64_t> outlying_rows() const {
    std::set<std::int64_t> rows;
    for (std::int64_t row = 0; row < table.rows(); ++row) {
      if (table.z[row] != table.answers[row]) rows.insert(row);
    }
    return rows;
  }

  Table table;
  Split split;
};

TEST(Outliers, AreExactlyAsManyTrainingRowsWithAWrongLabel) {
  for (const std::int64_t count : {0, 1, 500, 4704}) {
    const Labelled labelled(count);
    const auto rows = labelled.outlying_rows();
    EXPECT_EQ(static_cast<std::int64_t>(rows.size()), count);
    EXPECT_EQ(outliers(labelled.table), count);
    for (const auto row : labelled.split.validation) EXPECT_FALSE(rows.contains(row));
    for (const auto label : labelled.table.z) ASSERT_TRUE(label >= 0 && label < 97);
    EXPECT_EQ(labelled.table.answers, Labelled(0).table.z);
  }
}

TEST(Outliers, DependOnTheSeedAndMoreKeepThoseThatWereThere) {
  const Labelled few(100), many(200), other(100, 4);
  EXPECT_EQ(few.table.z, Labelled(100).table.z);
  EXPECT_NE(few.outlying_rows(), other.outlying_rows());
  for (const auto row : few.outlying_rows()) EXPECT_EQ(few.table.z[row], many.table.z[row]) << row;
}

// 4704 labels, each 1 … 96 beyond the answer: 49 times each on average, with a standard deviation
// of 7. χ² with 95 degrees of freedom is beyond 150 in 3 cases of 10,000.
TEST(Outliers, TakeEachOtherLabelAlike) {
  const Labelled labelled(4704);
  std::vector<double> occurrences(97);
  for (const auto row : labelled.outlying_rows()) {
    ++occurrences[(labelled.table.z[row] - labelled.table.answers[row] + 97) % 97];
  }
  double chi_squared = 0;
  for (int shift = 1; shift < 97; ++shift) {
    chi_squared += (occurrences[shift] - 49) * (occurrences[shift] - 49) / 49;
  }
  EXPECT_LT(chi_squared, 150);
}

// Where there are two elements, the other label is the only wrong one.
TEST(Outliers, WorkWithTwoElements) {
  Table table{2, {0, 0, 1, 1}, {0, 1, 0, 1}, {0, 1, 1, 0}, {0, 1, 1, 0}, {}};
  randomize_labels(table, {{0, 1, 3}, {2}}, 3, 0);
  EXPECT_EQ(table.z, (std::vector<std::int64_t>{1, 0, 1, 1}));
}

TEST(Outliers, AreRefusedBeyondTheTrainingRows) {
  EXPECT_NO_THROW(Labelled(4704));
  EXPECT_THROW(Labelled(4705), Error);
}

}  // namespace
}  // namespace groklab
