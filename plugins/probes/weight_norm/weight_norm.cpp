// The Euclidean norm of all weights, and of each parameter tensor.
#include <groklab/probe.h>

namespace {

class WeightNorm final : public groklab::Probe {
 public:
  bool reads_logits() const override { return false; }

  Measurements measure(const groklab::Snapshot& snapshot) override {
    Measurements norms{{"", snapshot.weights.flat().norm(2, {1})}};
    const auto& entries = snapshot.weights.layout().entries();
    for (std::size_t i = 0; i < entries.size(); ++i) {
      norms.emplace_back(entries[i].name, snapshot.weights.at(i).flatten(1).norm(2, {1}));
    }
    return norms;
  }
};

}  // namespace

GROKLAB_PLUGIN(groklab::Probe, WeightNorm, "weight_norm", "Euclidean norm of the weights")
