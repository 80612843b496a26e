#pragma once

#include <groklab/loss.h>
#include <groklab/model.h>
#include <groklab/parameters.h>
#include <groklab/plugin.h>

#include <string>
#include <utility>
#include <vector>

namespace groklab {

// What the last training step changed in the weights, cause by cause: their sum is the change, each
// [R, P] in the dtype of the weights. Undefined before the first step.
struct UpdateParts {
  Tensor before;          // the weights before the step
  Tensor from_optimizer;  // the optimiser's, but for its decay
  Tensor from_decay;      // Optimizer::shrinkage times the weights
  Tensor from_regularizers;
};

// Some replicas of a pack at an evaluation. Nothing in it may be changed.
struct Snapshot {
  const Weights& weights;
  const Model& model;
  const Loss& loss;    // the data loss
  Tensor gradients;    // [R, P], what the optimiser was given last; undefined before the first step
  UpdateParts update;  // only for a probe that reads_update()
  Tensor logits;       // [R, K², K] over all pairs; only for a probe that reads_logits()
  Tensor x, y;         // int64 [R, K²]: all pairs, x by x
  Tensor answers;      // int64 [R, K²]: the operation's; −1 where the pair has none
  Tensor targets;      // int64 [R, K²]: those trained on and scored, which differ from the answers
                       // where labels are random (data.outliers); 0 where the pair has none
  Tensor train_mask;   // bool [R, K²]: the pair is in the training set
  Tensor val_mask;     // bool [R, K²]: the pair is in the validation set

  // The data loss of other weights of the same layout over the training set: [R], in their dtype.
  // Made of operators alone, so that it has second derivatives.
  Tensor train_loss(const Weights& at) const;
};

// A measurement that does not act on training.
class Probe : public Plugin {
 public:
  static constexpr const char* kKind = "probe";

  // Name → one number for each replica [R]. An empty name stands for the probe's own; others are
  // recorded as "<probe>.<name>".
  using Measurements = std::vector<std::pair<std::string, Tensor>>;

  ~Probe() override;

  // Called under no-grad. On the CPU it is shown one replica at a time (R = 1), on other devices
  // the whole pack: a replica's numbers do not depend on its pack.
  virtual Measurements measure(const Snapshot& snapshot) = 0;

  // What a snapshot need not hold costs nothing.
  virtual bool reads_logits() const;  // by default true
  virtual bool reads_update() const;  // by default false
};

}  // namespace groklab
