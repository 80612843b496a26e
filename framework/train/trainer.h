#pragma once

#include "store/metrics.h"
#include "store/safetensors.h"
#include "train/components.h"
#include "train/evaluation.h"
#include "train/inputs.h"
#include "train/program.h"

#include <groklab/backend.h>

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace groklab {

// Trains the R replicas of a pack together. It computes and holds state; files, signals and
// progress are its caller's. Without a backend it trains on the CPU: every replica is computed by
// itself, with the rows that it has, and all sums are taken in a fixed order, so that its numbers
// are the same bits alone or in any pack, with any number of threads. On a backend all replicas are
// computed at once (train/program.h), and a replica's numbers are the same to rounding.
class Trainer {
 public:
  Trainer(const Catalog& catalog, std::vector<Experiment> replicas,
          std::shared_ptr<Backend> backend = nullptr);
  Trainer(const Trainer&) = delete;
  Trainer& operator=(const Trainer&) = delete;

  // On a backend, makes the step's program; otherwise nothing. The first step does it if need be.
  void prepare();

  // One update of every replica. What observation() and probes tell is of the last observed one.
  void step(bool observed = true);
  StepRecord record_step();  // observed, and all of its tensors
  void step_by_operators();  // not by a recording, if there is one, so that it can be watched

  void wait();  // until all steps are done

  // What the last observed step was like. Waits for the device.
  const Observation& observation();

  // One row of metrics a replica, probes included.
  std::vector<MetricsRow> evaluate();

  // Everything that one replica's resume needs: parameters, the state of optimiser and
  // regularisers, the step; as tensors [1, …]. And what analyses need (store/analysis.h), with
  // which a resume compares table and split.
  TensorFile save(std::int64_t replica) const;

  // One file a replica, all of the same step. Throws Error if one does not fit.
  void restore(const std::vector<TensorFile>& files);

  std::int64_t steps_done() const { return steps_done_; }
  std::int64_t replicas() const { return static_cast<std::int64_t>(replicas_.size()); }
  const Components& components() const { return components_; }
  const std::vector<Split>& splits() const { return components_.splits; }
  const BatchSampler& sampler(std::size_t replica) const { return inputs_->sampler(replica); }
  Weights weights() const { return {components_.layout, flat_}; }
  const Backend* backend() const { return backend_.get(); }
  std::string execution() const;  // how steps run, in words

 private:
  std::vector<Slice> slices() const;
  StepRecord update(bool observed, bool recorded);
  void score(std::int64_t first, std::int64_t count, std::vector<MetricsRow>& rows,
             const Tensor& kept);
  void add_batch_metrics(std::vector<MetricsRow>& rows);
  void measure(std::int64_t first, std::int64_t count, std::vector<MetricsRow>& rows,
               const Tensor& logits);

  std::vector<Experiment> replicas_;
  std::shared_ptr<Backend> backend_;  // nullptr: the CPU
  torch::Device device_;
  torch::Dtype dtype_;
  Components components_;
  std::optional<InputSource> inputs_;
  EvaluationData evaluation_;
  Tensor flat_;  // [R, P]
  std::int64_t steps_done_ = 0;
  std::optional<Program> program_;  // on a backend
  std::string computation_;         // of the model on a backend, if a checkpoint says
  Observation observation_;         // of the last observed step; undefined before the first
};

}  // namespace groklab
