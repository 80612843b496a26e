// The kinds that compute with tensors: destructors and default hooks, out of line so that each type
// has one home.
#include <groklab/loss.h>
#include <groklab/model.h>
#include <groklab/probe.h>
#include <groklab/regularizer.h>

namespace groklab {

Model::~Model() = default;
Loss::~Loss() = default;
Probe::~Probe() = default;
Regularizer::~Regularizer() = default;

void Regularizer::begin(const Weights&) {}
Tensor Regularizer::before_forward(const Tensor& flat, const Step&) { return flat; }
Tensor Regularizer::penalty(const Weights&, const Step&) { return {}; }
void Regularizer::on_gradients(const Weights&, const Weights&, const Step&) {}
void Regularizer::after_step(const Weights&, const Step&) {}

}  // namespace groklab
