#include "train/batches.h"

#include <algorithm>

namespace groklab {

BatchSampler::BatchSampler(const Table& table, std::vector<std::int64_t> train_rows,
                           std::int64_t batch_size, std::uint64_t seed)
    : table_(table),
      train_rows_(std::move(train_rows)),
      batch_size_(batch_size),
      stream_(seed, Purpose::batches) {}

std::int64_t BatchSampler::steps_per_epoch() const {
  const auto rows = static_cast<std::int64_t>(train_rows_.size());
  return (rows + batch_size_ - 1) / batch_size_;
}

std::int64_t BatchSampler::valid_rows(std::int64_t steps_done) const {
  const auto start = steps_done % steps_per_epoch() * batch_size_;
  return std::min(batch_size_, static_cast<std::int64_t>(train_rows_.size()) - start);
}

void BatchSampler::fill(std::int64_t steps_done, const Batch& batch) {
  const auto rows = static_cast<std::int64_t>(train_rows_.size());
  const auto epoch = steps_done / steps_per_epoch();
  if (epoch != epoch_) {
    order_ = permutation(rows, stream_, epoch);
    epoch_ = epoch;
  }
  const auto start = steps_done % steps_per_epoch() * batch_size_;
  const auto valid = valid_rows(steps_done);
  for (std::int64_t i = 0; i < static_cast<std::int64_t>(batch.x.size()); ++i) {
    const auto row = train_rows_[order_[start + (i < valid ? i : 0)]];
    batch.x[i] = table_.x[row];
    batch.y[i] = table_.y[row];
    batch.z[i] = table_.z[row];
    batch.row_weights[i] = i < valid ? 1 / static_cast<double>(valid) : 0;
  }
}

std::int64_t rows_of_steps(std::int64_t train_rows, std::int64_t batch_size, std::int64_t steps) {
  const auto steps_per_epoch = (train_rows + batch_size - 1) / batch_size;
  const auto rest = std::min(train_rows, steps % steps_per_epoch * batch_size);
  return steps / steps_per_epoch * train_rows + rest;
}

}  // namespace groklab
