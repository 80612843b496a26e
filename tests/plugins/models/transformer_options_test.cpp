// The transformer's options: that its computations agree for each, what dropout leaves out and
// when, and what is refused. Their numbers are compared with PyTorch's in tests/golden.
#include "support/plugin_calls.h"

#include <gmock/gmock.h>
#include <torch/csrc/autograd/autograd.h>

#include <cmath>
#include <set>

namespace groklab {
namespace {

using testing::HasSubstr;
using testing::ThrowsMessage;

using Values = std::map<std::string, Value>;

constexpr std::int64_t kElements = 7, kReplicas = 2, kBatch = 30;

Values with(Values values, const Values& more) {
  for (const auto& [name, value] : more) values[name] = value;
  return values;
}

std::unique_ptr<Model> transformer(const Values& values) {
  return test::make_plugin<Model>("transformer", values);
}

// Every combination of options but dropout, at a size of a few numbers.
std::vector<Values> combinations(std::int64_t layers) {
  std::vector<Values> all{{{"layers", layers}, {"width", std::int64_t{16}}}};
  const auto vary = [&](const std::string& name, const std::vector<Value>& choices) {
    std::vector<Values> more;
    for (const auto& values : all) {
      for (const auto& choice : choices) more.push_back(with(values, {{name, choice}}));
    }
    all = std::move(more);
  };
  const auto text = [](const char* word) { return Value(std::string(word)); };
  vary("positions", {text("sinusoidal"), text("learned")});
  vary("norm", {text("post"), text("pre"), text("none")});
  vary("activation", {text("relu"), text("gelu")});
  vary("biases", {false, true});
  vary("tied_embeddings", {false, true});
  return all;
}

std::string text_of(const Values& values) {
  std::string text;
  for (const auto& [name, value] : values) text += name + "=" + to_text(value) + " ";
  return text;
}

struct Outcome {
  Tensor logits, gradient;
};

Outcome outcome(const Values& values, const Step* step = nullptr) {
  const auto model = transformer(values);
  const auto weights = test::numbered_weights(*model, kElements, kReplicas);
  const auto leaf = (weights.flat() * 0.3).requires_grad_(true);
  const auto tokens = [](double phase) {
    const auto numbers = sample_numbers({kReplicas, kBatch}, phase).abs();
    return (numbers * static_cast<double>(kElements)).to(torch::kInt64);
  };
  const auto logits =
      model->forward(Weights(weights.shared_layout(), leaf), {tokens(1), tokens(2), step});
  const auto along = sample_numbers({kReplicas, kBatch, kElements}, 3);
  return {logits.detach(), torch::autograd::grad({logits}, {leaf}, {along})[0]};
}

void expect_equal(const Outcome& found, const Outcome& expected, const std::string& what) {
  const auto deviation = [](const Tensor& a, const Tensor& b) {
    return ((a - b).abs().max() / b.abs().max()).item<double>();
  };
  EXPECT_LT(deviation(found.logits, expected.logits), 1e-12) << what;
  EXPECT_LT(deviation(found.gradient, expected.gradient), 1e-12) << what;
}

class OptionsOfLayers : public testing::TestWithParam<std::int64_t> {};
INSTANTIATE_TEST_SUITE_P(Transformer, OptionsOfLayers, testing::Values(1, 3));

TEST_P(OptionsOfLayers, AgreeInEveryComputation) {
  for (const auto& values : combinations(GetParam())) {
    const auto plain = outcome(with(values, {{"computation", "plain"}}));
    for (const auto* computation : {"trimmed", "shared", "auto"}) {
      expect_equal(outcome(with(values, {{"computation", computation}})), plain,
                   text_of(values) + computation);
    }
  }
}

TEST_P(OptionsOfLayers, AgreeWithDropoutWhereverAnAnswerIsComputed) {
  const auto step = sample_step(3, std::vector<double>(kReplicas, 0.1));
  for (const auto& values : combinations(GetParam())) {
    const auto dropping = with(values, {{"dropout", 0.3}});
    const auto plain = outcome(with(dropping, {{"computation", "plain"}}), &step);
    for (const auto* computation : {"trimmed", "auto"}) {
      expect_equal(outcome(with(dropping, {{"computation", computation}}), &step), plain,
                   text_of(dropping) + computation);
    }
    const auto whole = outcome(with(values, {{"computation", "plain"}}), &step);
    EXPECT_FALSE(torch::allclose(plain.logits, whole.logits)) << text_of(values);
  }
}

TEST_P(OptionsOfLayers, DropNothingOutsideOfTrainingSteps) {
  for (const auto& values : combinations(GetParam())) {
    for (const auto* computation : {"trimmed", "auto"}) {
      const auto same = with(values, {{"computation", computation}});
      const auto found = outcome(with(same, {{"dropout", 0.3}})), expected = outcome(same);
      EXPECT_TRUE(torch::equal(found.logits, expected.logits)) << text_of(same);
      EXPECT_TRUE(torch::equal(found.gradient, expected.gradient)) << text_of(same);
    }
  }
}

// A network whose logits are what dropout leaves of a 1 at each number of the answer's row: all
// weights are 0, but for the bias of the MLP's output and a head that hands the row over.
Tensor masks(double rate, std::int64_t batch, const Step& step) {
  const std::int64_t width = 16, replicas = step.learning_rate.size(0);
  const auto model = transformer({{"layers", std::int64_t{1}},
                                  {"width", width},
                                  {"norm", "none"},
                                  {"positions", "learned"},
                                  {"biases", true},
                                  {"dropout", rate}});
  const auto layout = std::make_shared<const ParameterLayout>(model->build({width}));
  const Weights weights(layout, torch::zeros({replicas, layout->buffer_size()}, test::kFloat64));
  weights["blocks.0.mlp.output.bias"].fill_(1);
  weights["head"].copy_(torch::eye(width, test::kFloat64));
  const auto zeros = torch::zeros({replicas, batch}, torch::kInt64);
  return model->forward(weights, {zeros, zeros, &step});
}

Step step_of(std::vector<std::uint64_t> seeds, std::int64_t number) {
  return {torch::full({1}, static_cast<double>(number), test::kFloat64),
          torch::full({static_cast<std::int64_t>(seeds.size())}, 0.1, test::kFloat64),
          Noise(seeds, number)};
}

TEST(TransformerDropout, ZeroesItsShareOfNumbersAndScalesTheOthers) {
  for (const double rate : {0.1, 0.5, 0.9}) {
    const auto made = masks(rate, 1000, step_of({1}, 1));  // 16,000 numbers
    const auto is_zero = made.eq(0);
    EXPECT_LT((made - 1 / (1 - rate)).masked_fill(is_zero, 0).abs().max().item<double>(), 1e-12);
    const auto deviation = std::sqrt(rate * (1 - rate) / static_cast<double>(made.numel()));
    EXPECT_NEAR(is_zero.to(torch::kFloat64).mean().item<double>(), rate, 4 * deviation);
  }
}

TEST(TransformerDropout, DrawsAnewAtEachStepAndForEachSeed) {
  const auto made = masks(0.5, 100, step_of({1, 2}, 1));
  EXPECT_TRUE(torch::equal(made, masks(0.5, 100, step_of({1, 2}, 1))));
  const auto share_equal = [](const Tensor& a, const Tensor& b) {
    return a.eq(b).to(torch::kFloat64).mean().item<double>();
  };
  EXPECT_NEAR(share_equal(made[0], made[1]), 0.5, 0.06);
  EXPECT_NEAR(share_equal(made, masks(0.5, 100, step_of({1, 2}, 2))), 0.5, 0.06);
}

TEST(TransformerDropout, OfARowDependsNeitherOnThePackNorOnRowsBehindIt) {
  const auto made = masks(0.5, 20, step_of({1, 2}, 1));
  EXPECT_TRUE(torch::equal(made[1], masks(0.5, 20, step_of({2}, 1))[0]));
  EXPECT_TRUE(torch::equal(made.narrow(1, 0, 15), masks(0.5, 15, step_of({1, 2}, 1))));
}

TEST(TransformerOptions, RefuseAComputationThatIsNotWrittenForThem) {
  const auto refusal = [](const Values& values, const char* message) {
    EXPECT_THAT([&] { transformer(values); }, ThrowsMessage<Error>(HasSubstr(message)));
  };
  refusal({{"computation", "fused"}, {"norm", "pre"}, {"biases", true}},
          "computation: fused is not written for norm: pre, biases: true; computation: auto takes "
          "shared, which is, on the CPU");
  refusal(
      {{"computation", "fused"}, {"layers", std::int64_t{1}}},
      "computation: fused is not written for layers: 1; computation: auto takes shared, which is, "
      "on the CPU");
  for (const std::string computation : {"fused", "shared"}) {
    refusal({{"computation", computation}, {"dropout", 0.1}},
            ("computation " + computation +
             " computes equal rows once, but dropout makes them differ; use auto")
                .c_str());
  }
}

TEST(TransformerOptions, SayHowAStepIsComputed) {
  EXPECT_EQ(transformer({})->computation(), "fused");
  EXPECT_EQ(transformer({{"computation", "plain"}, {"norm", "pre"}})->computation(), "plain");
  EXPECT_EQ(transformer({{"norm", "none"}, {"activation", "gelu"}})->computation(),
            "shared (fused is not written for norm: none, activation: gelu)");
  EXPECT_EQ(transformer({{"dropout", 0.1}})->computation(),
            "trimmed (fused is not written for dropout)");
}

std::set<std::string> names_of_role(const ParameterLayout& layout, Role role) {
  std::set<std::string> names;
  for (const auto& entry : layout.entries()) {
    if (entry.role == role) names.insert(entry.name);
  }
  return names;
}

TEST(TransformerOptions, GiveEachParameterItsRole) {
  const auto all = transformer({{"positions", "learned"}, {"biases", true}, {"norm", "pre"}})
                       ->build({kElements});
  EXPECT_THAT(names_of_role(all, Role::embedding), testing::ElementsAre("embedding", "positions"));
  EXPECT_THAT(names_of_role(all, Role::head), testing::ElementsAre("head", "head.bias"));
  EXPECT_THAT(names_of_role(all, Role::hidden),
              testing::IsSupersetOf({"final_norm.gain", "blocks.1.attention.qkv.bias"}));

  const auto least = transformer({{"norm", "none"}, {"tied_embeddings", true}})->build({kElements});
  EXPECT_THAT(names_of_role(least, Role::head), testing::IsEmpty());
  EXPECT_EQ(least.entries().size(), 1U + 2 * 4);
}

TEST(TransformerOptions, ReadTheHeadsRowsFromATiedEmbedding) {
  const auto model = transformer({{"tied_embeddings", true}});
  const auto weights = test::numbered_weights(*model, kElements, kReplicas);
  EXPECT_TRUE(torch::equal(model->output_rows(weights), model->embedding(weights)));
  EXPECT_TRUE(
      torch::equal(model->output_rows(weights), weights["embedding"].narrow(1, 0, kElements)));
}

}  // namespace
}  // namespace groklab
