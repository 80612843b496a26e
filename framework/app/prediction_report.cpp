#include "app/prediction_report.h"

#include "app/summary_table.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <stdexcept>
#include <utility>

namespace groklab {
namespace {

using Json = nlohmann::ordered_json;

std::string role_text(PairRole role) {
  switch (role) {
    case PairRole::trained:
      return "was trained on";
    case PairRole::validation:
      return "is in the validation set";
    case PairRole::undefined:
      return "has no answer in this operation";
  }
  throw std::logic_error("unknown role");
}

// The first `top` by rank, then the answer and the label where they are not among them.
std::vector<AnswerCandidate> shown_candidates(const Prediction& prediction, std::size_t top) {
  auto shown = prediction.ranking;
  shown.resize(std::min(shown.size(), top), AnswerCandidate{});
  for (const auto& wanted : {prediction.answer, prediction.label}) {
    const auto is_wanted = [&](const AnswerCandidate& one) { return one.element == wanted; };
    if (!wanted || std::any_of(shown.begin(), shown.end(), is_wanted)) continue;
    shown.push_back(prediction.of(*wanted));
  }
  return shown;
}

bool is_randomly_labelled(const Prediction& prediction) {
  return prediction.label != prediction.answer;
}

std::string mark_of(const Prediction& prediction, std::int64_t element) {
  if (prediction.answer == element) return "the answer";
  if (prediction.label == element) return "the random label";
  return "";
}

Json element_json(const RestoredNetwork& network, std::int64_t element) {
  return {{"element", element}, {"name", network.names().at(element)}};
}

}  // namespace

std::string prediction_text(const RestoredNetwork& network, const Prediction& prediction,
                            std::size_t top) {
  const auto name = [&](std::int64_t element) { return network.names().at(element); };
  auto text = fmt::format("\n{} ∘ {}, of {}: this pair {}\n", name(prediction.x),
                          name(prediction.y), network.formula(), role_text(prediction.role));
  if (prediction.label) {
    const auto rank = prediction.of(*prediction.answer).rank;
    text += fmt::format("answer {}, rank {} of {}; ", name(*prediction.answer), rank,
                        network.elements());
    if (is_randomly_labelled(prediction)) {
      text += fmt::format("trained with the random label {}; ", name(*prediction.label));
    }
    text += fmt::format("loss {:.4g} nats\n", prediction.loss);
  }
  std::vector<std::vector<std::string>> rows{{"rank", "element", "logit", "probability", ""}};
  for (const auto& [element, rank, logit, probability] : shown_candidates(prediction, top)) {
    rows.push_back({std::to_string(rank), name(element), fmt::format("{:.4f}", logit),
                    fmt::format("{:.4g}", probability), mark_of(prediction, element)});
  }
  return text + columns_text(rows, 0);
}

Json prediction_json(const RestoredNetwork& network, const Prediction& prediction,
                     std::size_t top) {
  const auto optional = [&](const std::optional<std::int64_t>& element) {
    return element ? element_json(network, *element) : Json(nullptr);
  };
  constexpr std::array kRoles{std::pair{PairRole::trained, "train"},
                              std::pair{PairRole::validation, "validation"},
                              std::pair{PairRole::undefined, "undefined"}};
  const auto* role = std::find_if(kRoles.begin(), kRoles.end(), [&](const auto& known) {
                       return known.first == prediction.role;
                     })->second;
  Json json{{"x", element_json(network, prediction.x)},
            {"y", element_json(network, prediction.y)},
            {"set", role},
            {"answer", optional(prediction.answer)},
            {"label", optional(prediction.label)},
            {"loss", prediction.loss},
            {"candidates", Json::array()}};
  for (const auto& [element, rank, logit, probability] : shown_candidates(prediction, top)) {
    auto one = element_json(network, element);
    one.update({{"rank", rank}, {"logit", logit}, {"probability", probability}});
    json["candidates"].push_back(std::move(one));
  }
  return json;
}

}  // namespace groklab
