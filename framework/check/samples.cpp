#include "check/samples.h"

#include <fmt/format.h>
#include <groklab/error.h>
#include <torch/csrc/autograd/autograd.h>

namespace groklab {
namespace {

constexpr double kStep = 1e-6;       // of a central difference
constexpr double kTolerance = 1e-5;  // of a derivative, for numbers of about 1

}  // namespace

Tensor sample_numbers(std::vector<std::int64_t> shape, double phase) {
  std::int64_t count = 1;
  for (const auto size : shape) count *= size;
  return torch::sin(torch::arange(count, torch::kFloat64) * 1.7 + phase).view(shape);
}

Step sample_step(std::int64_t number, std::vector<double> learning_rates,
                 std::vector<std::uint64_t> seeds) {
  seeds.resize(learning_rates.size());
  return {torch::full({1}, static_cast<double>(number), torch::kFloat64),
          torch::tensor(learning_rates, torch::kFloat64), Noise(std::move(seeds), number)};
}

std::shared_ptr<const ParameterLayout> sample_layout() {
  ParameterLayout layout;
  layout.add("matrix", {4, 6}, Initializer::fan_in(4));
  layout.add("vector", {6}, Initializer::constant(1));
  layout.add("embedding", {5, 4}, Initializer::normal(1), Role::embedding);
  return std::make_shared<const ParameterLayout>(std::move(layout));
}

Tensor sample_row(double phase) {
  const auto layout = sample_layout();
  auto row = torch::zeros({layout->buffer_size()}, torch::kFloat64);
  row.narrow(0, 0, layout->count()).copy_(sample_numbers({layout->count()}, phase));
  return row;
}

void require(bool holds, const std::string& found) {
  if (!holds) throw Error(found);
}

void require_equal(const Tensor& a, const Tensor& b, const std::string& what) {
  require(a.sizes() == b.sizes(),
          what + fmt::format(": shapes differ, {} and {}", fmt::join(a.sizes(), " × "),
                             fmt::join(b.sizes(), " × ")));
  const auto same = a.eq(b).logical_or(a.isnan().logical_and(b.isnan()));
  if (same.all().item<bool>()) return;
  const auto difference = (a - b).abs().nan_to_num(0).max().item<double>();
  throw Error(fmt::format("{}: {} of {} numbers differ, by up to {:.1e}", what,
                          same.logical_not().sum().item<std::int64_t>(), a.numel(), difference));
}

void require_close(const Tensor& a, const Tensor& b, double tolerance, const std::string& what) {
  require(a.sizes() == b.sizes(), what + ": shapes differ");
  if (a.numel() == 0 || torch::equal(a, b)) return;
  const auto difference = (a - b).abs().max().item<double>();
  const auto magnitude = b.abs().max().item<double>();
  require(difference <= tolerance * magnitude,
          fmt::format("{}: they differ by {:.1e}, with numbers up to {:.1e}", what, difference,
                      magnitude));
}

void require_gradient(const std::function<Tensor(const Tensor&)>& function, const Tensor& at,
                      const ParameterLayout& layout) {
  const auto leaf = at.clone().requires_grad_(true);
  const auto gradient = torch::autograd::grad({function(leaf)}, {leaf})[0];
  const torch::NoGradGuard no_grad;
  for (const auto& entry : layout.entries()) {
    auto direction = torch::zeros_like(at);
    const auto along = sample_numbers({entry.count}, static_cast<double>(entry.offset));
    direction[0].narrow(0, entry.offset, entry.count).copy_(along / along.norm());
    const auto difference =
        (function(at + kStep * direction) - function(at - kStep * direction)) / (2 * kStep);
    const auto derivative = (gradient * direction).sum();
    const auto off = (difference - derivative).abs().item<double>();
    require(off <= kTolerance * (1 + derivative.abs().item<double>()),
            fmt::format("along '{}' the derivative is {:.6g}, and differences give {:.6g}",
                        entry.name, derivative.item<double>(), difference.item<double>()));
  }
}

void require_second_derivatives(const std::function<Tensor(const Tensor&)>& function,
                                const Tensor& at) {
  const OperatorsOnly by_operators;
  const auto gradient = [&](const Tensor& point) {
    const auto leaf = point.clone().requires_grad_(true);
    return torch::autograd::grad({function(leaf)}, {leaf})[0];
  };
  const auto vector = sample_numbers(at.sizes().vec(), 2);
  const auto leaf = at.clone().requires_grad_(true);
  const auto first = torch::autograd::grad({function(leaf)}, {leaf}, {}, /*retain_graph=*/true,
                                           /*create_graph=*/true)[0];
  const auto product = first.requires_grad()
                           ? torch::autograd::grad({(first * vector).sum()}, {leaf})[0]
                           : torch::zeros_like(at);  // of a function made of planes
  const auto differences =
      (gradient(at + kStep * vector) - gradient(at - kStep * vector)) / (2 * kStep);
  if (!first.requires_grad()) {
    return require(differences.abs().max().item<double>() <= kTolerance,
                   "second derivatives are missing");
  }
  require_close(product, differences, kTolerance,
                "second derivatives and differences of gradients");
}

}  // namespace groklab
