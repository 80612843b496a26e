#include "check/samples.h"
#include "check/state_copy.h"
#include "check/subject.h"

#include <groklab/regularizer.h>
#include <torch/csrc/autograd/autograd.h>

namespace groklab {
namespace {

constexpr int kSteps = 5;

// Some of the three replicas under a regulariser, whose hooks are called as training does.
class Regularized {
 public:
  explicit Regularized(const Subject& subject, std::vector<std::size_t> replicas = {0, 1, 2})
      : replicas_(std::move(replicas)),
        regularizer_(subject.make<Regularizer>(replicas_)),
        weights_(sample_layout(), of_replicas(0)) {
    regularizer_->begin({sample_layout(), of_replicas(0)});
  }

  void take_steps(int from, int to) {
    for (int number = from; number <= to; ++number) take_step(number);
  }

  void go_on_from(Regularized& other) {
    weights_.flat().copy_(other.weights());
    restore_from_checkpoint(other.regularizer_->named_state(), regularizer_->named_state(),
                            Subject::kReplicas);
  }

  const Tensor& weights() const { return weights_.flat(); }
  Regularizer& regularizer() { return *regularizer_; }

  Step step(int number) const {
    std::vector<double> rates;
    std::vector<std::uint64_t> seeds;
    for (const auto replica : replicas_) {
      rates.push_back(0.1 / static_cast<double>(replica + 1));
      seeds.push_back(7 + replica);
    }
    return sample_step(number, std::move(rates), std::move(seeds));
  }

 private:
  // The step of gradient descent of a loss that is linear in the weights.
  void take_step(int number) {
    const auto now = step(number);
    const auto leaf = weights_.flat().detach().clone().requires_grad_(true);
    const auto slope = of_replicas(number);
    auto total = (regularizer_->before_forward(leaf, now) * slope).sum();
    const auto penalty = regularizer_->penalty({sample_layout(), leaf}, now);
    const Weights gradients(sample_layout(), torch::autograd::grad({total}, {leaf})[0]);
    const auto accuracy = torch::full({rows()}, number > 1 ? 1.0 : 0.5, torch::kFloat64);
    const torch::NoGradGuard no_grad;
    regularizer_->on_loss_gradients(gradients, regularizer_->reads_accuracy() ? accuracy : Tensor(),
                                    now);
    if (penalty.defined() && penalty.requires_grad()) {
      const torch::AutoGradMode grad(true);
      const auto of_penalty = torch::autograd::grad({penalty.sum()}, {leaf})[0];
      gradients.flat().add_(of_penalty);
    }
    regularizer_->on_gradients(weights_, gradients, now);
    weights_.flat().sub_(broadcast_column(now.learning_rate, gradients.flat()) * gradients.flat());
    regularizer_->after_step(weights_, now);
  }

  std::int64_t rows() const { return static_cast<std::int64_t>(replicas_.size()); }

  Tensor of_replicas(double phase) const {
    std::vector<Tensor> all;
    for (const auto replica : replicas_) {
      all.push_back(sample_row(phase + static_cast<double>(replica) / 3));
    }
    return torch::stack(all);
  }

  std::vector<std::size_t> replicas_;
  std::unique_ptr<Regularizer> regularizer_;
  Weights weights_;
};

void repeats_itself(const Subject& subject) {
  Regularized one(subject), other(subject);
  one.take_steps(1, kSteps);
  other.take_steps(1, kSteps);
  require_equal(other.weights(), one.weights(), "the same steps twice");
  require(one.weights().isfinite().all().item<bool>(), "weights become infinite or NaN");
}

void keeps_replicas_apart(const Subject& subject) {
  Regularized pack(subject);
  pack.take_steps(1, kSteps);
  for (std::size_t r = 0; r < Subject::kReplicas; ++r) {
    Regularized alone(subject, {r});
    alone.take_steps(1, kSteps);
    require_equal(pack.weights()[static_cast<std::int64_t>(r)], alone.weights()[0],
                  fmt::format("weights of replica {} in a pack and alone", r));
  }
}

void goes_on_from_a_checkpoint(const Subject& subject) {
  Regularized straight(subject), stopped(subject), resumed(subject);
  straight.take_steps(1, 2 * kSteps);
  stopped.take_steps(1, kSteps);
  resumed.go_on_from(stopped);
  resumed.take_steps(kSteps + 1, 2 * kSteps);
  require_equal(resumed.weights(), straight.weights(), "with and without a checkpoint on the way");
}

void has_a_right_penalty(const Subject& subject) {
  Regularized one(subject, {0});
  const auto step = one.step(1);
  const auto penalty_at = [&](const Tensor& flat) {
    return one.regularizer().penalty({sample_layout(), flat}, step);
  };
  const auto penalty = penalty_at(one.weights());
  if (!penalty.defined()) return;
  require(penalty.dim() == 1 && penalty.size(0) == 1, "its penalty is not one number a replica");
  require_gradient([&](const Tensor& flat) { return penalty_at(flat).sum(); }, one.weights(),
                   *sample_layout());
}

void keeps_the_shape_of_weights(const Subject& subject) {
  Regularized one(subject);
  const auto used = one.regularizer().before_forward(one.weights(), one.step(1));
  require(used.sizes() == one.weights().sizes(), "before_forward changes the shape of the weights");
}

}  // namespace

std::vector<Check> regularizer_checks(const Subject& subject) {
  return {{"gives the same bits again", [&] { repeats_itself(subject); }},
          {"keeps replicas apart, to the bit", [&] { keeps_replicas_apart(subject); }},
          {"goes on from a checkpoint, to the bit", [&] { goes_on_from_a_checkpoint(subject); }},
          {"has a penalty whose gradient finite differences confirm",
           [&] { has_a_right_penalty(subject); }},
          {"keeps the shape of the weights", [&] { keeps_the_shape_of_weights(subject); }}};
}

}  // namespace groklab
