#include "train/batches.h"

#include <gmock/gmock.h>

#include <numeric>

namespace groklab {
namespace {

using testing::Each;

// Row i of the table is (i, 0, i), so a batch shows which rows it took.
struct Sampling {
  Table table;
  std::vector<std::int64_t> x, y, z;
  std::vector<double> weights;

  Sampling(std::int64_t rows, std::size_t width) : x(width), y(width), z(width), weights(width) {
    table.elements = rows;
    for (std::int64_t i = 0; i < rows; ++i) {
      table.x.push_back(i);
      table.y.push_back(0);
      table.z.push_back(i);
    }
  }

  BatchSampler sampler(std::int64_t batch_size, std::uint64_t seed = 0) const {
    std::vector<std::int64_t> all(table.x.size());
    std::iota(all.begin(), all.end(), 0);
    return BatchSampler(table, all, batch_size, seed);
  }

  // The valid rows of the update after `steps_done` others.
  std::vector<std::int64_t> rows(BatchSampler& sampler, std::int64_t steps_done) {
    sampler.fill(steps_done, {x, y, z, weights});
    const auto valid =
        std::count_if(weights.begin(), weights.end(), [](double w) { return w > 0; });
    return {x.begin(), x.begin() + valid};
  }
};

TEST(BatchSampler, AnEpochTakesEveryRowOnceAndKeepsTheShortLastBatch) {
  Sampling sampling(25, 10);
  auto sampler = sampling.sampler(10);
  ASSERT_EQ(sampler.steps_per_epoch(), 3);
  std::vector<std::int64_t> seen;
  std::vector<std::size_t> sizes;
  for (std::int64_t step = 0; step < 3; ++step) {
    const auto rows = sampling.rows(sampler, step);
    sizes.push_back(rows.size());
    seen.insert(seen.end(), rows.begin(), rows.end());
  }
  EXPECT_EQ(sizes, (std::vector<std::size_t>{10, 10, 5}));
  std::sort(seen.begin(), seen.end());
  EXPECT_EQ(seen, sampling.table.x);
}

TEST(BatchSampler, WeighsValidRowsEquallyAndFillersZero) {
  Sampling sampling(25, 12);
  auto sampler = sampling.sampler(10);
  sampling.rows(sampler, 2);
  EXPECT_THAT(std::vector(sampling.weights.begin(), sampling.weights.begin() + 5), Each(0.2));
  EXPECT_THAT(std::vector(sampling.weights.begin() + 5, sampling.weights.end()), Each(0.0));
}

TEST(BatchSampler, ABatchDependsOnSeedAndStepAndNotOnThePast) {
  Sampling sampling(25, 10);
  auto walked = sampling.sampler(10), fresh = sampling.sampler(10), other = sampling.sampler(10, 1);
  for (std::int64_t step = 0; step < 7; ++step) sampling.rows(walked, step);
  EXPECT_EQ(sampling.rows(walked, 7), sampling.rows(fresh, 7));
  EXPECT_NE(sampling.rows(fresh, 7), sampling.rows(other, 7));
}

TEST(BatchSampler, EveryEpochHasAnOrderOfItsOwn) {
  Sampling sampling(25, 25);
  auto sampler = sampling.sampler(25);
  EXPECT_NE(sampling.rows(sampler, 0), sampling.rows(sampler, 1));
}

TEST(RowsOfSteps, AreThoseOfTheBatchesTogether) {
  for (const std::int64_t batch_size : {1, 7, 10, 12, 25}) {
    Sampling sampling(25, 25);
    const auto sampler = sampling.sampler(batch_size);
    std::int64_t sum = 0;
    for (std::int64_t steps = 0; steps < 60; ++steps) {
      EXPECT_EQ(rows_of_steps(25, batch_size, steps), sum) << batch_size << ", " << steps;
      sum += sampler.valid_rows(steps);
    }
  }
}

}  // namespace
}  // namespace groklab
