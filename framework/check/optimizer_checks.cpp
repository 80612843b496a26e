#include "check/samples.h"
#include "check/state_copy.h"
#include "check/subject.h"

#include <groklab/optimizer.h>

namespace groklab {
namespace {

constexpr int kSteps = 5;

// Weights of some of the three replicas, walked by an optimiser along given gradients.
class Walk {
 public:
  explicit Walk(const Subject& subject, std::vector<std::size_t> replicas = {0, 1, 2})
      : replicas_(std::move(replicas)),
        optimizer_(subject.make<Optimizer>(replicas_)),
        weights_(sample_layout(), of_replicas(0)) {}

  void take_steps(int from, int to) {
    const torch::NoGradGuard no_grad;
    for (int number = from; number <= to; ++number) {
      std::vector<double> rates;
      for (const auto replica : replicas_) rates.push_back(0.01 / static_cast<double>(replica + 1));
      optimizer_->step(weights_, {sample_layout(), of_replicas(number)},
                       sample_step(number, std::move(rates)));
    }
  }

  void go_on_from(Walk& other) {
    weights_.flat().copy_(other.weights());
    restore_from_checkpoint(other.optimizer_->named_state(), optimizer_->named_state(),
                            Subject::kReplicas);
  }

  const Tensor& weights() const { return weights_.flat(); }
  Tensor gradient(int number) const { return of_replicas(number); }

 private:
  Tensor of_replicas(double phase) const {
    std::vector<Tensor> rows;
    for (const auto replica : replicas_) {
      rows.push_back(sample_row(phase + static_cast<double>(replica) / 3));
    }
    return torch::stack(rows);
  }

  std::vector<std::size_t> replicas_;
  std::unique_ptr<Optimizer> optimizer_;
  Weights weights_;
};

void declares_a_learning_rate(const Subject& subject) {
  const auto* field = subject.schema().find("learning_rate");
  require(field != nullptr && field->type == Field::Type::real,
          "it declares no real parameter learning_rate, which the schedule drives");
}

void repeats_itself(const Subject& subject) {
  Walk one(subject), other(subject);
  one.take_steps(1, kSteps);
  other.take_steps(1, kSteps);
  require_equal(other.weights(), one.weights(), "the same steps twice");
  require(one.weights().isfinite().all().item<bool>(), "weights become infinite or NaN");
}

void keeps_replicas_apart(const Subject& subject) {
  Walk pack(subject);
  pack.take_steps(1, kSteps);
  for (std::size_t r = 0; r < Subject::kReplicas; ++r) {
    Walk alone(subject, {r});
    alone.take_steps(1, kSteps);
    require_equal(pack.weights()[static_cast<std::int64_t>(r)], alone.weights()[0],
                  fmt::format("weights of replica {} in a pack and alone", r));
  }
}

void goes_on_from_a_checkpoint(const Subject& subject) {
  Walk straight(subject), stopped(subject), resumed(subject);
  straight.take_steps(1, 2 * kSteps);
  stopped.take_steps(1, kSteps);
  resumed.go_on_from(stopped);
  resumed.take_steps(kSteps + 1, 2 * kSteps);
  require_equal(resumed.weights(), straight.weights(), "with and without a checkpoint on the way");
}

void goes_against_the_gradient(const Subject& subject) {
  Walk walk(subject, {0});
  const auto start = walk.weights().clone();
  walk.take_steps(1, 1);
  const auto along = ((walk.weights() - start) * walk.gradient(1)).sum().item<double>();
  require(along < 0, "its first step does not go down along the gradient");
}

// What shrinkage() says is what happens to weights without a gradient, whatever decay there is.
void shrinks_as_it_says(const Subject& subject) {
  const auto optimizer = subject.make<Optimizer>({0, 1, 2});
  const auto start = torch::stack({sample_row(0), sample_row(1), sample_row(2)});
  const Weights weights(sample_layout(), start.clone());
  const Weights gradients(sample_layout(), torch::zeros_like(start));
  const auto step = sample_step(1, {0.1, 0.01, 0.001});
  const torch::NoGradGuard no_grad;
  const auto share = optimizer->shrinkage(step.learning_rate.unsqueeze(1));
  if (!share.defined()) return;
  optimizer->step(weights, gradients, step);
  require_close(weights.flat(), start * (1 - share), 1e-14,
                "weights without a gradient, and what shrinkage() says");
}

void leaves_padding_alone(const Subject& subject) {
  Walk walk(subject);
  walk.take_steps(1, kSteps);
  const auto count = sample_layout()->count();
  const auto padding = walk.weights().narrow(1, count, walk.weights().size(1) - count);
  require(padding.count_nonzero().item<std::int64_t>() == 0,
          "numbers behind the last parameter, whose gradient is zero, change");
}

}  // namespace

std::vector<Check> optimizer_checks(const Subject& subject) {
  return {{"has a learning rate", [&] { declares_a_learning_rate(subject); }},
          {"gives the same bits again", [&] { repeats_itself(subject); }},
          {"keeps replicas apart, to the bit", [&] { keeps_replicas_apart(subject); }},
          {"goes on from a checkpoint, to the bit", [&] { goes_on_from_a_checkpoint(subject); }},
          {"goes against the gradient at first", [&] { goes_against_the_gradient(subject); }},
          {"shrinks weights by the share it says", [&] { shrinks_as_it_says(subject); }},
          {"leaves the padding at zero", [&] { leaves_padding_alone(subject); }}};
}

}  // namespace groklab
