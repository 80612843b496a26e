#include "report/spectrum.h"

#include <algorithm>
#include <cmath>
#include <numbers>
#include <numeric>

namespace groklab {
namespace {

// |ŵ_k|² summed over the coordinates.
double energy(const Points& rows, const std::vector<std::size_t>& order, std::size_t frequency) {
  const auto count = order.size();
  std::vector<double> real(rows.width), imaginary(rows.width);
  for (std::size_t i = 0; i < count; ++i) {
    // Reduced before it becomes an angle, which would lose digits.
    const auto turn = static_cast<double>(frequency * i % count) / static_cast<double>(count);
    const auto c = std::cos(2 * std::numbers::pi * turn), s = std::sin(2 * std::numbers::pi * turn);
    const auto* row = rows.row(order[i]);
    for (std::size_t j = 0; j < rows.width; ++j) {
      real[j] += c * row[j];
      imaginary[j] -= s * row[j];
    }
  }
  return std::inner_product(real.begin(), real.end(), real.begin(), 0.0) +
         std::inner_product(imaginary.begin(), imaginary.end(), imaginary.begin(), 0.0);
}

}  // namespace

std::vector<std::size_t> by_discrete_logarithm(std::size_t elements) {
  for (std::size_t base = 1; base < elements; ++base) {
    std::vector<std::size_t> powers{1};
    for (auto next = base; next != 1 && powers.size() < elements; next = next * base % elements) {
      powers.push_back(next);
    }
    if (powers.size() == elements - 1) return powers;
  }
  return {};
}

bool multiplies_or_divides(const std::vector<std::int64_t>& answers, std::size_t elements) {
  const auto count = static_cast<std::int64_t>(elements);
  bool multiplies = true, divides = true;
  for (std::int64_t x = 0; x < count; ++x) {
    for (std::int64_t y = 0; y < count; ++y) {
      const auto z = answers[static_cast<std::size_t>(x * count + y)];
      multiplies = multiplies && z == x * y % count;
      divides = divides && (y == 0 ? z == -1 : z >= 0 && z * y % count == x);
    }
  }
  return multiplies || divides;
}

std::vector<double> energy_shares(const Points& rows, const std::vector<std::size_t>& order) {
  // The mean changes no frequency above 0, but its size would cost digits.
  Points centred = rows;
  for (std::size_t j = 0; j < rows.width; ++j) {
    double mean = 0;
    for (const auto i : order) mean += rows.row(i)[j] / static_cast<double>(order.size());
    for (const auto i : order) centred.values[i * rows.width + j] -= mean;
  }
  std::vector<double> shares;
  for (std::size_t k = 1; k <= order.size() / 2; ++k) {
    const bool has_mirror_image = 2 * k != order.size();
    shares.push_back((has_mirror_image ? 2 : 1) * energy(centred, order, k));
  }
  const auto total = std::accumulate(shares.begin(), shares.end(), 0.0);
  for (auto& share : shares) share = total > 0 ? share / total : 0;
  return shares;
}

double amplitude_gini(const std::vector<double>& energies) {
  std::vector<double> sizes;
  for (const auto value : energies) sizes.push_back(std::sqrt(value));
  std::sort(sizes.begin(), sizes.end());
  const auto count = static_cast<double>(sizes.size());
  double weighted = 0, sum = 0;
  for (std::size_t i = 0; i < sizes.size(); ++i) {
    weighted += (2 * static_cast<double>(i + 1) - count - 1) * sizes[i];
    sum += sizes[i];
  }
  return sum > 0 ? weighted / (count * sum) : 0;
}

}  // namespace groklab
