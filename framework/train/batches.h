#pragma once

#include "train/table.h"

#include <cstdint>
#include <span>
#include <vector>

namespace groklab {

// The batches of one replica: every epoch is a new permutation of the training rows, cut into
// batches; the last of an epoch is short and kept. A batch is a pure function of (seed, step).
class BatchSampler {
 public:
  BatchSampler(const Table& table, std::vector<std::int64_t> train_rows, std::int64_t batch_size,
               std::uint64_t seed);

  struct Batch {  // of one fixed width, at least the batch size
    std::span<std::int64_t> x, y, z;
    std::span<double> row_weights;  // 1 / (valid rows), or 0 for a row that only fills up
  };

  // The batch of the update after `steps_done` others. Rows that fill up repeat the first one.
  void fill(std::int64_t steps_done, const Batch& batch);

  // Of the rows of that batch those that count.
  std::int64_t valid_rows(std::int64_t steps_done) const;

  std::int64_t batch_size() const { return batch_size_; }
  std::int64_t steps_per_epoch() const;

 private:
  const Table& table_;
  std::vector<std::int64_t> train_rows_;
  std::int64_t batch_size_;
  RandomStream stream_;
  std::int64_t epoch_ = -1;  // whose order is at hand
  std::vector<std::int64_t> order_;
};

// The rows that count in the first `steps` updates of a run, together.
std::int64_t rows_of_steps(std::int64_t train_rows, std::int64_t batch_size, std::int64_t steps);

}  // namespace groklab
