// The kernels of the transformer by hand, each against its formula in LibTorch's operators.
#include "models/transformer/kernels/attention.h"
#include "models/transformer/kernels/elementwise.h"
#include "models/transformer/kernels/gemm.h"
#include "models/transformer/kernels/layer_norm.h"

#include "support/plugin_calls.h"

#include <gmock/gmock.h>
#include <groklab/nn.h>
#include <torch/csrc/autograd/autograd.h>

#include <vector>

namespace transformer {
namespace {

using groklab::sample_numbers;
using groklab::Tensor;

constexpr double kTolerance = 1e-12;

Matrix<double> matrix(const Tensor& tensor) {
  return {tensor.data_ptr<double>(), tensor.size(0), tensor.size(1), tensor.stride(0)};
}

void expect_near(const Tensor& found, const Tensor& expected) {
  EXPECT_TRUE(torch::allclose(found, expected, kTolerance, kTolerance))
      << (found - expected).abs().max();
}

// Fewer, as many and more rows, columns and inner numbers than a tile or a block has.
TEST(Gemm, MultipliesMatricesOfAnySize) {
  for (const std::int64_t rows : {1, 11, 12, 40}) {
    for (const std::int64_t columns : {1, 15, 16, 33, 97}) {
      for (const std::int64_t inner : {1, 127, 128, 300}) {
        const auto a = sample_numbers({rows, inner}), b = sample_numbers({inner, columns}, 1);
        const auto a_transposed = a.t().contiguous();
        auto result = torch::empty({rows, columns}, groklab::test::kFloat64);
        multiply<double>(matrix(a), matrix(b), matrix(result));
        expect_near(result, a.mm(b));
        multiply<double>(matrix(a), matrix(b), matrix(result), Into::add);
        expect_near(result, 2 * a.mm(b));
        transposed_multiply<double>(matrix(a_transposed), matrix(b), matrix(result));
        expect_near(result, a.mm(b));
      }
    }
  }
}

TEST(Gemm, MultipliesInFloat32ToItsRounding) {
  const auto a = sample_numbers({70, 300}), b = sample_numbers({300, 97}, 1);
  const auto a32 = a.to(torch::kFloat32), b32 = b.to(torch::kFloat32);
  auto result = torch::empty({70, 97}, torch::kFloat32);
  multiply<float>({a32.data_ptr<float>(), 70, 300, 300}, {b32.data_ptr<float>(), 300, 97, 97},
                  {result.data_ptr<float>(), 70, 97, 97});
  EXPECT_LT((result - a.mm(b)).abs().max().item<double>(), 1e-4);
}

TEST(Transpose, SwapsRowsAndColumns) {
  const auto a = sample_numbers({37, 18});
  auto result = torch::empty({18, 37}, groklab::test::kFloat64);
  transpose<double>(matrix(a), matrix(result));
  expect_near(result, a.t());
}

TEST(Gemm, WorksOnPartsOfMatrices) {
  const auto a = sample_numbers({6, 9}), b = sample_numbers({9, 8}, 1);
  auto result = torch::zeros({6, 8}, groklab::test::kFloat64);
  multiply<double>(matrix(a).rows_from(1, 3).columns_from(2, 4),
                   matrix(b).rows_from(2, 4).columns_from(3, 2),
                   matrix(result).rows_from(2, 3).columns_from(5, 2));
  auto expected = torch::zeros_like(result);
  expected.narrow(0, 2, 3).narrow(1, 5, 2).copy_(
      a.narrow(0, 1, 3).narrow(1, 2, 4).mm(b.narrow(0, 2, 4).narrow(1, 3, 2)));
  expect_near(result, expected);
}

class OfWidth : public testing::TestWithParam<std::int64_t> {};  // less and more than 16 lanes
INSTANTIATE_TEST_SUITE_P(Kernels, OfWidth, testing::Values(4, 16, 37));

TEST_P(OfWidth, LayerNormAndItsGradientsAreLibTorchs) {
  const auto d = GetParam();
  const auto x = sample_numbers({6, d}).requires_grad_(),
             gain = sample_numbers({d}, 1).requires_grad_(),
             bias = sample_numbers({d}, 2).requires_grad_();
  const auto expected = torch::layer_norm(x, {d}, gain, bias);
  const auto d_out = sample_numbers({6, d}, 3);
  const auto expected_gradients = torch::autograd::grad({expected}, {x, gain, bias}, {d_out});

  auto normal = x.detach().clone(), out = torch::empty_like(normal),
       scale = torch::empty({6, 1}, groklab::test::kFloat64);
  layer_norm<double>(matrix(normal), gain.data_ptr<double>(), bias.data_ptr<double>(),
                     matrix(scale), matrix(out));
  expect_near(out, expected.detach());

  auto d_x = torch::empty_like(normal), d_gain = torch::ones({d}, groklab::test::kFloat64),
       d_bias = torch::ones_like(d_gain);  // they are added to
  layer_norm_backward<double>(matrix(d_out), matrix(normal), matrix(scale), gain.data_ptr<double>(),
                              matrix(d_x), d_gain.data_ptr<double>(), d_bias.data_ptr<double>());
  expect_near(d_x, expected_gradients[0]);
  expect_near(d_gain - 1, expected_gradients[1]);
  expect_near(d_bias - 1, expected_gradients[2]);
}

// Scores, shares and mix of one query; keys and values [count, heads, width].
Tensor attention_formula(const Tensor& query, const Tensor& keys, const Tensor& values,
                         double scale) {
  const auto scores = scale * (query.view({1, keys.size(1), keys.size(2)}) * keys).sum(2);
  return (scores.softmax(0).unsqueeze(2) * values).sum(0).flatten();
}

// The kernels on `count` rows against `expected`, which is differentiable in query and rows.
void expect_attention(const Heads& heads, const Tensor& query, const Tensor& rows,
                      const Tensor& expected) {
  const auto d_mix = sample_numbers({query.size(0)}, 2);
  const auto gradients = torch::autograd::grad({expected}, {query, rows}, {d_mix});
  auto mix = torch::empty_like(d_mix), d_query = torch::zeros_like(d_mix),
       d_rows = torch::zeros_like(rows.detach());
  std::vector<double> shares(kMaxKeys * heads.count);
  const auto count = static_cast<int>(rows.size(0));
  Keys<double> given{{}, count}, wanted{{}, count};
  for (int j = 0; j < count; ++j) {
    given.row[j] = matrix(rows).row(j);
    wanted.row[j] = matrix(d_rows).row(j);
  }
  attend<double>(heads, query.data_ptr<double>(), given, shares.data(), mix.data_ptr<double>());
  expect_near(mix, expected.detach());
  attend_backward<double>(heads, query.data_ptr<double>(), given, shares.data(),
                          d_mix.data_ptr<double>(), d_query.data_ptr<double>(), wanted);
  expect_near(d_query, gradients[0]);
  expect_near(d_rows, gradients[1]);
}

TEST_P(OfWidth, AttentionToKeysAndValuesIsTheSoftmaxFormula) {
  const std::int64_t count = 2, width = GetParam(), d = count * width;
  for (std::int64_t keys = 1; keys <= kMaxKeys; ++keys) {
    const auto query = sample_numbers({d}).requires_grad_();
    const auto rows = sample_numbers({keys, 2 * d}, 1).requires_grad_();
    const auto parts = rows.view({keys, 2, count, width}).unbind(1);
    expect_attention(
        Heads::of_keys_and_values(count, width), query, rows,
        attention_formula(query, parts[0], parts[1], 1 / std::sqrt(static_cast<double>(width))));
  }
}

TEST_P(OfWidth, AttentionToWholeRowsIsTheSoftmaxFormula) {
  const std::int64_t count = 2, d = GetParam();
  for (std::int64_t keys = 1; keys <= kMaxKeys; ++keys) {
    const auto query = sample_numbers({count * d}).requires_grad_();
    const auto rows = sample_numbers({keys, d}, 1).requires_grad_();
    const auto of_every_head = rows.unsqueeze(1).expand({keys, count, d});
    expect_attention(Heads::of_whole_rows(count, d), query, rows,
                     attention_formula(query, of_every_head, of_every_head,
                                       1 / std::sqrt(static_cast<double>(d) / count)));
  }
}

TEST(Relu, KeepsWhatIsPositiveForwardAndBackward) {
  auto x = torch::tensor({{-1.0, 0.0, 2.0, std::nan("")}}, groklab::test::kFloat64);
  relu(matrix(x));
  expect_near(x.narrow(1, 0, 3), torch::tensor({{0.0, 0.0, 2.0}}, groklab::test::kFloat64));
  EXPECT_TRUE(std::isnan(x[0][3].item<double>()));  // a run that diverges shows it
  auto d = torch::ones({1, 3}, groklab::test::kFloat64);
  relu_backward<double>(matrix(x).columns_from(0, 3), matrix(d));
  expect_near(d, torch::tensor({{0.0, 0.0, 1.0}}, groklab::test::kFloat64));
}

TEST(SumParts, AddsInOrderAndGivesZeroForNone) {
  const auto a = sample_numbers({2, 5}), b = sample_numbers({2, 5}, 1);
  auto sum = torch::ones_like(a);
  const Matrix<const double> parts[] = {matrix(a), matrix(b)};
  sum_parts<double>(parts, 2, matrix(sum));
  expect_near(sum, a + b);
  sum_parts<double>(nullptr, 0, matrix(sum));
  expect_near(sum, torch::zeros_like(a));
}

}  // namespace
}  // namespace transformer
