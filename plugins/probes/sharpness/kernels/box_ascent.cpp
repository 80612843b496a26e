#include "box_ascent.h"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <deque>
#include <optional>

namespace sharpness {
namespace {

using Vector = std::vector<double>;

constexpr double kEnough = 1e-4;  // of the rise that the gradient promises: Armijo's rule
constexpr std::size_t kPairs = 10;

double dot(const Vector& a, const Vector& b) {
  double sum = 0;
  for (std::size_t i = 0; i < a.size(); ++i) sum += a[i] * b[i];
  return sum;
}

// a + factor · b.
Vector sum(const Vector& a, double factor, const Vector& b) {
  Vector result(a);
  for (std::size_t i = 0; i < a.size(); ++i) result[i] += factor * b[i];
  return result;
}

double largest(const Vector& a) {
  double size = 0;
  for (const double number : a) size = std::max(size, std::abs(number));
  return size;
}

struct Point {
  Vector y;
  double value;
  Vector gradient;
};

// Steps and how much the gradient fell along each: what L-BFGS knows of the curvature.
class Curvature {
 public:
  bool empty() const { return pairs_.empty(); }

  void add(const Vector& step, const Vector& fall) {
    if (dot(step, fall) <= 1e-10 * dot(fall, fall)) return;  // not curved towards a maximum
    pairs_.push_back({step, fall});
    if (pairs_.size() > kPairs) pairs_.pop_front();
  }

  // The two loops of Nocedal 1980: the gradient times the inverse of the curvature.
  Vector direction(Vector gradient) const {
    Vector weights(pairs_.size());
    for (std::size_t i = pairs_.size(); i-- > 0;) {
      const auto& [step, fall] = pairs_[i];
      weights[i] = dot(step, gradient) / dot(step, fall);
      gradient = sum(gradient, -weights[i], fall);
    }
    const auto& [last_step, last_fall] = pairs_.back();
    const double scale = dot(last_step, last_fall) / dot(last_fall, last_fall);
    for (double& number : gradient) number *= scale;
    for (std::size_t i = 0; i < pairs_.size(); ++i) {
      const auto& [step, fall] = pairs_[i];
      gradient = sum(gradient, weights[i] - dot(fall, gradient) / dot(step, fall), step);
    }
    return gradient;
  }

 private:
  struct Pair {
    Vector step, fall;
  };
  std::deque<Pair> pairs_;
};

// Without the components that lead out of the box.
Vector inside(const Point& at, const Vector& bounds, Vector direction) {
  for (std::size_t i = 0; i < bounds.size(); ++i) {
    const bool out = std::abs(at.y[i]) >= bounds[i] && at.y[i] * at.gradient[i] > 0;
    if (out) direction[i] = 0;
  }
  return direction;
}

// A higher point along the direction, bent where it meets the box; none if none is found.
std::optional<Point> climb(const Objective& objective, const Point& from, const Vector& direction,
                           double length, const Vector& bounds) {
  for (int trial = 0; trial < kTrials; ++trial, length /= 2) {
    auto y = sum(from.y, length, direction);
    for (std::size_t i = 0; i < y.size(); ++i) y[i] = std::clamp(y[i], -bounds[i], bounds[i]);
    auto [value, gradient] = objective(y);
    const double promised = dot(from.gradient, sum(y, -1, from.y));
    if (value > from.value && value >= from.value + kEnough * promised) {
      return Point{std::move(y), value, std::move(gradient)};
    }
  }
  return std::nullopt;
}

}  // namespace

double box_maximum(const Objective& objective, const Vector& bounds, int iterations) {
  const Vector origin(bounds.size(), 0);
  auto [value, gradient] = objective(origin);
  Point at{origin, value, std::move(gradient)};
  Curvature curvature;
  for (int i = 0; i < iterations; ++i) {
    const auto uphill = inside(at, bounds, at.gradient);
    if (!(largest(uphill) > 0)) break;
    auto direction = uphill;
    double length = 2 * largest(bounds) / largest(uphill);  // across the box
    if (!curvature.empty()) {
      const auto bent = inside(at, bounds, curvature.direction(uphill));
      if (dot(bent, uphill) > 0) {
        direction = bent;
        length = 1;
      }
    }
    auto next = climb(objective, at, direction, length, bounds);
    if (!next) break;
    curvature.add(sum(next->y, -1, at.y), sum(at.gradient, -1, next->gradient));
    at = std::move(*next);
  }
  return at.value;
}

}  // namespace sharpness
