// The kinds that compute with tensors: destructors and default hooks, out of line so that each type
// has one home.
#include <groklab/backend.h>
#include <groklab/loss.h>
#include <groklab/model.h>
#include <groklab/probe.h>
#include <groklab/regularizer.h>

#include <stdexcept>

namespace groklab {

Recording::~Recording() = default;
Backend::~Backend() = default;
Model::~Model() = default;
Loss::~Loss() = default;
Probe::~Probe() = default;
Regularizer::~Regularizer() = default;

std::vector<std::string> Model::recordable_computations() const { return {}; }
void Model::use_computation(const std::string& name) {
  throw std::logic_error("the model has no computation '" + name + "'");
}
std::string Model::computation() const { return ""; }

bool Probe::reads_logits() const { return true; }
bool Probe::reads_update() const { return false; }

Tensor Snapshot::train_loss(const Weights& at) const {
  const OperatorsOnly with_second_derivatives;
  const auto made = model.forward(at, {x, y, nullptr});
  const auto mask = train_mask.to(made.dtype());
  return loss.forward(made, targets, mask / mask.sum(1, /*keepdim=*/true));
}

void Regularizer::begin(const Weights&) {}
Tensor Regularizer::before_forward(const Tensor& flat, const Step&) { return flat; }
Tensor Regularizer::penalty(const Weights&, const Step&) { return {}; }
bool Regularizer::reads_accuracy() const { return false; }
void Regularizer::on_loss_gradients(const Weights&, const Tensor&, const Step&) {}
void Regularizer::on_gradients(const Weights&, const Weights&, const Step&) {}
void Regularizer::after_step(const Weights&, const Step&) {}

}  // namespace groklab
