#include "spec/experiment.h"

#include "framework/spec/example_schemas.h"

#include <gmock/gmock.h>

#include <set>

namespace groklab {
namespace {

using test::kExample;
using test::read_example;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::MatchesRegex;
using testing::Pair;
using testing::ThrowsMessage;

constexpr const char* kFull = R"(experiment: demo
claim: 'It says: "50 %", # and \ more'
precision: float64
operation: {name: add, modulus: 113}
model: {name: net, layers: 1, positions: learned, bias: true}
loss: entropy
optimizer: {name: adam, learning_rate: 0.1, beta1: 0.98, weight_decay: 1}
regularizers: [{name: noise, strength: 1e-30}, {name: clamp, norm: 123456789.123}]
probes: [norms, {name: norms, as: again, label: 'null'}]
data: {train_fraction: 0.333}
training: {steps: 7, batch_size: full}
stop: {when: generalized, patience: 12}
seed: {split: 1, init: 2, batches: 3, noise: 9007199254740993}
)";

std::string identity(const std::string& text, const std::vector<std::string>& overrides = {}) {
  return read_example(text, overrides).identity();
}

// Every setting but its origin.
std::vector<std::pair<std::string, Value>> values(const Experiment& experiment) {
  std::vector<std::pair<std::string, Value>> all;
  for (const auto& setting : experiment.flatten()) all.emplace_back(setting.key, setting.value);
  return all;
}

TEST(Section, ReadsItsSettingsByName) {
  const auto experiment = read_example(kFull);
  EXPECT_EQ(experiment.operation.integer("modulus"), 113);
  EXPECT_EQ(experiment.data.real("train_fraction"), 0.333);
  EXPECT_EQ(experiment.model.text("positions"), "learned");
  EXPECT_THAT([&] { experiment.model.at("width"); },
              ThrowsMessage<std::logic_error>("no setting 'width'"));
}

TEST(Section, GivesTheParametersThatItsPluginIsCreatedWith) {
  const auto params = read_example(kFull).optimizer.params();
  EXPECT_EQ(params.replicas(), 1U);
  EXPECT_EQ(params.real("beta1"), 0.98);
  EXPECT_THAT(params.per_replica("learning_rate"), ElementsAre(0.1));
}

TEST(Experiment, HasASeedForEachPurpose) {
  const auto seeds = read_example(kFull).seeds();
  EXPECT_EQ(seeds.split, 1U);
  EXPECT_EQ(seeds.init, 2U);
  EXPECT_EQ(seeds.batches, 3U);
  EXPECT_EQ(seeds.noise, 9007199254740993U);
}

TEST(Experiment, FlattensToPathsInTheOrderOfASpec) {
  std::vector<std::string> keys;
  for (const auto& setting : read_example(kFull).flatten()) keys.push_back(setting.key);
  EXPECT_THAT(
      keys,
      ElementsAre("experiment", "claim", "precision", "device", "operation.name",
                  "operation.modulus", "data.train_fraction", "data.split_by", "data.outliers",
                  "model.name", "model.layers", "model.positions", "model.bias", "loss.name",
                  "optimizer.name", "optimizer.learning_rate", "optimizer.beta1",
                  "optimizer.weight_decay", "schedule.warmup_steps", "schedule.warmup_start",
                  "schedule.shape", "schedule.final_factor", "training.steps",
                  "training.batch_size", "evaluation.every", "evaluation.points_per_decade",
                  "stop.when", "stop.patience", "checkpoint.every", "seed.split", "seed.init",
                  "seed.batches", "seed.noise", "regularizers.0.name", "regularizers.0.strength",
                  "regularizers.1.name", "regularizers.1.norm", "probes.0.name", "probes.0.label",
                  "probes.1.name", "probes.1.as", "probes.1.label"));
}

TEST(Identity, Is16HexadecimalDigits) {
  EXPECT_THAT(identity(kExample), MatchesRegex("[0-9a-f]+"));
  EXPECT_EQ(identity(kExample).size(), 16U);
}

TEST(Identity, IsTheSameForTheSameSettingsHoweverTheyAreWritten) {
  EXPECT_EQ(identity(kExample), identity("optimizer: {beta1: 8e-1, name: 'adam'}\nloss: {name: "
                                         "entropy}\nexperiment: demo\nmodel: {name: net, layers: "
                                         "2}\noperation: {name: add, modulus: 97}\nseed: 0\n"));
}

TEST(Identity, IgnoresNameClaimCheckpointsAndDevice) {
  EXPECT_EQ(identity(kExample), identity(kExample, {"experiment=other", "claim=anything",
                                                    "checkpoint.every=7", "device=cpu"}));
}

TEST(Identity, ChangesWithEverythingElse) {
  const std::vector<std::string> changes{"precision=float64",
                                         "operation.modulus=5",
                                         "data.train_fraction=0.3",
                                         "data.outliers=1",
                                         "model.layers=3",
                                         "model.positions=learned",
                                         "model.bias=true",
                                         "optimizer.name=descent",
                                         "optimizer.beta1=0.9",
                                         "optimizer.learning_rate=0.5",
                                         "schedule.warmup_steps=0",
                                         "schedule.warmup_start=zero",
                                         "schedule.shape=cosine",
                                         "schedule.final_factor=0.1",
                                         "training.steps=5",
                                         "training.batch_size=8",
                                         "training.batch_size=full",
                                         "evaluation.every=1",
                                         "evaluation.points_per_decade=1",
                                         "stop.when=generalized",
                                         "stop.patience=0",
                                         "seed.split=1",
                                         "seed.init=1",
                                         "seed.batches=1",
                                         "seed.noise=1",
                                         "probes=[norms]",
                                         "probes=[{name: norms, label: x}]",
                                         "regularizers=[clamp]",
                                         "regularizers=[clamp, {name: noise, strength: 1}]",
                                         "seed=1",
                                         "regularizers=[{name: noise, strength: 1}, clamp]"};
  std::set<std::string> identities{identity(kExample)};
  for (const auto& change : changes) {
    EXPECT_TRUE(identities.insert(identity(kExample, {change})).second) << change;
  }
}

TEST(ToYaml, ReadsBackAsTheSameExperiment) {
  for (const auto* text : {kExample, kFull}) {
    const auto experiment = read_example(text);
    const auto again = read_example(to_yaml(experiment));
    EXPECT_EQ(values(again), values(experiment)) << to_yaml(experiment);
    EXPECT_EQ(again.identity(), experiment.identity());
  }
}

TEST(ToYaml, KeepsEveryText) {
  for (const std::string claim : {"",
                                  "null",
                                  "Null",
                                  "NULL",
                                  "~",
                                  "true",
                                  "010",
                                  "a: b",
                                  "- a",
                                  "# no comment",
                                  "say \"x\"",
                                  "it's",
                                  "back\\slash",
                                  "two\nlines\n",
                                  "tab\there",
                                  "carriage\rreturn",
                                  "bell\a",
                                  "x³ ≥ 0",
                                  " spaces ",
                                  "{a: b}",
                                  "&x",
                                  "!t",
                                  "*",
                                  "%",
                                  "@",
                                  "`",
                                  "\x7f"}) {
    auto experiment = read_example(kExample);
    for (auto& setting : experiment.general.settings) {
      if (setting.key == "claim") setting.value = claim;
    }
    const auto again = read_example(to_yaml(experiment));
    EXPECT_EQ(again.general.text("claim"), claim);
  }
}

TEST(ToYaml, SaysWhereEachValueCameFrom) {
  const auto yaml = to_yaml(read_example(kExample, {"training.steps=5"}));
  EXPECT_THAT(yaml, testing::ContainsRegex("\n  steps: 5 +# command line\n"));
  EXPECT_THAT(yaml, testing::ContainsRegex("\n  beta1: 0.8 +# [^\n]*spec.yaml:5\n"));
  EXPECT_THAT(yaml, testing::ContainsRegex("\n  modulus: 97 +# default\n"));
  EXPECT_THAT(yaml, HasSubstr("\nregularizers: []\n"));
}

TEST(ToYaml, NamesTheFoldersOfPlugins) {
  auto experiment = read_example(kExample);
  experiment.plugin_folders = {"/a b", "/it's"};
  EXPECT_EQ(experiment.identity(), identity(kExample));
  const auto root = parse_yaml(to_yaml(experiment), "s.yaml");
  const auto* plugins = root.find("plugins");
  ASSERT_NE(plugins, nullptr);
  ASSERT_EQ(plugins->value.items.size(), 2U);
  EXPECT_EQ(plugins->value.items[0].scalar, "/a b");
  EXPECT_EQ(plugins->value.items[1].scalar, "/it's");
}

TEST(Experiment, NamesEachOfItsPluginsOnce) {
  EXPECT_THAT(read_example(kFull).plugins(),
              ElementsAre(Pair("operation", "add"), Pair("model", "net"), Pair("loss", "entropy"),
                          Pair("optimizer", "adam"), Pair("regularizer", "noise"),
                          Pair("regularizer", "clamp"), Pair("probe", "norms")));
}

TEST(JoinedParams, GiveEachReplicaItsOwnWhereTheSchemaAllowsIt) {
  const auto a = read_example(kExample, {"optimizer.learning_rate=0.1"});
  const auto b = read_example(kExample, {"optimizer.learning_rate=0.2"});
  const auto params =
      joined_params({&a.optimizer, &b.optimizer}, test::example_schema("optimizer", "adam"));
  EXPECT_EQ(params.replicas(), 2U);
  EXPECT_THAT(params.per_replica("learning_rate"), ElementsAre(0.1, 0.2));
  EXPECT_THAT(params.per_replica("weight_decay"), ElementsAre(0.0, 0.0));
  EXPECT_EQ(params.real("beta1"), 0.8);
}

TEST(JoinedParams, RefuseADifferenceInAnythingElse) {
  const auto a = read_example(kExample);
  const auto b = read_example(kExample, {"optimizer.beta1=0.5"});
  EXPECT_THAT(
      [&] {
        joined_params({&a.optimizer, &b.optimizer}, test::example_schema("optimizer", "adam"));
      },
      ThrowsMessage<std::logic_error>("'beta1' differs inside a pack"));
}

}  // namespace
}  // namespace groklab
