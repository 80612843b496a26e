#pragma once

#include "store/metrics.h"
#include "train/components.h"

#include <groklab/probe.h>

#include <cstdint>
#include <vector>

namespace groklab {

// All K² pairs of each replica's operation, with their labels and which side of the split each is
// on. Pairs without an answer are on neither.
struct EvaluationData {
  Tensor x, y, z;               // int64 [R, K²]; z, the label, is 0 where there is no answer
  Tensor answers;               // int64 [R, K²]: the operation's; −1 where there is none
  Tensor train_mask, val_mask;  // bool [R, K²]

  EvaluationData narrow(std::int64_t first, std::int64_t count) const;  // of these replicas
};

EvaluationData make_evaluation_data(const std::vector<Table>& tables,
                                    const std::vector<Split>& splits, torch::Device device);

// Logits [R, K², K] of all pairs, some thousand rows at a time to bound memory. Under no-grad.
Tensor evaluate_logits(const Model& model, const Weights& weights, const EvaluationData& data);

// train_loss, train_accuracy, val_loss, val_accuracy of each replica, as float64 [R, 4]. The loss
// is the mean cross-entropy in nats, whatever the training loss is, its softmax taken in float64.
Tensor split_metrics(const Tensor& logits, const EvaluationData& data);

}  // namespace groklab
