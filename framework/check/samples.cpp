#include "check/samples.h"

#include <fmt/format.h>
#include <groklab/error.h>
#include <groklab/params.h>
#include <torch/csrc/autograd/autograd.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <optional>

namespace groklab {
namespace {

// Steps of differences, as shares of the size of the numbers that are changed. A large one bends
// what it measures and crosses kinks (of relu), a small one drowns in rounding; which ones are
// neither depends on the function.
constexpr std::array kShares{1e-5, 1e-4, 1e-6, 1e-3, 1e-7};

constexpr double kTolerance = 1e-5;  // of a derivative, relative
constexpr double kRounding = 1e-15;  // of a value in float64, relative

// Distances between numbers are measured by this one.
double size_of(const Tensor& numbers) {
  const auto size = numbers.norm().item<double>();
  return size == 0 ? 1 : size;
}

double largest(const Tensor& numbers) { return numbers.abs().max().item<double>(); }

// The derivative of a function of one number at 0, which differences are to confirm.
struct Slope {
  std::function<double(double)> function;
  double derivative;
  double scale;  // of derivatives like it: what it may be off by is relative to this
  double size;   // of the numbers that are changed
};

// Central differences with one of the steps agree, or, at a kink, the derivative lies between the
// differences to its two sides. Returns what differences give otherwise: the nearest that they do.
std::optional<double> contradiction(const Slope& slope) {
  const double here = slope.function(0);
  double nearest = 0, least = kInfinity;
  for (const double share : kShares) {
    const double step = share * slope.size;
    const double up = (slope.function(step) - here) / step;
    const double down = (here - slope.function(-step)) / step;
    const double both = (up + down) / 2, off = std::abs(both - slope.derivative);
    const double allowed =
        kTolerance * std::max(slope.scale, std::abs(both)) + kRounding * std::abs(here) / step;
    if (off <= allowed) return {};
    const bool is_last = share == kShares.back();
    if (is_last && std::min(up, down) - allowed <= slope.derivative &&
        slope.derivative <= std::max(up, down) + allowed) {
      return {};
    }
    if (!(off >= least)) nearest = both;
    least = std::min(least, off);
  }
  return nearest;
}

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
  const auto difference = largest(a - b), magnitude = largest(b);
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
    const auto own = [&](const Tensor& all) { return all[0].narrow(0, entry.offset, entry.count); };
    auto direction = torch::zeros_like(at);
    const auto along = sample_numbers({entry.count}, static_cast<double>(entry.offset));
    own(direction).copy_(along / along.norm());
    const auto derivative = (gradient * direction).sum().item<double>();
    const auto usual = own(gradient).norm().item<double>() / std::sqrt(entry.count);
    const auto found =
        contradiction({[&](double step) { return function(at + step * direction).item<double>(); },
                       derivative, std::max(std::abs(derivative), usual), size_of(own(at))});
    if (!found) continue;
    throw Error(fmt::format("along '{}' the derivative is {:.6g}, and differences give {:.6g}",
                            entry.name, derivative, *found));
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
  const bool is_plane = !first.requires_grad();  // as are functions made of planes
  const auto product =
      is_plane ? torch::zeros_like(at) : torch::autograd::grad({(first * vector).sum()}, {leaf})[0];
  double least = kInfinity, magnitude = 0;
  for (const double share : kShares) {
    const double step = share * size_of(at) / size_of(vector);
    const auto up = gradient(at + step * vector), down = gradient(at - step * vector);
    const auto differences = (up - down) / (2 * step);
    const auto off = largest(product - differences);
    const auto rounding = kRounding * std::max(largest(up), largest(down)) / step;
    if (off <= kTolerance * largest(differences) + rounding) return;
    if (off < least) magnitude = largest(differences);
    least = std::min(least, off);
  }
  require(!is_plane, "second derivatives are missing");
  throw Error(
      fmt::format("second derivatives and differences of gradients: they differ by {:.1e}, with "
                  "numbers up to {:.1e}",
                  least, magnitude));
}

}  // namespace groklab
