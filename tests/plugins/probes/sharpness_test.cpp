#include "probes/sharpness/kernels/box_ascent.h"
#include "support/snapshots.h"

#include <gmock/gmock.h>
#include <groklab/error.h>
#include <groklab/probe.h>

#include <cmath>

namespace groklab {
namespace {

using testing::HasSubstr;
using testing::SizeIs;
using testing::ThrowsMessage;

using Vector = std::vector<double>;

// g·y + ½ yᵀ H y.
struct Quadratic {
  Vector slope;
  std::vector<Vector> curvature;

  std::pair<double, Vector> operator()(const Vector& y) const {
    ++evaluations;
    double value = 0;
    Vector gradient = slope;
    for (std::size_t i = 0; i < y.size(); ++i) {
      for (std::size_t j = 0; j < y.size(); ++j) gradient[i] += curvature[i][j] * y[j];
      value += y[i] * (slope[i] + gradient[i]) / 2;
    }
    return {value, gradient};
  }

  mutable int evaluations = 0;
};

double maximum(const Quadratic& f, const Vector& bounds, int iterations = 10) {
  return sharpness::box_maximum(std::cref(f), bounds, iterations);
}

TEST(BoxAscent, FindsTheCornerThatALinearFunctionRisesTo) {
  const Quadratic f{{1, -1e-9, 3}, std::vector<Vector>(3, Vector(3))};
  EXPECT_NEAR(maximum(f, {1, 2, 0.5}), 2.5 + 2e-9, 1e-15);
}

TEST(BoxAscent, FindsTheCornerOfAConvexFunction) {
  const Quadratic f{{0.3, -0.2, 0.1}, {{2, 0.5, 0.1}, {0.5, 1, -0.3}, {0.1, -0.3, 1.5}}};
  const Vector bounds{1, 0.5, 2};
  double highest = 0;
  for (int corner = 0; corner < 8; ++corner) {
    Vector y(bounds);
    for (int i = 0; i < 3; ++i) y[i] *= (corner >> i & 1) != 0 ? 1 : -1;
    highest = std::max(highest, f(y).first);
  }
  EXPECT_NEAR(maximum(f, bounds), highest, 1e-12);
}

// −½ (y − c)ᵀ D (y − c) has its maximum in c, or on the side of the box nearest to it.
TEST(BoxAscent, FindsTheTopInsideOfTheBoxAndOnItsSide) {
  const Quadratic f{{0.3, -20, 1.5}, {{-1, 0, 0}, {0, -100, 0}, {0, 0, -0.5}}};
  EXPECT_NEAR(maximum(f, {5, 5, 5}, 30), 0.045 + 2 + 2.25, 1e-9);
  EXPECT_NEAR(maximum(f, {5, 5, 1}, 30), 0.045 + 2 + 1.25, 1e-9);
}

TEST(BoxAscent, StopsAfterItsIterations) {
  const Quadratic f{{0.3, -20, 1.5}, {{-1, 0, 0}, {0, -100, 0}, {0, 0, -0.5}}};
  maximum(f, {5, 5, 5}, 2);
  EXPECT_LE(f.evaluations, 1 + 2 * sharpness::kTrials);
  f.evaluations = 0;
  EXPECT_EQ(maximum(f, {5, 5, 5}, 0), 0);
  EXPECT_EQ(f.evaluations, 1);
}

// A small multilayer perceptron and all pairs of K elements; some of them are trained on.
struct Small {
  Small(std::int64_t elements, std::int64_t replicas, const Tensor& trained)
      : model(test::make_plugin<Model>("mlp",
                                       {{"width", std::int64_t{2}}, {"hidden", std::int64_t{4}}})),
        loss(test::make_plugin<Loss>("cross_entropy")),
        weights(test::numbered_weights(*model, elements, replicas)) {
    const auto pairs = torch::arange(elements * elements).repeat({replicas, 1});
    const auto x = pairs.floor_divide(elements), y = pairs.remainder(elements);
    const auto targets = (x + 2 * y).remainder(elements);
    snapshot = std::make_unique<Snapshot>(
        Snapshot{weights, *model, *loss, {}, {}, {}, x, y, targets, targets, trained, trained});
  }

  std::map<std::string, Tensor> measured(const std::map<std::string, Value>& parameters) const {
    std::map<std::string, Tensor> numbers;
    for (auto& [name, values] :
         test::make_plugin<Probe>("sharpness", parameters)->measure(*snapshot)) {
      numbers[name] = values;
    }
    return numbers;
  }

  std::unique_ptr<Model> model;
  std::unique_ptr<Loss> loss;
  Weights weights;
  std::unique_ptr<Snapshot> snapshot;
};

Tensor every_third_but(std::int64_t replica) { return torch::arange(25).remainder(3).ne(replica); }

// The full Hessian's eigenvalues are hessian_golden.py's.
TEST(Sharpness, FindsTheLargestEigenvalueOfTheHessian) {
  const Small network(5, 2, torch::stack({every_third_but(0), every_third_but(1)}));
  const auto numbers = network.measured(
      {{"iterations", std::int64_t{0}}, {"eigenvalue_iterations", std::int64_t{200}}});
  EXPECT_THAT(numbers, SizeIs(2));
  const auto& eigenvalues = numbers.at("eigenvalue");
  EXPECT_NEAR(eigenvalues[0].item<double>(), 1.79383687410437, 1e-12);
  EXPECT_NEAR(eigenvalues[1].item<double>(), 1.45380413639942, 1e-12);
  EXPECT_LT(numbers.at("eigenvalue_residual").max().item<double>(), 1e-6);
}

// After few products it is off by no more than its residual says.
TEST(Sharpness, SaysHowFarTheEigenvalueHasCome) {
  const Small network(5, 1, every_third_but(0).unsqueeze(0));
  const auto numbers = network.measured({{"eigenvalue_iterations", std::int64_t{4}}});
  EXPECT_THAT(numbers, SizeIs(3));
  const auto eigenvalue = numbers.at("eigenvalue").item<double>();
  const auto residual = numbers.at("eigenvalue_residual").item<double>();
  EXPECT_GT(residual, 1e-4);
  EXPECT_LE(std::min(std::abs(eigenvalue - 1.79383687410437), std::abs(eigenvalue - 1.302022681)),
            residual * eigenvalue);
}

// The directions as the probe documents them, made orthonormal by Householder's reflections.
Tensor subspace(const ParameterLayout& layout, std::int64_t dimension, std::uint64_t seed) {
  const RandomStream stream(seed, Purpose::noise);
  auto columns = torch::zeros({layout.buffer_size(), dimension}, test::kFloat64);
  for (std::int64_t i = 0; i < dimension; ++i) {
    for (std::int64_t j = 0; j < layout.count(); ++j) {
      columns[j][i] = stream.normal(hash_name("sharpness"), i * layout.count() + j);
    }
  }
  return std::get<0>(torch::linalg_qr(columns));
}

// 37 elements: the training set is taken in two parts.
TEST(Sharpness, IsTheHighestLossOnAGridOverTheBox) {
  const Small network(37, 1, torch::arange(37 * 37).remainder(7).ne(2).unsqueeze(0));
  const double epsilon = 0.05;
  const auto found = network.measured({{"dimension", std::int64_t{3}},
                                       {"epsilon", epsilon},
                                       {"seed", std::int64_t{5}},
                                       {"eigenvalue_iterations", std::int64_t{0}}});
  EXPECT_THAT(found, SizeIs(1));
  const auto basis = subspace(network.weights.layout(), 3, 5);
  const auto& flat = network.weights.flat();
  const auto bounds = (basis.t().mv(flat[0]).abs() + 1) * epsilon;
  const auto loss_at = [&](const Tensor& y) {
    const Weights moved(network.weights.shared_layout(), flat + basis.mv(y));
    return network.snapshot->train_loss(moved).item<double>();
  };
  const double start = loss_at(torch::zeros({3}, test::kFloat64));
  double highest = start;
  for (int i = 0; i < 125; ++i) {
    const auto place = torch::tensor({i % 5 - 2.0, i / 5 % 5 - 2.0, i / 25 - 2.0}, test::kFloat64);
    highest = std::max(highest, loss_at(place / 2 * bounds));
  }
  const double expected = 100 * (highest - start) / (1 + start);
  EXPECT_GT(expected, 0.1);
  EXPECT_NEAR(found.at("").item<double>(), expected, 1e-9 * expected);
}

TEST(Sharpness, RefusesToMeasureNothing) {
  EXPECT_THAT(
      [] {
        test::make_plugin<Probe>("sharpness", {{"iterations", std::int64_t{0}},
                                               {"eigenvalue_iterations", std::int64_t{0}}});
      },
      ThrowsMessage<Error>(HasSubstr("leaves nothing to measure")));
}

}  // namespace
}  // namespace groklab
