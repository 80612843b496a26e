#include "support/plugin_calls.h"

#include <gmock/gmock.h>

namespace groklab {
namespace {

TEST(Transformer, RefusesHeadsThatDoNotDivideTheWidth) {
  try {
    test::make_plugin<Model>("transformer",
                             {{"width", std::int64_t{10}}, {"heads", std::int64_t{4}}});
    FAIL();
  } catch (const Error& error) {
    EXPECT_STREQ(error.what(), "model transformer: width 10 is not a multiple of heads 4");
  }
}

TEST(Transformer, TellsTheOperandsApartByTheirPlace) {
  const auto model = test::make_plugin<Model>("transformer", {{"width", std::int64_t{16}}});
  const auto weights = test::numbered_weights(*model, 5, 1);
  const auto one = torch::full({1, 1}, 1, torch::kInt64),
             two = torch::full({1, 1}, 2, torch::kInt64);
  const auto forth = model->forward(weights, {one, two}),
             back = model->forward(weights, {two, one});
  EXPECT_GT((forth - back).abs().max().item<double>(), 1e-3);
}

TEST(Mlp, IsItsFormula) {
  const auto model =
      test::make_plugin<Model>("mlp", {{"width", std::int64_t{2}}, {"hidden", std::int64_t{3}}});
  const auto weights = test::numbered_weights(*model, 4, 1);
  const auto logits = model->forward(
      weights, {torch::full({1, 1}, 3, torch::kInt64), torch::full({1, 1}, 1, torch::kInt64)});
  const auto table = weights["embedding"][0], first = weights["layers.0.weight"][0],
             bias = weights["layers.0.bias"][0], head = weights["head"][0];
  for (int k = 0; k < 4; ++k) {
    double logit = 0;
    for (int unit = 0; unit < 3; ++unit) {
      double sum = bias[unit].item<double>();
      for (int c = 0; c < 2; ++c) {
        sum += (table[3][c] * first[c][unit] + table[1][c] * first[2 + c][unit]).item<double>();
      }
      logit += std::max(sum, 0.0) * head[unit][k].item<double>();
    }
    EXPECT_NEAR(logits[0][0][k].item<double>(), logit, 1e-14);
  }
}

// Elements are opaque: renaming them, with the embedding and output rows renamed alike, must leave
// the whole trajectory as it was.
TEST(Transformer, RenamingElementsLeavesTheLogitsUnchangedUpToTheNames) {
  const std::int64_t elements = 5;
  const auto model = test::make_plugin<Model>("transformer", {{"width", std::int64_t{16}}});
  const auto weights = test::numbered_weights(*model, elements, 1);
  const auto names = torch::tensor({3, 0, 4, 1, 2}, torch::kInt64);  // element e is now names[e]

  const Weights renamed(std::make_shared<const ParameterLayout>(weights.layout()),
                        weights.flat().clone());
  for (std::int64_t e = 0; e < elements; ++e) {
    const auto name = names[e].item<std::int64_t>();
    renamed["embedding"][0][name].copy_(weights["embedding"][0][e]);
    renamed["head"][0].select(1, name).copy_(weights["head"][0].select(1, e));
  }
  const auto x = torch::tensor({{0, 1, 4, 2}}, torch::kInt64),
             y = torch::tensor({{3, 3, 0, 2}}, torch::kInt64);
  const auto before = model->forward(weights, {x, y});
  const auto after = model->forward(renamed, {names.index({x}), names.index({y})});
  EXPECT_LT((after.index_select(2, names) - before).abs().max().item<double>(), 1e-12);
}

}  // namespace
}  // namespace groklab
