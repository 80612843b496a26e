#include "check/samples.h"
#include "check/subject.h"
#include "train/initial_weights.h"

#include <groklab/model.h>
#include <torch/csrc/autograd/autograd.h>

#include <cmath>

namespace groklab {
namespace {

constexpr std::int64_t kRows = 6, kElements = 7;
constexpr double kRounding = 1e-11;  // of float64, after some layers
constexpr double kMoved = 0.1;       // of what starts constant, as a share of it or of 1

// Weights near the declared starts, each replica's by its own seed. What starts constant is moved
// a little: a parameter behind zeros would not matter otherwise, and relu has a kink there.
Tensor near_starts(const ParameterLayout& layout, const std::vector<std::size_t>& replicas) {
  auto flat = initial_weights(layout, {replicas.begin(), replicas.end()});
  for (const auto& entry : layout.entries()) {
    if (entry.initializer.kind != Initializer::Kind::constant) continue;
    const auto start = std::abs(entry.initializer.scale);
    for (std::size_t i = 0; i < replicas.size(); ++i) {
      const auto phase = static_cast<double>(entry.offset) + static_cast<double>(replicas[i]) / 3;
      flat[static_cast<std::int64_t>(i)]
          .narrow(0, entry.offset, entry.count)
          .add_(sample_numbers({entry.count}, phase), start == 0 ? kMoved : kMoved * start);
    }
  }
  return flat;
}

// A model that is built, and weights of three replicas that differ.
struct Built {
  explicit Built(const Subject& subject, const std::vector<std::size_t>& replicas = {0, 1, 2})
      : model(subject.make<Model>(replicas)),
        layout(std::make_shared<const ParameterLayout>(model->build({kElements}))) {
    flat = near_starts(*layout, replicas);
    const auto numbers = torch::arange(Subject::kReplicas * kRows, torch::kInt64);
    const auto x = numbers.view({-1, kRows}),
               first = torch::tensor(std::vector<std::int64_t>(replicas.begin(), replicas.end()),
                                     torch::kInt64);
    input = {x.index_select(0, first).remainder(kElements),
             (2 * x + 1).index_select(0, first).remainder(kElements), nullptr};
  }

  // Of training.
  static Step step() { return sample_step(3, {0.1, 0.1, 0.1}, {1, 2, 3}); }

  Tensor logits(const Tensor& weights) const {
    return model->forward(Weights(layout, weights), input);
  }

  // Logits and the gradient of some sum of them.
  std::pair<Tensor, Tensor> logits_and_gradient() const {
    const auto leaf = flat.clone().requires_grad_(true);
    const auto made = logits(leaf);
    const auto weights = sample_numbers({1, kRows, kElements}, 3);
    return {made.detach(), torch::autograd::grad({(made * weights).sum()}, {leaf})[0]};
  }

  std::unique_ptr<Model> model;
  std::shared_ptr<const ParameterLayout> layout;
  Tensor flat;  // float64 [R, P]
  ModelInput input;
};

void gives_logits(const Subject& subject) {
  Built built(subject);
  const auto step = built.step();
  for (const auto* when : {static_cast<const Step*>(nullptr), &step}) {
    built.input.step = when;
    for (const auto dtype : {torch::kFloat32, torch::kFloat64}) {
      const auto logits = built.logits(built.flat.to(dtype));
      const std::vector<std::int64_t> shape{Subject::kReplicas, kRows, kElements};
      require(logits.sizes() == shape,
              fmt::format("logits are [{}], not [{}]", fmt::join(logits.sizes(), ", "),
                          fmt::join(shape, ", ")));
      require(logits.scalar_type() == dtype, "logits are not of the dtype of the weights");
      require(logits.isfinite().all().item<bool>(), "some logits are not finite");
    }
  }
}

void repeats_itself(const Subject& subject) {
  Built one(subject), other(subject);
  const auto step = one.step();
  for (const auto* when : {static_cast<const Step*>(nullptr), &step}) {
    one.input.step = other.input.step = when;
    const auto [logits, gradient] = one.logits_and_gradient();
    require_equal(one.logits_and_gradient().first, logits, "the same call twice");
    require_equal(other.logits_and_gradient().second, gradient, "gradients of two such models");
  }
}

void keeps_replicas_apart(const Subject& subject) {
  const auto [logits, gradient] = Built(subject).logits_and_gradient();
  for (std::size_t r = 0; r < Subject::kReplicas; ++r) {
    const auto [own, own_gradient] = Built(subject, {r}).logits_and_gradient();
    const auto of_pack = static_cast<std::int64_t>(r);
    require_close(logits[of_pack], own[0], kRounding, "logits in a pack and alone");
    require_close(gradient[of_pack], own_gradient[0], kRounding, "gradients in a pack and alone");
  }
}

void has_right_gradients(const Subject& subject) {
  const Built built(subject, {0});
  const auto weights = sample_numbers({1, kRows, kElements}, 3);
  require_gradient([&](const Tensor& flat) { return (built.logits(flat) * weights).sum(); },
                   built.flat, *built.layout);
}

void has_second_derivatives(const Subject& subject) {
  const Built built(subject, {0});
  require_second_derivatives(
      [&](const Tensor& flat) { return built.logits(flat).log_softmax(2).square().mean(); },
      built.flat);
}

void uses_every_parameter(const Subject& subject) {
  const Built built(subject);
  const Weights gradients(built.layout, built.logits_and_gradient().second);
  for (std::size_t i = 0; i < built.layout->entries().size(); ++i) {
    require(gradients.at(i).abs().max().item<double>() > 0,
            fmt::format("'{}' does not matter", built.layout->entries()[i].name));
  }
}

void has_rows_for_elements(const Subject& subject) {
  const Built built(subject);
  const Weights weights(built.layout, built.flat);
  for (const auto& rows : {built.model->embedding(weights), built.model->output_rows(weights)}) {
    require(rows.dim() == 3 && rows.size(0) == Subject::kReplicas && rows.size(1) == kElements,
            fmt::format("rows are [{}], not [{}, {}, …]", fmt::join(rows.sizes(), ", "),
                        Subject::kReplicas, kElements));
  }
}

void computes_the_same_by_operators(const Subject& subject) {
  const Built built(subject);
  const auto expected = built.logits_and_gradient();
  auto names = built.model->recordable_computations();
  if (names.empty()) names = {""};
  const OperatorsOnly by_operators;
  for (const auto& name : names) {
    if (!name.empty()) built.model->use_computation(name);
    const auto [logits, gradient] = built.logits_and_gradient();
    require_close(logits, expected.first, kRounding, "logits of computation '" + name + "'");
    require_close(gradient, expected.second, kRounding, "gradients of computation '" + name + "'");
  }
}

}  // namespace

std::vector<Check> model_checks(const Subject& subject) {
  return {
      {"gives finite logits of the right shape and dtype", [&] { gives_logits(subject); }},
      {"gives the same bits again", [&] { repeats_itself(subject); }},
      {"keeps replicas apart", [&] { keeps_replicas_apart(subject); }},
      {"has gradients that finite differences confirm", [&] { has_right_gradients(subject); }},
      {"has second derivatives by operators", [&] { has_second_derivatives(subject); }},
      {"uses every parameter", [&] { uses_every_parameter(subject); }},
      {"has a row for each element at input and output", [&] { has_rows_for_elements(subject); }},
      {"computes the same by operators alone", [&] { computes_the_same_by_operators(subject); }}};
}

}  // namespace groklab
