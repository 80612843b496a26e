#include "spec/reader.h"

#include "framework/spec/example_schemas.h"

#include <gmock/gmock.h>

#include <regex>

namespace groklab {
namespace {

using test::kExample;
using test::read_example;
using testing::AllOf;
using testing::ElementsAre;
using testing::EndsWith;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::StartsWith;
using testing::ThrowsMessage;

// Every problem of a spec that stands in spec.yaml, a line each.
std::string problems_of(const std::string& text, const std::vector<std::string>& overrides = {}) {
  const test::TemporaryFolder folder;
  Problems problems;
  read_experiment(load_spec(folder.write("spec.yaml", text), overrides), test::example_schema,
                  problems);
  auto lines = problems.text();
  const auto prefix = folder.path().string() + "/";
  for (std::size_t at = 0; (at = lines.find(prefix)) != std::string::npos;) {
    lines.erase(at, prefix.size());
  }
  return lines;
}

// The problem of one line added to the example, as its sixth.
std::string problem_of(const std::string& line) { return problems_of(kExample + line + "\n"); }

TEST(SpecReader, FillsInWhatIsNotSaid) {
  const auto experiment = read_example(kExample);
  EXPECT_EQ(experiment.name(), "demo");
  EXPECT_EQ(experiment.operation.plugin, "add");
  EXPECT_EQ(experiment.operation.integer("modulus"), 97);
  EXPECT_EQ(experiment.optimizer.real("beta1"), 0.8);
  EXPECT_EQ(experiment.optimizer.real("weight_decay"), 0.0);
  EXPECT_EQ(experiment.data.real("train_fraction"), 0.5);
  EXPECT_EQ(experiment.training.text("batch_size"), "paper");
  EXPECT_EQ(experiment.general.text("precision"), "float32");
  EXPECT_EQ(experiment.schedule.integer("warmup_steps"), 10);
  EXPECT_EQ(experiment.stop.text("when"), "never");
  EXPECT_EQ(experiment.stop.integer("patience"), 1000);
  EXPECT_THAT(experiment.regularizers, IsEmpty());
  EXPECT_THAT(experiment.probes, IsEmpty());
}

TEST(SpecReader, KnowsTheSectionOfASettingThatStandsAtTheTop) {
  for (const auto& [key, place] : std::vector<std::pair<std::string, std::string>>{
           {"weight_decay", "optimizer.weight_decay"},
           {"lr", "optimizer.learning_rate"},
           {"learning_rat", "optimizer.learning_rate"},
           {"steps", "training.steps"},
           {"epochs", "training.steps"},
           {"modulus", "operation.modulus"},
           {"every", "evaluation.every' or 'checkpoint.every"},
           {"optimiser", "optimizer"}}) {
    EXPECT_EQ(problem_of(key + ": 1"),
              "spec.yaml:6:1: " + key + ": unknown key; did you mean '" + place + "'?");
  }
}

TEST(SpecReader, TakesEveryTypeOfValue) {
  const auto experiment = read_example(
      "experiment: demo\noperation: {name: add, modulus: 1e2}\n"
      "model: {name: net, positions: learned, bias: true}\nloss: {name: entropy}\n"
      "optimizer: {name: adam, learning_rate: 3}\ntraining: {batch_size: 64}\n"
      "regularizers: [{name: noise, strength: .5}, clamp]\nprobes: [{name: norms, label: 5}]\n"
      "seed: {split: 1, noise: 4}\n");
  EXPECT_EQ(experiment.operation.integer("modulus"), 100);
  EXPECT_EQ(experiment.model.text("positions"), "learned");
  EXPECT_EQ(experiment.model.at("bias").value, Value(true));
  EXPECT_EQ(experiment.optimizer.real("learning_rate"), 3.0);
  EXPECT_EQ(experiment.training.integer("batch_size"), 64);
  ASSERT_EQ(experiment.regularizers.size(), 2U);
  EXPECT_EQ(experiment.regularizers[0].real("strength"), 0.5);
  EXPECT_EQ(experiment.regularizers[1].plugin, "clamp");
  EXPECT_EQ(experiment.probes[0].text("label"), "5");
  EXPECT_EQ(experiment.seeds().split, 1U);
  EXPECT_EQ(experiment.seeds().init, 0U);
  EXPECT_EQ(experiment.seeds().noise, 4U);
}

TEST(SpecReader, ReportsAllMistakesOfAFileInReadingOrder) {
  EXPECT_EQ(
      problems_of("experiment: demo\n"                            // 1
                  "opration: {name: add}\n"                       // 2
                  "operation: {name: ad}\n"                       // 3
                  "model: {name: net, layers: 1.5, widht: 5}\n"   // 4
                  "loss: entropy\n"                               // 5
                  "optimizer: {name: adam, learning_rate: -1}\n"  // 6
                  "data: {train_fraction: 50}\n"                  // 7
                  "training: {steps: 1e5, batch_size: papr}\n"),  // 8
      "spec.yaml:2:1: opration: unknown key; did you mean 'operation'?\n"
      "spec.yaml:3:19: operation.name: there is no operation 'ad'\n"
      "spec.yaml:4:28: model.layers: expected integer ≥ 1, found '1.5'\n"
      "spec.yaml:4:33: model.widht: unknown parameter of net; known: layers, positions, bias\n"
      "spec.yaml:6:40: optimizer.learning_rate: expected real > 0, found '-1'\n"
      "spec.yaml:7:24: data.train_fraction: expected real in (0, 1), found '50'\n"
      "spec.yaml:8:36: training.batch_size: expected one of paper, full or an integer ≥ 1, "
      "found 'papr'; did you mean 'paper'?");
}

TEST(SpecReader, NamesWhatIsMissing) {
  EXPECT_EQ(problems_of("claim: nothing else\n"),
            "spec.yaml:1:1: experiment: missing: name of the experiment, also of its folder\n"
            "spec.yaml:1:1: operation: missing; name one, such as operation: {name: …} (`groklab "
            "plugins list` shows them)\n"
            "spec.yaml:1:1: model: missing; name one, such as model: {name: …} (`groklab plugins "
            "list` shows them)\n"
            "spec.yaml:1:1: loss: missing; name one, such as loss: {name: …} (`groklab plugins "
            "list` shows them)\n"
            "spec.yaml:1:1: optimizer: missing; name one, such as optimizer: {name: …} (`groklab "
            "plugins list` shows them)");
}

TEST(SpecReader, NamesAParameterWithoutADefaultThatIsMissing) {
  EXPECT_EQ(problem_of("regularizers: [clamp, noise]"),
            "spec.yaml:6:23: regularizers.1.strength: missing: standard deviation of the noise");
}

TEST(SpecReader, RefusesAnotherTypeThanTheSchemaDeclares) {
  EXPECT_EQ(problem_of("training: {steps: many}"),
            "spec.yaml:6:19: training.steps: expected integer in [1, 1e+12], found 'many'");
  EXPECT_EQ(problem_of("training: {steps: '5'}"),
            "spec.yaml:6:19: training.steps: expected integer in [1, 1e+12], found the text \"5\"");
  EXPECT_EQ(problem_of("training: {steps: [5]}"),
            "spec.yaml:6:19: training.steps: expected integer in [1, 1e+12], found a list");
  EXPECT_EQ(problem_of("training: {steps: {}}"),
            "spec.yaml:6:19: training.steps: expected integer in [1, 1e+12], found a map of keys");
  EXPECT_EQ(problem_of("training: {steps: ~}"),
            "spec.yaml:6:19: training.steps: expected integer in [1, 1e+12], found nothing");
  EXPECT_EQ(problem_of("data: {train_fraction: '0.5'}"),
            "spec.yaml:6:24: data.train_fraction: expected real in (0, 1), found the text \"0.5\"");
  EXPECT_EQ(
      problem_of("precision: float16"),
      "spec.yaml:6:12: precision: expected one of float32, float64, tf32, found 'float16'; did "
      "you mean 'float32' or 'float64'?");
  EXPECT_EQ(problem_of("device: tpu"),
            "spec.yaml:6:9: device: expected auto, cpu, cpu-replay or a backend, and there is no "
            "backend 'tpu'");
  EXPECT_EQ(problem_of("claim: [a]"), "spec.yaml:6:8: claim: expected text, found a list");
}

TEST(SpecReader, TakesABackendPluginAsDevice) {
  for (const auto* device : {"auto", "cpu", "cpu-replay", "abacus"}) {
    const auto experiment = read_example(kExample + std::string("device: ") + device);
    EXPECT_EQ(experiment.general.text("device"), device);
  }
}

TEST(SpecReader, ReadsOnlyTrueAndFalseAsSwitches) {
  for (const auto* word : {"yes", "on", "True", "1", "'true'"}) {
    EXPECT_THAT(problems_of(std::string("experiment: demo\noperation: add\nloss: entropy\n"
                                        "optimizer: adam\nmodel: {name: net, bias: ") +
                            word + "}\n"),
                HasSubstr("spec.yaml:5:26: model.bias: expected true or false, found "))
        << word;
  }
}

TEST(SpecReader, RefusesValuesOutOfRange) {
  EXPECT_EQ(problem_of("seed: -1"),
            "spec.yaml:6:7: seed.split: expected integer ≥ 0, found '-1'\n"
            "spec.yaml:6:7: seed.init: expected integer ≥ 0, found '-1'\n"
            "spec.yaml:6:7: seed.batches: expected integer ≥ 0, found '-1'\n"
            "spec.yaml:6:7: seed.noise: expected integer ≥ 0, found '-1'");
  EXPECT_EQ(problem_of("evaluation: {points_per_decade: 1001}"),
            "spec.yaml:6:33: evaluation.points_per_decade: expected integer in [0, 1000], found "
            "'1001'");
  for (const auto* fraction : {"0", "1", ".inf", "nan", "1e400", "-0.5"}) {
    EXPECT_THAT(problem_of(std::string("data: {train_fraction: ") + fraction + "}"),
                HasSubstr("data.train_fraction: expected real in (0, 1), found"))
        << fraction;
  }
}

TEST(SpecReader, RefusesUnknownParametersOfItsOwnSections) {
  EXPECT_EQ(problem_of("training: {step: 5}"),
            "spec.yaml:6:12: training.step: unknown parameter; did you mean 'steps'?");
  EXPECT_EQ(problem_of("evaluation: {name: x}"),
            "spec.yaml:6:14: evaluation.name: unknown parameter; known: every, points_per_decade");
}

TEST(SpecReader, TakesAProbeTwiceUnderTwoNames) {
  const auto experiment =
      read_example(kExample + std::string("probes: [norms, {name: norms, as: again, label: x}]\n"));
  ASSERT_EQ(experiment.probes.size(), 2);
  EXPECT_EQ(experiment.probes[0].label(), "norms");
  EXPECT_EQ(experiment.probes[1].label(), "again");
  EXPECT_EQ(experiment.probes[1].plugin, "norms");
  EXPECT_THAT(to_yaml(experiment), HasSubstr("    as: again "));
  EXPECT_NE(experiment.identity(),
            read_example(kExample + std::string("probes: [norms, {name: norms, as: more, "
                                                "label: x}]\n"))
                .identity());
}

TEST(SpecReader, RefusesProbesWithTheSameColumns) {
  EXPECT_EQ(problem_of("probes: [norms, {name: norms, label: x}]"),
            "spec.yaml:6:24: probes.1: its columns would have the names of those of probes.0; give "
            "it others, such as `as: norms_1`");
  EXPECT_EQ(problem_of("probes: [{name: norms, as: a.b}]"),
            "spec.yaml:6:28: probes.0.as: expected what the probe's columns are to begin with, a "
            "letter and then letters, digits and _, found 'a.b'");
  EXPECT_EQ(problem_of("regularizers: [{name: clamp, as: again}]"),
            "spec.yaml:6:30: regularizers.0.as: unknown parameter of clamp; known: norm");
}

TEST(SpecReader, RefusesSectionsOfAnotherShape) {
  EXPECT_EQ(problem_of("training: 5"),
            "spec.yaml:6:11: training: expected a map of keys, found '5'");
  EXPECT_EQ(problem_of("probes: norms"), "spec.yaml:6:9: probes: expected a list, found 'norms'");
  EXPECT_EQ(problem_of("probes: [[norms]]"),
            "spec.yaml:6:10: probes.0: expected a plugin's name, found a list");
  EXPECT_EQ(problem_of("probes: [{label: x}]"),
            "spec.yaml:6:10: probes.0.name: expected the name of a probe plugin");
  EXPECT_THAT(problems_of(kExample, {"model={name: [net]}"}),
              HasSubstr("command line: model.name: expected the name of a model plugin"));
}

TEST(SpecReader, RefusesANameThatIsNoFolder) {
  for (const auto* name : {"a/b", "..", "a b", "''", "ä"}) {
    EXPECT_THAT(problems_of(kExample, {std::string("experiment=") + name}),
                HasSubstr("is to name a folder: use letters, digits, _ and -, at most 100"))
        << name;
  }
  EXPECT_EQ(problems_of(kExample, {"experiment=Run-3_b"}), "");
  EXPECT_EQ(problems_of(kExample, {"experiment=" + std::string(100, 'x')}), "");
  EXPECT_NE(problems_of(kExample, {"experiment=" + std::string(101, 'x')}), "");
  EXPECT_EQ(problems_of(kExample, {"experiment=[a]"}),
            "command line: experiment: expected text, found a list");
}

TEST(SpecReader, RefusesMistakesOfTheCommandLineAsThoseOfAFile) {
  EXPECT_EQ(problems_of(kExample, {"optimizer.beta1=1", "optimizer.beta3=0", "trainign.steps=5"}),
            "command line: trainign: unknown key; did you mean 'training'?\n"
            "command line: optimizer.beta1: expected real in [0, 1), found '1'\n"
            "command line: optimizer.beta3: unknown parameter of adam; did you mean 'beta1'?");
}

TEST(SpecReader, SaysWhereEachValueCameFrom) {
  const test::TemporaryFolder folder;
  const auto base = folder.write("base.yaml", kExample);
  const auto file = folder.write("spec.yaml", "extends: base.yaml\nseed:\n  init: 7\n");
  Problems problems;
  const auto experiment = read_experiment(load_spec(file, {"optimizer.learning_rate=1"}),
                                          test::example_schema, problems);
  EXPECT_EQ(problems.text(), "");
  EXPECT_EQ(experiment.optimizer.at("beta1").origin, base.string() + ":5");
  EXPECT_EQ(experiment.optimizer.origin, base.string() + ":5");
  EXPECT_EQ(experiment.seed.at("init").origin, file.string() + ":3");
  EXPECT_EQ(experiment.seed.at("split").origin, "default");
  EXPECT_EQ(experiment.optimizer.at("learning_rate").origin, "command line");
}

TEST(SpecReader, KeepsWhatAnotherPluginKnowsTooAndNotesIt) {
  const auto experiment = read_example(
      "experiment: demo\noperation: add\nmodel: net\nloss: entropy\n"
      "optimizer: {name: adam, learning_rate: 0.5, beta1: 0.8, weight_decay: 1}\n",
      {"optimizer.name=descent"});
  EXPECT_EQ(experiment.optimizer.plugin, "descent");
  EXPECT_EQ(experiment.optimizer.real("learning_rate"), 0.5);
  EXPECT_EQ(experiment.optimizer.real("momentum"), 0.0);
  ASSERT_EQ(experiment.notes.size(), 3U);
  EXPECT_THAT(experiment.notes[0],
              AllOf(StartsWith("optimizer.learning_rate: 0.5 ("),
                    EndsWith("spec.yaml:5) was set for another plugin and is kept for descent")));
  EXPECT_THAT(experiment.notes[1],
              AllOf(StartsWith("optimizer.beta1 ("),
                    EndsWith("spec.yaml:5) was set for another plugin; descent has no such "
                             "parameter, so it is left out")));
  EXPECT_THAT(experiment.notes[2], StartsWith("optimizer.weight_decay ("));
}

TEST(SpecReader, RefusesUnknownParametersSaidForTheNewPlugin) {
  EXPECT_EQ(problems_of(kExample, {"optimizer.name=descent", "optimizer.beta1=0.5"}),
            "command line: optimizer.beta1: unknown parameter of descent; known: learning_rate, "
            "momentum");
}

TEST(SpecReader, AnOverrideThatChangesNothingElseHasNoNotes) {
  EXPECT_THAT(read_example(kExample, {"optimizer.name=adam", "seed=3"}).notes, IsEmpty());
}

TEST(PluginFolders, AreRelativeToTheFileThatNamesThem) {
  const test::TemporaryFolder folder;
  for (const auto* name : {"configs/mine", "theirs", "absolute"}) {
    std::filesystem::create_directories(folder.path() / name);
  }
  const auto absolute = (folder.path() / "absolute").string();
  folder.write("configs/base.yaml", "plugins: [mine, " + absolute + ", ../theirs]\n");
  const auto file = folder.write("experiments/spec.yaml", "extends: ../configs/base.yaml\n");
  EXPECT_THAT(plugin_folders(load_spec(file, {})),
              ElementsAre(folder.path() / "configs/mine", absolute, folder.path() / "theirs"));
}

TEST(PluginFolders, MayBeOneOrNone) {
  const test::TemporaryFolder folder;
  std::filesystem::create_directory(folder.path() / "a");
  const auto file = (folder.path() / "s.yaml").string();
  EXPECT_THAT(plugin_folders(parse_yaml("plugins: a\n", file)), ElementsAre(folder.path() / "a"));
  EXPECT_THAT(plugin_folders(parse_yaml("plugins:\n", file)), IsEmpty());
  EXPECT_THAT(plugin_folders(parse_yaml("seed: 1\n", file)), IsEmpty());
}

TEST(PluginFolders, AllThatAreWrongAreReportedTogether) {
  EXPECT_THAT(
      [] { plugin_folders(parse_yaml("plugins: [no/such, [a]]\n", "x/s.yaml")); },
      ThrowsMessage<Error>("x/s.yaml:1:11: plugins: there is no folder x/no/such (paths are "
                           "relative to the spec)\n"
                           "x/s.yaml:1:20: plugins: expected the path of a folder, found a "
                           "list"));
}

TEST(PluginFolders, MustBeText) {
  EXPECT_THAT([] { plugin_folders(parse_yaml("plugins: {a: b}\n", "s.yaml")); },
              ThrowsMessage<Error>("s.yaml:1:10: plugins: expected the path of a folder, found a "
                                   "map of keys"));
}

// The JSON schema of specs has the expressions.
TEST(SpecReader, TakesTheNamesAndLabelsThatItsRegularExpressionsDescribe) {
  const std::regex name(kExperimentName), label(kLabelForm);
  std::vector<std::string> texts{
      "",   "a", "a1", std::string(100, 'a'), std::string(101, 'a'), std::string(100'000, 'a'),
      "a\n"};
  for (int byte = 0; byte < 256; ++byte) {
    for (const auto* start : {"", "a"})
      texts.push_back(start + std::string(1, static_cast<char>(byte)));
  }
  for (const auto& text : texts) {
    const bool is_short = text.size() <= 1000;  // as std::regex recurses
    EXPECT_EQ(is_experiment_name(text), is_short && std::regex_match(text, name)) << text;
    EXPECT_EQ(is_label(text), is_short && std::regex_match(text, label)) << text;
  }
}

}  // namespace
}  // namespace groklab
