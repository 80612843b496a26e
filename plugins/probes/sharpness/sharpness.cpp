// How sharp the training loss f is around the weights x. Keskar et al. 2017, arXiv:1609.04836:
//   φ = 100 (max f(x + A y) − f(x)) / (1 + f(x)) over |y_i| ≤ ε (|(A⁺ x)_i| + 1)
// where A spans a random subspace; its columns are orthonormal here, so that A⁺ = Aᵀ. And the top
// eigenvalue of the Hessian of f, the one largest in size, by power iteration; its residual
// |H v − λ v| / |λ| says how far that has come. Both in float64 whatever the precision of training,
// as differences of small losses drown in float32. With its defaults a measurement of the paper's
// network costs more than a thousand steps.
#include "kernels/box_ascent.h"

#include <groklab/error.h>
#include <groklab/parallel.h>
#include <groklab/probe.h>
#include <groklab/random.h>

#include <ATen/Parallel.h>
#include <torch/csrc/autograd/autograd.h>

#include <cmath>
#include <limits>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace {

using groklab::Snapshot;
using groklab::Tensor;
using groklab::Weights;
using torch::autograd::grad;

constexpr std::int64_t kRows = 1024;  // training rows at a time, to bound memory

// The training loss of one replica as a function of its weights [1, P], float64.
class TrainLoss {
 public:
  TrainLoss(const Snapshot& shown, std::int64_t replica) : layout_(shown.weights.shared_layout()) {
    const auto all = shown.train_mask[replica].nonzero().squeeze(1);
    for (const auto& rows : all.split(kRows)) {
      const auto part = [&](const Tensor& pairs) {
        return pairs.narrow(0, replica, 1).index_select(1, rows);
      };
      const auto mask = part(shown.train_mask);
      parts_.push_back({shown.weights,
                        shown.model,
                        shown.loss,
                        {},
                        {},
                        {},
                        part(shown.x),
                        part(shown.y),
                        part(shown.answers),
                        part(shown.targets),
                        mask,
                        mask});
      shares_.push_back(static_cast<double>(rows.size(0)) / static_cast<double>(all.size(0)));
    }
  }

  std::pair<double, Tensor> value_and_gradient(const Tensor& at) const {
    std::vector<double> values(parts_.size());
    const auto gradient = sum_over_parts(at, [&](std::size_t i, const Tensor& leaf) {
      const auto loss = loss_of(i, leaf);
      values[i] = loss.item<double>();
      return grad({loss}, {leaf})[0];
    });
    double value = 0;
    for (const double one : values) value += one;
    return {value, gradient};
  }

  Tensor hessian_times(const Tensor& vector, const Tensor& at) const {
    return sum_over_parts(at, [&](std::size_t i, const Tensor& leaf) {
      const auto gradient =
          grad({loss_of(i, leaf)}, {leaf}, {}, /*retain_graph=*/true, /*create_graph=*/true)[0];
      return grad({(gradient * vector).sum()}, {leaf})[0];
    });
  }

 private:
  Tensor loss_of(std::size_t part, const Tensor& leaf) const {
    return parts_[part].train_loss({layout_, leaf}).sum() * shares_[part];
  }

  // Each in a graph of its own; threads share them on the CPU.
  template <class Term>
  Tensor sum_over_parts(const Tensor& at, Term term) const {
    std::vector<Tensor> terms(parts_.size());
    const auto item = [&](std::int64_t i) {
      const torch::AutoGradMode with_gradients(true);
      terms[i] = term(i, at.detach().clone().requires_grad_(true)).detach();
    };
    if (at.is_cpu()) {
      groklab::parallel_for(std::ssize(terms), [&](std::int64_t i) {
        at::init_num_threads();  // a thread that is new to LibTorch would start further ones
        item(i);
      });
    } else {
      for (std::int64_t i = 0; i < std::ssize(terms); ++i) item(i);
    }
    auto sum = terms.front();
    for (std::size_t i = 1; i < terms.size(); ++i) sum = sum + terms[i];
    return sum;
  }

  std::shared_ptr<const groklab::ParameterLayout> layout_;
  std::vector<Snapshot> parts_;
  std::vector<double> shares_;  // of the training rows
};

class Sharpness final : public groklab::Probe {
 public:
  static groklab::Schema schema() {
    return groklab::Schema{}
        .integer("iterations", 10,
                 "steps of the ascent to the maximum, each mostly one evaluation of loss and "
                 "gradient over the training set; 0: no φ",
                 groklab::at_least(0))
        .real("epsilon", 1e-3, "size of the box", groklab::positive)
        .integer("dimension", 10, "of the subspace", groklab::between(1, 1000))
        .integer("eigenvalue_iterations", 20,
                 "products of Hessian and vector, each about three evaluations; 0: no eigenvalue",
                 groklab::at_least(0))
        .integer("seed", 0, "of the subspace and of the first vector", groklab::at_least(0));
  }

  explicit Sharpness(const groklab::Params& params)
      : iterations_(static_cast<int>(params.integer("iterations"))),
        epsilon_(params.real("epsilon")),
        dimension_(params.integer("dimension")),
        eigenvalue_iterations_(params.integer("eigenvalue_iterations")),
        seed_(static_cast<std::uint64_t>(params.integer("seed"))) {
    if (iterations_ == 0 && eigenvalue_iterations_ == 0) {
      throw groklab::Error(
          "iterations and eigenvalue_iterations are both 0, which leaves nothing to measure");
    }
  }

  bool reads_logits() const override { return false; }

  Measurements measure(const Snapshot& snapshot) override {
    std::vector<double> sharpness, eigenvalues, residuals;
    const auto flat = snapshot.weights.flat().to(torch::kFloat64);
    for (std::int64_t r = 0; r < flat.size(0); ++r) {
      const TrainLoss loss(snapshot, r);
      const auto at = flat.narrow(0, r, 1);
      if (iterations_ > 0) sharpness.push_back(keskar(loss, at, snapshot.weights.layout()));
      if (eigenvalue_iterations_ == 0) continue;
      const auto [eigenvalue, residual] = top_eigenvalue(loss, at, snapshot.weights.layout());
      eigenvalues.push_back(eigenvalue);
      residuals.push_back(residual);
    }
    Measurements all;
    const auto add = [&](const char* name, const std::vector<double>& values) {
      if (!values.empty()) all.emplace_back(name, torch::tensor(values, torch::kFloat64));
    };
    add("", sharpness);
    add("eigenvalue", eigenvalues);
    add("eigenvalue_residual", residuals);
    return all;
  }

 private:
  double keskar(const TrainLoss& loss, const Tensor& at, const groklab::ParameterLayout& layout) {
    const auto& basis = subspace(at, layout);  // Aᵀ [dimension, P]
    const auto numbers = [](const Tensor& tensor) {
      const auto row = tensor.flatten().cpu().contiguous();
      return std::vector<double>(row.data_ptr<double>(), row.data_ptr<double>() + row.numel());
    };
    const auto bounds = numbers((basis.mv(at[0]).abs() + 1) * epsilon_);
    double start = std::numeric_limits<double>::quiet_NaN();
    const auto along = [&](const std::vector<double>& y) {
      const auto shift = torch::tensor(y, torch::kFloat64).to(at.device()).unsqueeze(0).mm(basis);
      const auto [value, gradient] = loss.value_and_gradient(at + shift);
      if (std::isnan(start)) start = value;  // the first is at y = 0
      return std::pair(value, numbers(basis.mv(gradient[0])));
    };
    const double highest = sharpness::box_maximum(along, bounds, iterations_);
    return 100 * (highest - start) / (1 + start);
  }

  std::pair<double, double> top_eigenvalue(const TrainLoss& loss, const Tensor& at,
                                           const groklab::ParameterLayout& layout) const {
    auto vector = random_row(dimension_, layout).unsqueeze(0).to(at.device());
    double eigenvalue = 0, residual = 0;
    for (std::int64_t i = 0; i < eigenvalue_iterations_; ++i) {
      vector = vector / vector.norm();
      const auto product = loss.hessian_times(vector, at);
      eigenvalue = (vector * product).sum().item<double>();
      residual = (product - eigenvalue * vector).norm().item<double>() / std::abs(eigenvalue);
      vector = product;
    }
    return {eigenvalue, residual};
  }

  // Row i: N(0, 1) at (seed, noise, step = hash of "sharpness", position = i · parameters + j) for
  // parameter j; 0 where the buffer is padded. [P].
  Tensor random_row(std::int64_t i, const groklab::ParameterLayout& layout) const {
    const groklab::RandomStream stream(seed_, groklab::Purpose::noise);
    const auto source = groklab::hash_name("sharpness");
    const auto row = torch::zeros({layout.buffer_size()}, torch::kFloat64);
    auto* number = row.data_ptr<double>();
    for (std::int64_t j = 0; j < layout.count(); ++j) {
      number[j] = stream.normal(source, i * layout.count() + j);
    }
    return row;
  }

  // The same for all replicas and evaluations.
  const Tensor& subspace(const Tensor& at, const groklab::ParameterLayout& layout) {
    if (subspace_.defined()) return subspace_;
    if (dimension_ > layout.count()) {
      throw groklab::Error("dimension " + std::to_string(dimension_) + " is more than the " +
                           std::to_string(layout.count()) + " parameters");
    }
    std::vector<Tensor> rows;
    for (std::int64_t i = 0; i < dimension_; ++i) {
      auto row = random_row(i, layout);
      for (int twice = 0; twice < 2; ++twice) {  // Gram-Schmidt, again for what rounding left
        for (const auto& earlier : rows) row = row - earlier.dot(row) * earlier;
      }
      rows.push_back(row / row.norm());
    }
    return subspace_ = torch::stack(rows).to(at.device());
  }

  int iterations_;
  double epsilon_;
  std::int64_t dimension_, eigenvalue_iterations_;
  std::uint64_t seed_;
  Tensor subspace_;
};

}  // namespace

GROKLAB_PLUGIN(groklab::Probe, Sharpness, "sharpness",
               "Keskar's sharpness and the top Hessian eigenvalue of the training loss (costly)",
               "Keskar et al. 2017, arXiv:1609.04836",
               "φ = 100 (max f(x + A y) − f(x)) / (1 + f(x)), |y_i| ≤ ε (|(A⁺ x)_i| + 1)")
