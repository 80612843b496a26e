#pragma once

#include "spec/experiment.h"
#include "train/batches.h"
#include "train/objective.h"
#include "train/table.h"

#include <groklab/step.h>

#include <array>
#include <cstdint>
#include <vector>

namespace groklab {

// What the host gives an update; or several updates, then each tensor has one more dimension in
// front. Few tensors, because each is a kernel more in a step on a device.
struct StepInputs {
  Tensor rows;         // int64 [3, R, B]: x, y, z
  Tensor row_weights;  // [R, B]
  Tensor numbers;      // float64 [1 + R]: the update's number, the replicas' learning rates

  // Of one update. Views.
  Batch batch() const { return {rows[0], rows[1], rows[2], row_weights}; }
  Tensor number() const { return numbers.narrow(0, 0, 1); }
  Tensor learning_rate() const { return numbers.narrow(0, 1, numbers.size(0) - 1); }

  std::array<Tensor, 3> tensors() const { return {rows, row_weights, numbers}; }

  // Each tensor as change(tensor).
  template <class Change>
  StepInputs transformed(Change change) const {
    return {change(rows), change(row_weights), change(numbers)};
  }
};

// Draws the inputs of a pack's updates on the host. Those of an update are a pure function of the
// replicas' specs and the number of updates before it.
class InputSource {
 public:
  InputSource(const std::vector<Experiment>& replicas, const std::vector<Table>& tables,
              const std::vector<Split>& splits, torch::Dtype dtype);

  // Memory for the inputs of `updates` updates; pinned memory is what a GPU copies from by itself.
  StepInputs allocate(std::int64_t updates, bool pinned = false) const;

  // Those of the update after `steps_done` others, into tensors without the dimension of updates.
  void draw(std::int64_t steps_done, const StepInputs& into);

  Step context(const StepInputs& inputs, std::int64_t steps_done) const;

  const BatchSampler& sampler(std::size_t replica) const { return samplers_.at(replica); }
  std::int64_t replicas() const { return static_cast<std::int64_t>(samplers_.size()); }
  std::int64_t rows() const { return rows_; }  // B: the largest batch of a replica

 private:
  const std::vector<Experiment>& replicas_;
  std::vector<BatchSampler> samplers_;
  torch::Dtype dtype_;
  std::int64_t rows_ = 0;
};

// The share of the peak learning rate at update `number` (from 1) of an experiment.
double schedule_factor(const Experiment& experiment, std::int64_t number);

}  // namespace groklab
