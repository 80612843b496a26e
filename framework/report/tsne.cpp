#include "report/projection.h"

#include <groklab/random.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>

namespace groklab {
namespace {

// As is customary (van der Maaten and Hinton 2008; Belkina et al. 2019, Nature Communications 10,
// 5415, for the learning rate; scikit-learn's TSNE has the same).
constexpr double kExaggeration = 12;
constexpr int kExaggeratedIterations = 250;
constexpr double kEarlyMomentum = 0.5, kMomentum = 0.8;
constexpr double kGainStep = 0.2, kGainDecay = 0.8, kLeastGain = 0.01;
constexpr double kLeastLearningRate = 50;
constexpr double kStartDeviation = 1e-4, kNoiseDeviation = 1e-5;

constexpr int kBisections = 100;

using Plane = std::vector<std::array<double, 2>>;  // n points

// n × n numbers, row by row.
struct SquareMatrix {
  std::size_t size;
  std::vector<double> values;

  explicit SquareMatrix(std::size_t n) : size(n), values(n * n) {}
  double* row(std::size_t i) { return values.data() + i * size; }
  const double* row(std::size_t i) const { return values.data() + i * size; }
};

SquareMatrix squared_distances(const Points& points) {
  SquareMatrix distances(points.count());
  for (std::size_t i = 0; i < distances.size; ++i) {
    for (std::size_t j = 0; j < i; ++j) {
      double sum = 0;
      for (std::size_t k = 0; k < points.width; ++k) {
        const auto difference = points.row(i)[k] - points.row(j)[k];
        sum += difference * difference;
      }
      distances.row(i)[j] = distances.row(j)[i] = sum;
    }
  }
  return distances;
}

// Probabilities of the others to be i's neighbour, ∝ exp(−precision · distance²), into `row`, which
// holds the distances. Returns their entropy, in nats.
double neighbour_probabilities(const double* squared, std::size_t i, std::size_t count,
                               double precision, double* row) {
  double nearest = std::numeric_limits<double>::infinity();  // taken off, so that none underflows
  for (std::size_t j = 0; j < count; ++j) {
    if (j != i) nearest = std::min(nearest, squared[j]);
  }
  double sum = 0, weighted = 0;
  for (std::size_t j = 0; j < count; ++j) {
    const auto exponent = precision * (squared[j] - nearest);
    row[j] = j == i ? 0 : std::exp(-exponent);
    sum += row[j];
    if (row[j] > 0) weighted += row[j] * exponent;
  }
  for (std::size_t j = 0; j < count; ++j) row[j] /= sum;
  return std::log(sum) + weighted / sum;
}

// With the precision whose entropy is log(perplexity), by bisection.
void fit_neighbours(const double* squared, std::size_t i, std::size_t count, double perplexity,
                    double* row) {
  double low = 0, high = std::numeric_limits<double>::infinity(), precision = 1;
  for (int k = 0; k < kBisections; ++k) {
    const auto entropy = neighbour_probabilities(squared, i, count, precision, row);
    (entropy > std::log(perplexity) ? low : high) = precision;
    precision = std::isinf(high) ? 2 * precision : (low + high) / 2;
  }
}

// p_ij = (p_j|i + p_i|j) / 2n: they sum to 1.
SquareMatrix joint_probabilities(const Points& points, double perplexity) {
  const auto distances = squared_distances(points);
  const auto count = distances.size;
  SquareMatrix one_sided(count), joint(count);
  for (std::size_t i = 0; i < count; ++i) {
    fit_neighbours(distances.row(i), i, count, perplexity, one_sided.row(i));
  }
  for (std::size_t i = 0; i < count; ++i) {
    for (std::size_t j = 0; j < count; ++j) {
      const auto sum = one_sided.row(i)[j] + one_sided.row(j)[i];
      joint.row(i)[j] = sum / (2 * static_cast<double>(count));
    }
  }
  return joint;
}

Plane start(const Points& points, std::uint64_t seed) {
  const auto plane = principal_components(points, 2).points;
  double square = 0;
  for (std::size_t i = 0; i < plane.count(); ++i) square += plane.row(i)[0] * plane.row(i)[0];
  const auto deviation = std::sqrt(square / static_cast<double>(plane.count()));
  const auto scale = deviation > 0 ? kStartDeviation / deviation : 0;
  const RandomStream noise(seed, Purpose::noise);
  Plane map(plane.count());
  for (std::size_t i = 0; i < map.size(); ++i) {
    for (std::size_t k = 0; k < 2; ++k) {
      map[i][k] =
          scale * plane.row(i)[k] + kNoiseDeviation * noise.normal(hash_name("tsne"), 2 * i + k);
    }
  }
  return map;
}

// Gradient descent on the divergence, with momentum and a gain for each coordinate.
class Descent {
 public:
  Descent(SquareMatrix joint, Plane map)
      : joint_(std::move(joint)),
        map_(std::move(map)),
        similarities_(map_.size()),
        gradient_(map_.size()),
        velocity_(map_.size()),
        gains_(map_.size(), {1, 1}) {}

  void run(int iterations) {
    const auto count = static_cast<double>(map_.size());
    const auto learning_rate = std::max(count / kExaggeration, kLeastLearningRate);
    for (int i = 0; i < iterations; ++i) {
      const bool is_early = i < kExaggeratedIterations;
      compute_gradient(is_early ? kExaggeration : 1);
      move(learning_rate, is_early ? kEarlyMomentum : kMomentum);
    }
  }

  double divergence() {
    const auto total = compute_similarities();
    double sum = 0;
    for (std::size_t i = 0; i < map_.size(); ++i) {
      for (std::size_t j = 0; j < map_.size(); ++j) {
        const auto p = joint_.row(i)[j];
        if (p > 0) sum += p * std::log(p * total / similarities_.row(i)[j]);
      }
    }
    return sum;
  }

  const Plane& map() const { return map_; }

 private:
  // 1 / (1 + distance²) of each pair; returns their sum.
  double compute_similarities() {
    double sum = 0;
    for (std::size_t i = 0; i < map_.size(); ++i) {
      auto* row = similarities_.row(i);
      for (std::size_t j = 0; j < map_.size(); ++j) {
        const auto dx = map_[i][0] - map_[j][0], dy = map_[i][1] - map_[j][1];
        row[j] = 1 / (1 + dx * dx + dy * dy);
      }
      row[i] = 0;
      for (std::size_t j = 0; j < map_.size(); ++j) sum += row[j];
    }
    return sum;
  }

  // 4 Σ_j (p_ij − q_ij) (y_i − y_j) / (1 + |y_i − y_j|²)
  void compute_gradient(double exaggeration) {
    const auto total = compute_similarities();
    for (std::size_t i = 0; i < map_.size(); ++i) {
      const auto *p = joint_.row(i), *similarity = similarities_.row(i);
      double x = 0, y = 0;
      for (std::size_t j = 0; j < map_.size(); ++j) {
        const auto pull = (exaggeration * p[j] - similarity[j] / total) * similarity[j];
        x += pull * (map_[i][0] - map_[j][0]);
        y += pull * (map_[i][1] - map_[j][1]);
      }
      gradient_[i] = {4 * x, 4 * y};
    }
  }

  void move(double learning_rate, double momentum) {
    std::array<double, 2> centre{};
    for (std::size_t i = 0; i < map_.size(); ++i) {
      for (std::size_t k = 0; k < 2; ++k) {
        auto& gain = gains_[i][k];
        const bool goes_on = gradient_[i][k] * velocity_[i][k] < 0;
        gain = goes_on ? gain + kGainStep : std::max(gain * kGainDecay, kLeastGain);
        velocity_[i][k] = momentum * velocity_[i][k] - learning_rate * gain * gradient_[i][k];
        map_[i][k] += velocity_[i][k];
        centre[k] += map_[i][k] / static_cast<double>(map_.size());
      }
    }
    for (auto& point : map_) {
      for (std::size_t k = 0; k < 2; ++k) point[k] -= centre[k];
    }
  }

  SquareMatrix joint_;
  Plane map_;
  SquareMatrix similarities_;
  Plane gradient_, velocity_, gains_;
};

}  // namespace

TsneMap tsne(const Points& points, const TsneOptions& options) {
  const auto count = points.count();
  const auto most = (static_cast<double>(count) - 1) / 3;
  const auto perplexity = std::max(1.0, std::min(options.perplexity, most));
  if (count < 2) return {{2, std::vector<double>(2 * count)}, 0, perplexity};
  Descent descent(joint_probabilities(points, perplexity), start(points, options.seed));
  descent.run(options.iterations);
  TsneMap result{{2, {}}, descent.divergence(), perplexity};
  for (const auto& point : descent.map()) {
    result.points.values.insert(result.points.values.end(), point.begin(), point.end());
  }
  return result;
}

}  // namespace groklab
