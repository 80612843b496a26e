#pragma once

#include "store/metrics.h"
#include "store/safetensors.h"
#include "train/batches.h"
#include "train/components.h"
#include "train/evaluation.h"
#include "train/objective.h"

#include <cstdint>
#include <string>
#include <vector>

namespace groklab {

// What one update did; the tensors of a step for whoever wants to look at them.
struct StepRecord {
  Batch batch;
  Tensor logits;     // [R, B, K]
  Tensor loss;       // [R], with penalties
  Tensor gradients;  // [R, P], before regularisers changed them
};

// Trains the R replicas of a pack together. It computes and holds state; files, signals and
// progress are its caller's. On the CPU every replica is computed by itself, with the rows that it
// has, and all sums are taken in a fixed order: its numbers are the same bits alone or in any pack,
// with any number of threads.
class Trainer {
 public:
  Trainer(const Catalog& catalog, std::vector<Experiment> replicas, torch::Device device);

  void step();               // one update of every replica
  StepRecord record_step();  // the same, and what it did

  // The replicas' losses in the last step's batch: [R], with penalties.
  const Tensor& batch_loss() const { return loss_; }

  // One row of metrics a replica, probes included.
  std::vector<MetricsRow> evaluate();

  // Everything that one replica's resume needs: parameters, the state of optimiser and
  // regularisers, the step; as tensors [1, …].
  TensorFile save(std::int64_t replica) const;

  // One file a replica, all of the same step. Throws Error if one does not fit.
  void restore(const std::vector<TensorFile>& files);

  std::int64_t steps_done() const { return steps_done_; }
  std::int64_t replicas() const { return static_cast<std::int64_t>(replicas_.size()); }
  const Components& components() const { return components_; }
  const std::vector<Split>& splits() const { return splits_; }
  const BatchSampler& sampler(std::size_t replica) const { return samplers_.at(replica); }
  Weights weights() const { return {components_.layout, flat_}; }

 private:
  struct OwnedState {
    std::string prefix;  // of its tensors' names in a checkpoint
    std::string owner;   // for errors: "optimizer adamw"
    NamedState* state;
  };

  void make_samplers();
  Tensor initial_weights() const;
  Batch next_batch();
  std::vector<Slice> slices() const;
  Step step_context() const;
  Gradients update(const Batch& batch);
  void descend(const Step& context, const Tensor& gradients);
  void measure(std::vector<MetricsRow>& rows, const Snapshot& snapshot);
  std::vector<OwnedState> states() const;

  std::vector<Experiment> replicas_;
  torch::Device device_;
  torch::Dtype dtype_;
  Components components_;
  std::vector<Split> splits_;
  std::vector<BatchSampler> samplers_;
  std::int64_t batch_width_ = 0;
  EvaluationData evaluation_;
  Tensor flat_;       // [R, P]
  Tensor gradients_;  // [R, P] of the last step; undefined before the first
  Tensor loss_;       // [R]
  std::int64_t steps_done_ = 0;
};

// The share of the peak learning rate at update `number` (from 1) of a schedule.
double schedule_factor(const Section& schedule, std::int64_t number);

// The device a spec asks for. Throws Error if it is not there.
torch::Device choose_device(const Experiment& experiment);

}  // namespace groklab
