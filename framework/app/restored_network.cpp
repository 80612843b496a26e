#include "app/restored_network.h"

#include "base/text.h"
#include "spec/scalars.h"
#include "train/checkpoint_match.h"
#include "train/shape_check.h"
#include "train/tensor_bytes.h"

#include <ATen/Parallel.h>

#include <algorithm>
#include <cmath>
#include <limits>

namespace groklab {
namespace {

// ln Σ exp, without overflow.
double log_sum_exp(const std::vector<double>& logits) {
  const auto largest = *std::max_element(logits.begin(), logits.end());
  double sum = 0;
  for (const auto logit : logits) sum += std::exp(logit - largest);
  return largest + std::log(sum);
}

// By falling logits; what is not a number comes last.
std::vector<AnswerCandidate> ranked(const std::vector<double>& logits) {
  const auto total = log_sum_exp(logits);
  std::vector<AnswerCandidate> ranking;
  for (std::size_t element = 0; element < logits.size(); ++element) {
    const auto logit = logits[element];
    ranking.push_back({static_cast<std::int64_t>(element), 0, logit, std::exp(logit - total)});
  }
  const auto height = [](const AnswerCandidate& candidate) {
    return std::isnan(candidate.logit) ? -std::numeric_limits<double>::infinity() : candidate.logit;
  };
  std::stable_sort(ranking.begin(), ranking.end(),
                   [&](const auto& a, const auto& b) { return height(a) > height(b); });
  for (std::size_t i = 0; i < ranking.size(); ++i) {
    ranking[i].rank = static_cast<std::int64_t>(i) + 1;
  }
  return ranking;
}

bool contains(const std::vector<std::int64_t>& rows, std::int64_t row) {
  return std::find(rows.begin(), rows.end(), row) != rows.end();
}

}  // namespace

const AnswerCandidate& Prediction::of(std::int64_t element) const {
  return *std::find_if(ranking.begin(), ranking.end(), [&](const AnswerCandidate& candidate) {
    return candidate.element == element;
  });
}

RestoredNetwork::RestoredNetwork(const Catalog& catalog, const Experiment& experiment,
                                 const TensorFile& checkpoint)
    : components_(assemble(catalog, {experiment})) {
  at::set_num_threads(1);  // as in training, whose numbers these are
  const auto dtype =
      experiment.general.text("precision") == "float64" ? torch::kFloat64 : torch::kFloat32;
  flat_ = torch::zeros({1, components_.layout->buffer_size()}, dtype);
  try {
    copy_weights(checkpoint, "parameters.", {components_.layout, flat_});
  } catch (const Error& error) {
    throw Error(fmt::format("the checkpoint does not fit model {} of the run's spec.yaml: {}",
                            components_.model.name, error.what()));
  }
  require_data_of(checkpoint);
  const auto& section = experiment.operation;
  const Used<Operation> operation{section.plugin,
                                  catalog.create<Operation>(section.plugin, section.params())};
  formula_ = operation.call([](Operation& o) { return o.formula(); });
  for (std::int64_t element = 0; element < components_.tables.front().elements; ++element) {
    names_.push_back(operation.call([&](Operation& o) { return o.element_name(element); }));
  }
}

// The answers and the split that are shown are those of the plugins as they are now.
void RestoredNetwork::require_data_of(const TensorFile& checkpoint) const {
  try {
    require_match(checkpoint, components_, 0);
  } catch (const Error& error) {
    throw Error(
        fmt::format("the checkpoint does not fit what the plugins give now: {}", error.what()));
  }
}

std::int64_t RestoredNetwork::element(const std::string& word) const {
  const auto named = std::find(names_.begin(), names_.end(), word);
  if (named != names_.end()) return named - names_.begin();
  const auto number = parse_integer(word);
  if (number && *number >= 0 && *number < elements()) return *number;
  const auto near = nearest(word, names_);
  throw Error(fmt::format(
      "--element: there is no element '{}'; elements are called {} … {}, and numbered 0 … {}{}",
      word, names_.front(), names_.back(), elements() - 1,
      near.empty() ? "" : suggestion(word, near)));
}

void RestoredNetwork::look_up(Prediction& prediction) const {
  const auto& table = components_.tables.front();
  for (std::int64_t row = 0; row < table.rows(); ++row) {
    if (table.x[row] != prediction.x || table.y[row] != prediction.y) continue;
    prediction.answer = table.answers[row];
    prediction.label = table.z[row];
    const auto is_trained = contains(components_.splits.front().train, row);
    prediction.role = is_trained ? PairRole::trained : PairRole::validation;
  }
}

std::vector<double> RestoredNetwork::logits(std::int64_t x, std::int64_t y) const {
  const torch::NoGradGuard no_grad;
  const auto token = [](std::int64_t element) {
    return torch::full({1, 1}, element, torch::kInt64);
  };
  const auto computed = components_.model.call([&](Model& model) {
    return model.forward({components_.layout, flat_}, {token(x), token(y), nullptr});
  });
  require_shape(components_.model, "logits", computed, {1, 1, elements()});
  const auto numbers = computed.to(torch::kFloat64).contiguous();
  const auto* first = numbers.data_ptr<double>();
  return {first, first + elements()};
}

Prediction RestoredNetwork::predict(std::int64_t x, std::int64_t y) const {
  Prediction prediction;
  prediction.x = x;
  prediction.y = y;
  look_up(prediction);
  const auto all = logits(x, y);
  prediction.ranking = ranked(all);
  if (prediction.label) prediction.loss = log_sum_exp(all) - all[*prediction.label];
  return prediction;
}

}  // namespace groklab
