#pragma once

#include <groklab/parameters.h>
#include <groklab/plugin.h>
#include <groklab/step.h>

#include <cstdint>
#include <string>
#include <vector>

namespace groklab {

// What the network is to learn, as far as its shape goes.
struct Task {
  std::int64_t elements;  // K: operands and answers are tokens 0 … K − 1
};

// The pairs whose answers are asked for.
struct ModelInput {
  Tensor x;                    // int64 [R, B]: left operands
  Tensor y;                    // int64 [R, B]: right operands
  const Step* step = nullptr;  // the training step, for dropout; nullptr while evaluating
};

// The network. It holds no weights: they are handed to it, so that noise, averages and finite
// differences can stand in for them. A replica's logits depend on its own weights and rows only.
class Model : public Plugin {
 public:
  static constexpr const char* kKind = "model";

  ~Model() override;

  // Called once, before anything else: keeps the task and declares the parameters.
  virtual ParameterLayout build(const Task& task) = 0;

  // Logits [R, B, K] in the dtype of the weights, differentiable in them.
  virtual Tensor forward(const Weights& weights, const ModelInput& input) const = 0;

  // Ways to compute the same logits to rounding, the likely fastest first, each by operators of
  // LibTorch alone and without waiting for the device: what a step that is recorded once and
  // repeated (groklab/backend.h) is made of. Empty: forward is that already, and there is no other.
  virtual std::vector<std::string> recordable_computations() const;

  // From the next forward on, one of these.
  virtual void use_computation(const std::string& name);

  // The rows that stand for the elements at the input and at the output: [R, K, d]. For analyses.
  virtual Tensor embedding(const Weights& weights) const = 0;
  virtual Tensor output_rows(const Weights& weights) const = 0;

  // How a training step on the CPU computes the logits, in words for records; empty, the default:
  // there is one way only.
  virtual std::string computation() const;
};

}  // namespace groklab
