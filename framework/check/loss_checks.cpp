#include "check/samples.h"
#include "check/subject.h"

#include <groklab/loss.h>
#include <torch/csrc/autograd/autograd.h>

#include <cmath>

namespace groklab {
namespace {

constexpr std::int64_t kRows = 6, kElements = 5;

// Rows of three replicas; the last row of each only fills the batch up.
struct Rows {
  Rows() {
    logits = 3 * sample_numbers({Subject::kReplicas, kRows, kElements}, 0.3);  // none is 0
    targets = torch::arange(Subject::kReplicas * kRows, torch::kInt64)
                  .view({-1, kRows})
                  .remainder(kElements);
    weights = torch::full({Subject::kReplicas, kRows}, 1.0 / (kRows - 1), torch::kFloat64);
    weights.select(1, kRows - 1).zero_();
  }

  Tensor logits, targets, weights;
};

Tensor gradient_of(const Loss& loss, const Rows& rows) {
  const auto leaf = rows.logits.clone().requires_grad_(true);
  const auto value = loss.forward(leaf, rows.targets, rows.weights).sum();
  return torch::autograd::grad({value}, {leaf})[0];
}

void is_a_number_a_replica(const Subject& subject) {
  const auto loss = subject.make<Loss>({0, 1, 2}), again = subject.make<Loss>({0, 1, 2});
  const Rows rows;
  const auto value = loss->forward(rows.logits, rows.targets, rows.weights);
  require(value.dim() == 1 && value.size(0) == Subject::kReplicas,
          fmt::format("it is [{}], not [{}]", fmt::join(value.sizes(), ", "), Subject::kReplicas));
  require(value.isfinite().all().item<bool>(), "it is not finite");
  require_equal(again->forward(rows.logits, rows.targets, rows.weights), value, "asked twice");
  require_equal(gradient_of(*again, rows), gradient_of(*loss, rows),
                "gradients of two such losses");
}

// Whatever stands in them: NaN times 0 is not 0.
void is_blind_to_rows_of_weight_zero(const Subject& subject) {
  const auto loss = subject.make<Loss>({0, 1, 2});
  const Rows rows;
  const auto value = loss->forward(rows.logits, rows.targets, rows.weights);
  const auto gradient = gradient_of(*loss, rows);
  require(gradient.select(1, kRows - 1).count_nonzero().item<std::int64_t>() == 0,
          "a row of weight 0 has a gradient");
  for (const float filling : {-7.0F, NAN, INFINITY, -INFINITY}) {
    Rows others;
    others.logits.select(1, kRows - 1).fill_(filling);
    const auto with = fmt::format("with logits {} in a row of weight 0", filling);
    require_equal(loss->forward(others.logits, others.targets, others.weights), value, with);
    require_equal(gradient_of(*loss, others), gradient, with + ", gradients");
  }
}

void computes_the_same_by_operators(const Subject& subject) {
  const auto loss = subject.make<Loss>({0, 1, 2});
  const Rows rows;
  const auto value = loss->forward(rows.logits, rows.targets, rows.weights);
  const auto gradient = gradient_of(*loss, rows);
  const OperatorsOnly by_operators;
  require_close(loss->forward(rows.logits, rows.targets, rows.weights), value, 1e-12, "values");
  require_close(gradient_of(*loss, rows), gradient, 1e-12, "gradients");
  is_blind_to_rows_of_weight_zero(subject);
}

void keeps_replicas_apart(const Subject& subject) {
  const Rows rows;
  const auto loss = subject.make<Loss>({0, 1, 2});
  const auto values = loss->forward(rows.logits, rows.targets, rows.weights);
  for (std::size_t r = 0; r < Subject::kReplicas; ++r) {
    const auto own = [&](const Tensor& tensor) {
      return tensor.narrow(0, static_cast<std::int64_t>(r), 1);
    };
    const auto alone =
        subject.make<Loss>({r})->forward(own(rows.logits), own(rows.targets), own(rows.weights));
    require_close(own(values), alone, 1e-13, "in a pack and alone");
  }
}

void has_right_gradients(const Subject& subject) {
  const auto loss = subject.make<Loss>();
  const Rows rows;
  ParameterLayout layout;
  layout.add("logits", {kRows, kElements}, Initializer::constant(0));
  const auto padded = [&](const Tensor& logits) {
    return torch::cat(
        {logits.flatten(1),
         torch::zeros({1, layout.buffer_size() - kRows * kElements}, torch::kFloat64)},
        1);
  };
  require_gradient(
      [&](const Tensor& flat) {
        const auto logits = flat.narrow(1, 0, kRows * kElements).view({1, kRows, kElements});
        return loss->forward(logits, rows.targets.narrow(0, 0, 1), rows.weights.narrow(0, 0, 1))
            .sum();
      },
      padded(rows.logits.narrow(0, 0, 1)), layout);
}

void has_second_derivatives(const Subject& subject) {
  const auto loss = subject.make<Loss>({0, 1, 2});
  const Rows rows;
  require_second_derivatives(
      [&](const Tensor& logits) { return loss->forward(logits, rows.targets, rows.weights).sum(); },
      rows.logits);
}

void prefers_right_answers(const Subject& subject) {
  const auto loss = subject.make<Loss>({0, 1, 2});
  const Rows rows;
  const auto with_targets_at = [&](double logit) {
    const auto logits = rows.logits.scatter(2, rows.targets.unsqueeze(2), logit);
    return loss->forward(logits, rows.targets, rows.weights);
  };
  require((with_targets_at(1) < with_targets_at(-4)).all().item<bool>(),
          "it is not less where the logits of the right answers are 1 than where they are -4");
}

}  // namespace

std::vector<Check> loss_checks(const Subject& subject) {
  return {
      {"is one finite number a replica, and always the same",
       [&] { is_a_number_a_replica(subject); }},
      {"is blind to rows of weight zero", [&] { is_blind_to_rows_of_weight_zero(subject); }},
      {"keeps replicas apart", [&] { keeps_replicas_apart(subject); }},
      {"has gradients that finite differences confirm", [&] { has_right_gradients(subject); }},
      {"computes the same by operators alone", [&] { computes_the_same_by_operators(subject); }},
      {"has second derivatives by operators", [&] { has_second_derivatives(subject); }},
      {"prefers right answers", [&] { prefers_right_answers(subject); }}};
}

}  // namespace groklab
