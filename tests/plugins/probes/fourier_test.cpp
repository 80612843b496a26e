#include "support/snapshots.h"

#include <gmock/gmock.h>
#include <groklab/error.h>
#include <groklab/probe.h>

#include <cmath>
#include <complex>
#include <numbers>

namespace groklab {
namespace {

using testing::HasSubstr;
using testing::ThrowsMessage;

using Answer = std::function<std::int64_t(std::int64_t, std::int64_t)>;

struct Measured {
  double gini, participation, top_5;
};

// Of a network whose embedding and output rows are `rows` [K, d], on the table of `answer`.
Measured measured(
    const Tensor& rows, const std::string& order = "auto",
    const Answer& answer = [](auto, auto) { return 0; }) {
  const auto elements = rows.size(0);
  const auto model = test::make_plugin<Model>("mlp");
  test::OneSnapshot shown("mlp", test::numbered_weights(*model, elements, 1));
  shown.model->build({elements});
  shown.model->embedding(shown.weights)[0].zero_().narrow(1, 0, rows.size(1)).copy_(rows);
  shown.model->output_rows(shown.weights)[0].zero_().narrow(1, 3, rows.size(1)).copy_(rows);
  std::vector<std::int64_t> answers;
  for (std::int64_t x = 0; x < elements; ++x) {
    for (std::int64_t y = 0; y < elements; ++y) answers.push_back(answer(x, y));
  }
  shown.snapshot.answers = torch::tensor(answers).unsqueeze(0);
  const auto all = test::make_plugin<Probe>("fourier", {{"order", order}})->measure(shown.snapshot);
  std::vector<double> numbers;
  for (const auto& [name, values] : all) numbers.push_back(values.item<double>());
  EXPECT_EQ(numbers.size(), 6U);
  EXPECT_EQ(all[0].first, "embedding_gini");
  EXPECT_EQ(all[5].first, "output_top_5");
  for (int i = 0; i < 3; ++i) EXPECT_NEAR(numbers[i], numbers[i + 3], 1e-12);
  return {numbers[0], numbers[1], numbers[2]};
}

// cos(2π k place / n) for place 0 … n − 1: [n, 1].
Tensor cosine(std::int64_t n, std::int64_t k) {
  const double turn = 2 * std::numbers::pi * static_cast<double>(k) / static_cast<double>(n);
  return torch::cos(torch::arange(n, test::kFloat64) * turn).unsqueeze(1);
}

TEST(Fourier, OfOneCosineIsOneFrequencyWhateverTheMean) {
  const auto found = measured(torch::cat({cosine(97, 5), 3 * cosine(97, 92) + 100}, 1));
  EXPECT_NEAR(found.gini, 1 - 1.0 / 48, 1e-6);
  EXPECT_NEAR(found.participation, 1, 1e-12);
  EXPECT_NEAR(found.top_5, 1, 1e-12);
}

TEST(Fourier, OfOneElementIsAllFrequenciesAlike) {
  const auto rows = torch::zeros({97, 2}, test::kFloat64);
  rows[12][1] = 4;
  const auto found = measured(rows);
  EXPECT_NEAR(found.gini, 0, 1e-12);
  EXPECT_NEAR(found.participation, 1.0 / 48, 1e-12);
  EXPECT_NEAR(found.top_5, 5.0 / 48, 1e-12);
}

// Alternating signs are the one frequency of an even n without a mirror image. By Parseval, equal
// sums of squares are equal energies.
TEST(Fourier, WeighsTheFrequencyOfAlternatingSignsAsAnyOther) {
  const auto found = measured(torch::cat({cosine(12, 6), std::sqrt(2) * cosine(12, 2)}, 1));
  EXPECT_NEAR(found.participation, 0.5, 1e-12);
  EXPECT_NEAR(found.gini, 1 - 2.0 / 6, 1e-6);
}

TEST(Fourier, IsItsFormulasOverADefinitionOfTheTransform) {
  const int n = 13, columns = 3;
  const auto rows = sample_numbers({n, columns});
  std::vector<double> sizes;
  double sum = 0, squares = 0;
  for (int k = 1; k <= n / 2; ++k) {
    double energy = 0;
    for (int column = 0; column < columns; ++column) {
      std::complex<double> coefficient = 0;
      for (int place = 0; place < n; ++place) {
        coefficient += rows[place][column].item<double>() *
                       std::polar(1.0, -2 * std::numbers::pi * k * place / n);
      }
      energy += 2 * std::norm(coefficient);
    }
    sizes.push_back(std::sqrt(energy));
    sum += energy;
    squares += energy * energy;
  }
  double differences = 0, total = 0;  // Gini: the mean difference over twice the mean
  for (const double a : sizes) {
    total += a;
    for (const double b : sizes) differences += std::abs(a - b);
  }
  const auto least = *std::min_element(sizes.begin(), sizes.end());
  const auto found = measured(rows);
  EXPECT_NEAR(found.gini, differences / (2 * static_cast<double>(sizes.size()) * total), 1e-12);
  EXPECT_NEAR(found.participation, squares / (sum * sum), 1e-12);
  EXPECT_NEAR(found.top_5, 1 - least * least / sum, 1e-12);  // all of six but one
}

// A cosine over the exponents of 5, the smallest primitive root of 97; 0 has no logarithm.
Tensor logarithmic_cosine() {
  const auto rows = torch::full({97, 1}, 1e3, test::kFloat64);
  std::int64_t power = 1;
  for (int exponent = 0; exponent < 96; ++exponent, power = power * 5 % 97) {
    rows[power][0] = std::cos(2 * std::numbers::pi * 7 * exponent / 96);
  }
  return rows;
}

std::int64_t divided(std::int64_t x, std::int64_t y) {
  for (std::int64_t z = 0; z < 97 && y != 0; ++z) {
    if (z * y % 97 == x) return z;
  }
  return -1;
}

TEST(Fourier, OrdersByTheDiscreteLogarithmWhereTheTableMultipliesOrDivides) {
  const auto rows = logarithmic_cosine();
  const auto multiply = [](auto x, auto y) { return x * y % 97; };
  const auto add = [](auto x, auto y) { return (x + y) % 97; };
  EXPECT_NEAR(measured(rows, "auto", multiply).participation, 1, 1e-12);
  EXPECT_NEAR(measured(rows, "auto", divided).participation, 1, 1e-12);
  EXPECT_NEAR(measured(rows, "discrete_logarithm", add).participation, 1, 1e-12);
  EXPECT_LT(measured(rows, "auto", add).participation, 0.1);
  EXPECT_LT(measured(rows, "residues", multiply).participation, 0.1);
  const auto nearly = [&](auto x, auto y) { return x == 3 && y == 4 ? 0 : multiply(x, y); };
  EXPECT_LT(measured(rows, "auto", nearly).participation, 0.1);
}

TEST(Fourier, RefusesLogarithmsWhereThereAreNone) {
  EXPECT_THAT([] { measured(cosine(12, 2), "discrete_logarithm"); },
              ThrowsMessage<Error>(HasSubstr("needs a prime number of elements, not 12")));
  const auto multiply = [](auto x, auto y) { return x * y % 12; };
  EXPECT_NEAR(measured(cosine(12, 2), "auto", multiply).participation, 1, 1e-12);
}

}  // namespace
}  // namespace groklab
