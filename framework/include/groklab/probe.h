#pragma once

#include <groklab/parameters.h>
#include <groklab/plugin.h>

#include <string>
#include <utility>
#include <vector>

namespace groklab {

// A pack at an evaluation. Nothing in it may be changed.
struct Snapshot {
  const Weights& weights;
  Tensor gradients;   // [R, P] of the last training step; undefined at step 0
  Tensor logits;      // [R, K², K] over all pairs, x by x
  Tensor targets;     // int64 [R, K²]; 0 where the pair has no answer
  Tensor train_mask;  // bool [R, K²]: the pair is in the training set
  Tensor val_mask;    // bool [R, K²]: the pair is in the validation set
};

// A measurement that does not act on training.
class Probe : public Plugin {
 public:
  static constexpr const char* kKind = "probe";

  // Name → one number for each replica [R]. An empty name stands for the probe's own; others are
  // recorded as "<probe>.<name>".
  using Measurements = std::vector<std::pair<std::string, Tensor>>;

  ~Probe() override;

  virtual Measurements measure(const Snapshot& snapshot) = 0;  // called under no-grad
};

}  // namespace groklab
