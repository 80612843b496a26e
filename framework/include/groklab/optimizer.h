#pragma once

#include <groklab/parameters.h>
#include <groklab/plugin.h>
#include <groklab/step.h>

#include <string>
#include <string_view>

namespace groklab {

// What one update changes.
struct Parameter {
  std::string name;  // empty: the whole buffer
  Tensor value;      // [R, …], to be changed in place
  Tensor grad;       // [R, …]
  Role role = Role::hidden;
};

// The update rule.
class Optimizer : public Plugin {
 public:
  static constexpr const char* kKind = "optimizer";

  ~Optimizer() override;

  // One step: an update of the whole buffer [R, P] at once, or of each named parameter where the
  // rule is not elementwise. Called under no-grad.
  void step(const Weights& weights, const Weights& gradients, const Step& step);

  // The share of the weights by which a step's decoupled decay shrinks all of them, [R, 1], from
  // learning_rate [R, 1] in the dtype of the weights: η λ. Undefined: there is none. For probes.
  virtual Tensor shrinkage(const Tensor& learning_rate);

  // Checkpointed by the host: tensors [R, P] by name.
  NamedState& named_state() { return state_; }

 protected:
  // True if the rule treats every number alike; then `update` sees the flat buffer.
  virtual bool elementwise() const { return true; }

  // learning_rate: [R, 1, …] in the dtype of the weight.
  virtual void update(Parameter& weight, const Tensor& learning_rate) = 0;

  // A tensor of the weight's shape that lives from step to step, zero at first.
  Tensor& state(const Parameter& weight, std::string_view name);

  // The number of this update, from 1: float64 [1].
  const Tensor& step_number() const { return step_number_; }

 private:
  NamedState state_;
  std::map<std::string, Tensor, std::less<>> views_;  // of the state, by "<state>/<parameter>"
  const Weights* weights_ = nullptr;                  // during step()
  Tensor step_number_;
};

}  // namespace groklab
