#pragma once

#include <groklab/parameters.h>
#include <groklab/plugin.h>
#include <groklab/step.h>

namespace groklab {

// Anything besides the data loss that acts on training. Every hook is optional; the hooks of a list
// of regularisers run in its order. All but before_forward and penalty run under no-grad.
class Regularizer : public Plugin {
 public:
  static constexpr const char* kKind = "regularizer";

  ~Regularizer() override;

  // Once, before the first step and after a resume: the weights at initialisation.
  virtual void begin(const Weights& initial);

  // The weights that the forward pass uses instead of `flat` [R, P]; gradients flow through it.
  virtual Tensor before_forward(const Tensor& flat, const Step& step);

  // Added to the data loss: [R], differentiable in the weights; an undefined tensor adds nothing.
  virtual Tensor penalty(const Weights& weights, const Step& step);

  // After the backward pass of the data loss, before gradients of penalties are added: they may be
  // changed in place. `accuracy` [R] is the share of the batch's rows that the forward pass
  // answered rightly, if the regulariser reads_accuracy(), and undefined otherwise.
  virtual void on_loss_gradients(const Weights& gradients, const Tensor& accuracy,
                                 const Step& step);
  virtual bool reads_accuracy() const;  // by default false

  // With all gradients, before the optimiser: both may be changed in place.
  virtual void on_gradients(const Weights& weights, const Weights& gradients, const Step& step);

  // After the optimiser: the weights may be changed in place.
  virtual void after_step(const Weights& weights, const Step& step);

  // Checkpointed by the host: tensors [R, …] by name.
  NamedState& named_state() { return state_; }

 private:
  NamedState state_;
};

}  // namespace groklab
