#pragma once

#include "host/catalog.h"
#include "spec/experiment.h"
#include "store/safetensors.h"
#include "train/components.h"

#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <vector>

namespace groklab {

// An element as the answer to a pair.
struct AnswerCandidate {
  std::int64_t element;
  std::int64_t rank;  // 1: the network's answer
  double logit, probability;
};

enum class PairRole { trained, validation, undefined };

// What a network says of x ∘ y.
struct Prediction {
  std::int64_t x = 0, y = 0;
  PairRole role = PairRole::undefined;
  std::optional<std::int64_t> answer, label;  // they differ where it is random; none: undefined
  double loss = std::numeric_limits<double>::quiet_NaN();  // of the label, in nats, as in metrics
  std::vector<AnswerCandidate> ranking;                    // all, by rank; equal logits by number

  const AnswerCandidate& of(std::int64_t element) const;
};

// A network with the weights of a checkpoint, on the CPU, and the data that it was trained on.
class RestoredNetwork {
 public:
  // Throws Error if the checkpoint does not fit the experiment, or as train/components.h does.
  RestoredNetwork(const Catalog& catalog, const Experiment& experiment,
                  const TensorFile& checkpoint);

  std::int64_t elements() const { return static_cast<std::int64_t>(names_.size()); }
  const std::vector<std::string>& names() const { return names_; }  // of the elements
  const std::string& formula() const { return formula_; }

  // The element of this name, or else of this number. Throws Error with the nearest names.
  std::int64_t element(const std::string& word) const;

  Prediction predict(std::int64_t x, std::int64_t y) const;

 private:
  void require_data_of(const TensorFile& checkpoint) const;
  void look_up(Prediction& prediction) const;
  std::vector<double> logits(std::int64_t x, std::int64_t y) const;

  Components components_;
  Tensor flat_;  // [1, P]
  std::vector<std::string> names_;
  std::string formula_;
};

}  // namespace groklab
