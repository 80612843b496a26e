// What people get wrong: one clear message, exit code 2, and nothing left behind.
#include "support/program_run.h"
#include "support/temporary_folder.h"

#include <gmock/gmock.h>

namespace groklab {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;
using testing::Not;

constexpr const char* kGood = R"(experiment: good
operation: {name: add, modulus: 7}
model: {name: mlp, width: 4, hidden: 4}
loss: cross_entropy
optimizer: adamw
training: {steps: 5}
)";

struct Mistake {
  const char* name;
  const char* spec;
  std::vector<std::string> arguments;
  std::vector<const char*> message;  // each of these is in the output
  bool is_for_validate = true;       // which takes a word without = for a file
};

void PrintTo(const Mistake& mistake, std::ostream* out) { *out << mistake.name; }

class Mistakes : public testing::TestWithParam<Mistake> {
 protected:
  static void expect_message(const std::vector<std::string>& command) {
    const auto result = test::run_groklab(command);
    EXPECT_EQ(result.exit_code, 2) << result.output;
    for (const auto* part : GetParam().message) EXPECT_THAT(result.output, HasSubstr(part));
    for (const auto* trace : {"frame #", "terminate called", "\x1b"}) {
      EXPECT_THAT(result.output, Not(HasSubstr(trace)));
    }
  }
};

TEST_P(Mistakes, EndInOneClearMessageAndLeaveNothing) {
  const test::TemporaryFolder folder;
  const auto spec = folder.write("spec.yaml", GetParam().spec);
  const auto out = folder.path() / "run";
  std::vector<std::string> command{"run", spec.string(), "--out", out.string()};
  command.insert(command.end(), GetParam().arguments.begin(), GetParam().arguments.end());
  expect_message(command);
  EXPECT_FALSE(fs::exists(out)) << "left a run folder behind";
}

TEST_P(Mistakes, AreTheSameToWhoOnlyPrintsAndWhoValidates) {
  const test::TemporaryFolder folder;
  const auto spec = folder.write("spec.yaml", GetParam().spec).string();
  for (const auto& command : {std::vector<std::string>{"run", spec, "--print"},
                              std::vector<std::string>{"validate", spec}}) {
    if (command.front() == "validate" && !GetParam().is_for_validate) continue;
    auto words = command;
    words.insert(words.end(), GetParam().arguments.begin(), GetParam().arguments.end());
    expect_message(words);
  }
}

const std::vector<Mistake> kMistakes{
    {"UnknownKey", kGood, {"optimiser.beta1=0.5"}, {"optimiser", "did you mean 'optimizer'"}},
    {"UnknownParameter", kGood, {"optimizer.betta1=0.5"}, {"optimizer.betta1", "'beta1'"}},
    {"UnknownPlugin",
     kGood,
     {"optimizer=adamv"},
     {"adamv", "did you mean 'adam' or 'adamw'", "searched"}},
    {"OutOfRange", kGood, {"data.train_fraction=50"}, {"data.train_fraction", "in (0, 1)", "'50'"}},
    {"WrongType", kGood, {"training.steps=many"}, {"training.steps", "integer", "'many'"}},
    {"CompositeModulus", kGood, {"operation=divide", "operation.modulus=6"}, {"divide", "prime"}},
    {"EmptyValidationSet",
     kGood,
     {"data.train_fraction=0.999"},
     {"data.train_fraction", "49 rows"}},
    {"TooManyOutliers",
     kGood,
     {"data.outliers=25"},
     {"data.outliers: 25 outliers are more than the 24 training rows"}},
    {"NotAnOverride", kGood, {"adamw"}, {"'adamw' is not an override", "key=value"}, false},
    {"TableTooLarge",
     kGood,
     {"operation.modulus=9973"},
     {"operation.modulus: expected integer in [2, 8192], found '9973'"}},
    {"NoMemory",
     kGood,
     {"operation.modulus=8191"},
     {"would take at least", "an operation with fewer elements"}},
    {"HeadsThatDoNotDivide",
     kGood,
     {"model=transformer", "model.heads=3"},
     {"model: model transformer: width 4 is not a multiple of heads 3"}},
    {"NoInverse",
     kGood,
     {"operation=divide", "operation.modulus=32"},
     {"operation: operation divide: modulus 32 is not prime"}},
    {"AnotherProgramsWord",
     kGood,
     {"operation=plus", "lr=1", "optimizer.wd=2", "steps=5"},
     {"there is no operation 'plus'; did you mean 'add'?",
      "lr: unknown key; did you mean 'optimizer.learning_rate'?",
      "optimizer.wd: unknown parameter of adamw; did you mean 'weight_decay'?",
      "steps: unknown key; did you mean 'training.steps'?"}},
    {"TerminalSequence", kGood, {"loss=\"\\x1b[2J\""}, {"there is no loss '\\x1b[2J'"}},
    {"NoCuda", kGood, {"--device", "cuda"}, {"device: ", "device cpu needs nothing"}},
    {"TooLarge",
     kGood,
     {"model=transformer", "model.width=4096", "model.layers=2"},
     {"model", "402751488 parameters; at most"}},
    {"ThrowingSomethingElse",
     kGood,
     {"operation=throwing_apply", "--plugin-path", test::fixture_dir().string()},
     {"operation throwing_apply", "not a std::exception"}},
    {"NameTooLong", kGood, {std::string("extends=") + std::string(300, 'x')}, {"extends"}},
    {"SpecPluginFolder", kGood, {"plugins=[nowhere]"}, {"plugins", "there is no folder nowhere"}},
    {"ThrowingFactory",
     kGood,
     {"operation=throwing_factory", "--plugin-path", test::fixture_dir().string()},
     {"operation throwing_factory", "the disk with the table is not mounted"}},
    {"NoSuchPluginFolder", kGood, {"--plugin-path", "/nowhere"}, {"/nowhere", "does not exist"}},
    {"UnknownOption", kGood, {"--sped"}, {"--sped"}},
    {"NotYaml", "experiment: [1, 2\n", {}, {"spec.yaml:"}},
    {"Empty", "", {}, {"spec.yaml:1:1", "a spec is a map of keys"}},
    {"DuplicateKey", "experiment: a\nexperiment: b\n", {}, {"spec.yaml:2:1", "second time"}},
    {"MissingSections", "experiment: a\n", {}, {"operation", "model", "loss", "optimizer"}},
    {"ExtendsNothing", "extends: other.yaml\n", {}, {"spec.yaml:1:10", "other.yaml"}},
};

INSTANTIATE_TEST_SUITE_P(All, Mistakes, testing::ValuesIn(kMistakes),
                         [](const auto& mistake) { return std::string(mistake.param.name); });

TEST(Program, AMissingSpecIsNamed) {
  const auto result = test::run_groklab({"run", "/nowhere/spec.yaml"});
  EXPECT_EQ(result.exit_code, 2);
  EXPECT_THAT(result.output, HasSubstr("/nowhere/spec.yaml"));
}

TEST(Program, AFolderWithOtherFilesIsNotWrittenTo) {
  const test::TemporaryFolder folder;
  const auto spec = folder.write("spec.yaml", kGood);
  folder.write("out/thesis.tex", "");
  const auto out = folder.path() / "out";
  const auto result = test::run_groklab({"run", spec.string(), "--out", out.string()});
  EXPECT_EQ(result.exit_code, 2);
  EXPECT_THAT(result.output, HasSubstr("--out"));
  EXPECT_EQ(std::distance(fs::directory_iterator(out), {}), 1);
}

TEST(Program, ValidateReportsEveryMistakeOfEveryFileWithItsPlace) {
  const test::TemporaryFolder folder;
  const auto bad = folder.write("bad.yaml", R"(experiment: bad
operation: {name: add, modulos: 7}
model: {name: mlp, width: none}
loss: cross_entropy
optimizer: {name: adamw, learning_rate: -1}
trainning: {steps: 5}
)");
  const auto good = folder.write("good.yaml", kGood);
  const auto worse = folder.write("worse.yaml", "- 1\n");
  const auto result = test::run_groklab({"validate", bad.string(), good.string(), worse.string()});
  EXPECT_EQ(result.exit_code, 2);
  for (const auto* line : {"bad.yaml:2:24: operation.modulos: ", "bad.yaml:3:27: model.width: ",
                           "bad.yaml:5:41: optimizer.learning_rate: ", "bad.yaml:6:1: trainning: ",
                           "good.yaml: ok, 1 cell", "worse.yaml:1:1: "}) {
    EXPECT_THAT(result.output, HasSubstr(line));
  }
  EXPECT_EQ(test::run_groklab({"validate", good.string()}).exit_code, 0);
}

TEST(Program, ValidateChecksEveryCellOfASweep) {
  const test::TemporaryFolder folder;
  const auto good = folder.write("good.yaml", std::string(kGood) +
                                                  "sweep: {grid: {operation.name: [add, divide], "
                                                  "operation.modulus: [5, 7]}, seeds: 3}\n");
  const auto result = test::run_groklab({"validate", good.string()});
  EXPECT_EQ(result.exit_code, 0) << result.output;
  EXPECT_THAT(result.output, HasSubstr("good.yaml: ok, 12 cells\n"));
  const auto bad = folder.write("bad.yaml", std::string(kGood) + R"(sweep:
  grid:
    operation.name: [add, divide]
    operation.modulus: [5, 6]
    data.train_fraction: [0.5, 0.999]
  seeds: 3
)");
  const auto refused = test::run_groklab({"validate", bad.string()});
  EXPECT_EQ(refused.exit_code, 2);
  EXPECT_THAT(refused.output, HasSubstr("bad.yaml:9:27: operation: operation divide: modulus 6 is "
                                        "not prime"));
  EXPECT_THAT(refused.output, HasSubstr("bad.yaml:11:32: data.train_fraction: train_fraction 0.999 "
                                        "of 36 rows"));
}

TEST(Program, ValidateTakesOverridesOfEverySpec) {
  const test::TemporaryFolder folder;
  const auto one = folder.write("one.yaml", kGood), two = folder.write("a=b.yaml", kGood);
  const auto result =
      test::run_groklab({"validate", one.string(), "seed=0,1", two.string(), "--device", "cpu"});
  EXPECT_EQ(result.exit_code, 0) << result.output;
  EXPECT_THAT(result.output, HasSubstr("one.yaml: ok, 2 cells\n"));
  EXPECT_THAT(result.output, HasSubstr("a=b.yaml: ok, 2 cells\n"));
}

// A command that a message offers does what it says whatever a value is.
TEST(Program, OffersACellAsWordsThatAShellReadsAsTheyAre) {
  const test::TemporaryFolder folder;
  const std::string nasty = "'; touch X; '";
  folder.write("plain", "x,y,z\n0,0,1\n0,1,0\n1,0,0\n1,1,1\n");
  folder.write(nasty, "x,y,z\n0,0,0\n0,1,1\n1,0,1\n1,1,0\n");
  const auto spec = folder.write(
      "spec.yaml", std::string(kGood) + "sweep: {grid: {operation: [{name: table_file, file: \"" +
                       nasty + "\"}, {name: table_file, file: plain}]}}\n");
  const auto refused =
      test::run_groklab({"trace", spec.string(), "--out", (folder.path() / "out").string()}).output;
  const std::string before = "such as by: ";
  ASSERT_THAT(refused, HasSubstr(before));
  const auto hint = refused.substr(refused.find(before) + before.size());
  EXPECT_EQ(run_program({"bash", "-c", "printf '%s|' " + hint}).output,
            "sweep=|operation={name: table_file, file: \"" + nasty + "\"}|");
}

TEST(Program, AsksForOneCellWhereOneIsNeeded) {
  const test::TemporaryFolder folder;
  const auto spec = folder.write("spec.yaml", std::string(kGood) +
                                                  "sweep: {grid: {model.width: [4, 8]}, zip: "
                                                  "[{seed: [1, 2]}]}\n");
  const auto out = (folder.path() / "out").string();
  const auto result = test::run_groklab({"trace", spec.string(), "--out", out});
  EXPECT_EQ(result.exit_code, 2);
  EXPECT_THAT(result.output,
              HasSubstr("spec.yaml: this spec declares 4 cells, and one is needed; choose it, such "
                        "as by: sweep= model.width=4 seed=1\n"));
  EXPECT_EQ(
      test::run_groklab({"trace", spec.string(), "--out", out, "sweep=", "model.width=4", "seed=1"})
          .exit_code,
      0);
}

TEST(Program, EveryExperimentOfTheProjectIsValid) {
  std::vector<std::string> command{"validate"};
  for (const auto& entry : fs::directory_iterator(test::source_dir() / "experiments")) {
    if (fs::exists(entry.path() / "experiment.yaml")) {
      command.push_back((entry.path() / "experiment.yaml").string());
    }
  }
  ASSERT_GE(command.size(), 3U);
  const auto result = test::run_groklab(command);
  EXPECT_EQ(result.exit_code, 0) << result.output;
}

}  // namespace
}  // namespace groklab
