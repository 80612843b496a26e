#include <groklab/nn.h>

#include <gmock/gmock.h>
#include <torch/csrc/autograd/autograd.h>

#include <cmath>

namespace groklab {
namespace {

const auto kWide = torch::TensorOptions().dtype(torch::kFloat64);

// Numbers without a generator: reproducible, of both signs.
Tensor numbers(std::vector<std::int64_t> shape, double phase) {
  std::int64_t count = 1;
  for (const auto size : shape) count *= size;
  return torch::sin(torch::arange(count, kWide) * 1.7 + phase).view(shape);
}

void expect_near(const Tensor& a, const Tensor& b, double tolerance = 1e-12) {
  ASSERT_EQ(a.sizes(), b.sizes());
  EXPECT_LT((a - b).abs().max().item<double>(), tolerance);
}

TEST(Linear, IsAProductForEachReplica) {
  const auto x = numbers({3, 5, 4}, 0), weight = numbers({3, 4, 2}, 1), bias = numbers({3, 2}, 2);
  for (std::int64_t r = 0; r < 3; ++r) {
    expect_near(nn::linear(x, weight)[r], x[r].mm(weight[r]));
    expect_near(nn::linear(x, weight, bias)[r], x[r].mm(weight[r]) + bias[r]);
  }
}

TEST(Embedding, TakesRowsAndReturnsTheirSummedGradients) {
  const auto table = numbers({2, 5, 3}, 0).requires_grad_(true);
  const auto tokens = torch::tensor({{4, 1, 4, 0}, {2, 2, 2, 3}}, torch::kInt64);
  const auto upstream = numbers({2, 4, 3}, 1);
  const auto rows = nn::embedding(table, tokens);
  const auto gradient = torch::autograd::grad({rows}, {table}, {upstream})[0];
  for (std::int64_t r = 0; r < 2; ++r) {
    expect_near(rows[r].detach(), table[r].index_select(0, tokens[r]).detach());
    const auto expected = torch::zeros({5, 3}, kWide).index_add(0, tokens[r], upstream[r]);
    expect_near(gradient[r], expected);
  }
}

TEST(Embedding, TakesRowsOfAnyShape) {
  const auto table = numbers({2, 5, 3, 4}, 0).transpose(2, 3).requires_grad_(true);
  const auto tokens = torch::tensor({{4, 1, 4}, {2, 2, 3}}, torch::kInt64);
  const auto upstream = numbers({2, 3, 4, 3}, 1);
  const auto rows = nn::embedding(table, tokens);
  expect_near(rows.flatten(2).detach(), nn::embedding(table.flatten(2), tokens).detach());
  const auto gradient = torch::autograd::grad({rows}, {table}, {upstream})[0];
  expect_near(gradient[0][4], upstream[0][0] + upstream[0][2]);
  expect_near(gradient[1][2], upstream[1][0] + upstream[1][1]);
  expect_near(gradient[1][4], torch::zeros({4, 3}, kWide));
}

TEST(LayerNorm, HasTheLibrarysGradientsForEachReplica) {
  const auto upstream = numbers({2, 5, 8}, 3);
  const std::vector<Tensor> inputs{numbers({2, 5, 8}, 0).requires_grad_(true),
                                   numbers({2, 8}, 1).requires_grad_(true),
                                   numbers({2, 8}, 2).requires_grad_(true)};
  const auto ours =
      torch::autograd::grad({nn::layer_norm(inputs[0], inputs[1], inputs[2])}, inputs, {upstream});
  for (std::int64_t r = 0; r < 2; ++r) {
    const auto normal = torch::layer_norm(inputs[0][r], {8}, inputs[1][r], inputs[2][r], 1e-5);
    const auto expected = torch::autograd::grad({normal}, inputs, {upstream[r]});
    for (std::size_t i = 0; i < inputs.size(); ++i) expect_near(ours[i][r], expected[i][r]);
  }
}

TEST(LayerNorm, IsTheLibrarysWithAGainForEachReplica) {
  const auto x = numbers({2, 5, 8}, 0), gain = numbers({2, 8}, 1), bias = numbers({2, 8}, 2);
  const auto normal = nn::layer_norm(x, gain, bias);
  for (std::int64_t r = 0; r < 2; ++r) {
    expect_near(normal[r], torch::layer_norm(x[r], {8}, gain[r], bias[r], 1e-5));
  }
}

// Written out as sums over heads, positions and columns.
Tensor attention_by_hand(const Tensor& qkv, std::int64_t heads) {
  const auto length = qkv.size(0), width = qkv.size(1) / 3, size = width / heads;
  const auto in = qkv.accessor<double, 2>();
  auto result = torch::zeros({length, width}, kWide);
  auto out = result.accessor<double, 2>();
  for (std::int64_t head = 0; head < heads; ++head) {
    for (std::int64_t t = 0; t < length; ++t) {
      std::vector<double> weights(t + 1);
      double total = 0;
      for (std::int64_t s = 0; s <= t; ++s) {
        double score = 0;
        for (std::int64_t c = head * size; c < (head + 1) * size; ++c) {
          score += in[t][c] * in[s][width + c];
        }
        total += weights[s] = std::exp(score / std::sqrt(static_cast<double>(size)));
      }
      for (std::int64_t s = 0; s <= t; ++s) {
        for (std::int64_t c = head * size; c < (head + 1) * size; ++c) {
          out[t][c] += weights[s] / total * in[s][2 * width + c];
        }
      }
    }
  }
  return result;
}

TEST(CausalAttention, IsTheFormula) {
  const auto qkv = numbers({2, 3, 4, 24}, 0);  // R, N, T, 3 d
  const auto mixed = nn::causal_attention(qkv, 2);
  for (std::int64_t r = 0; r < 2; ++r) {
    for (std::int64_t n = 0; n < 3; ++n) expect_near(mixed[r][n], attention_by_hand(qkv[r][n], 2));
  }
}

TEST(CausalAttention, DoesNotSeeTheFuture) {
  const auto qkv = numbers({1, 1, 4, 24}, 0);
  auto changed = qkv.clone();
  changed.select(2, 3).add_(1);
  const auto a = nn::causal_attention(qkv, 2), b = nn::causal_attention(changed, 2);
  EXPECT_TRUE(torch::equal(a.narrow(2, 0, 3), b.narrow(2, 0, 3)));
  EXPECT_FALSE(torch::equal(a.select(2, 3), b.select(2, 3)));
}

TEST(SinusoidalPositions, AreThoseOfVaswaniEtAl) {
  const auto table = nn::sinusoidal_positions(3, 4, kWide);
  const double slow = 2 / std::pow(10000, 2.0 / 4);
  const auto expected =
      torch::tensor({std::sin(2.0), std::cos(2.0), std::sin(slow), std::cos(slow)}, kWide);
  expect_near(table[2], expected);
  expect_near(table[0], torch::tensor({0.0, 1.0, 0.0, 1.0}, kWide));
}

TEST(ValidRows, AreAsTheyWereAndTheOthersZeroWithoutAGradient) {
  auto logits = numbers({1, 3, 2}, 0);
  logits[0][1][0] = NAN;
  logits[0][1][1] = INFINITY;
  logits.requires_grad_(true);
  const auto weights = torch::tensor({{0.5, 0.0, 0.5}}, kWide);
  const auto rows = nn::valid_rows(logits, weights);
  EXPECT_TRUE(torch::equal(rows[0][0], logits[0][0]));
  EXPECT_TRUE(torch::equal(rows[0][1], torch::zeros({2}, kWide)));
  const auto upstream = torch::full({1, 3, 2}, 7.0, kWide);
  const auto gradient = torch::autograd::grad({rows}, {logits}, {upstream})[0];
  EXPECT_TRUE(torch::equal(gradient[0][1], torch::zeros({2}, kWide)));
  EXPECT_TRUE(torch::equal(gradient[0][2], upstream[0][2]));
}

// Of Σ x³ the gradient is 3 x², its Hessian H = diag(6 x). With the projection P = 1 − 1/K they
// become P 3 x² and P H P.
TEST(WithZeroSumGradient, IsTheIdentityWithAProjectedGradientAndItsDerivative) {
  const auto x = numbers({2, 3, 5}, 0).requires_grad_(true);
  const auto v = numbers({2, 3, 5}, 1);
  const auto projected = [](const Tensor& g) { return g - g.sum(-1, true) / 5; };
  const auto same = nn::with_zero_sum_gradient(x);
  EXPECT_TRUE(torch::equal(same, x));
  const auto gradient =
      torch::autograd::grad({same.pow(3).sum()}, {x}, {}, true, /*create_graph=*/true)[0];
  expect_near(gradient, projected(3 * x.square()).detach(), 1e-14);
  EXPECT_LT(gradient.sum(-1).abs().max().item<double>(), 1e-14);
  const auto second = torch::autograd::grad({(gradient * v).sum()}, {x})[0];
  expect_near(second, projected(6 * x * projected(v)).detach(), 1e-14);
}

}  // namespace
}  // namespace groklab
