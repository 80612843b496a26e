// groklab schema against the program itself: JSON Schema as python3-jsonschema understands it, and
// `groklab validate`, judge the same specs.
#include "base/files.h"
#include "program/schema_broken_specs.h"
#include "program/schema_specs.h"
#include "support/program_run.h"
#include "support/python.h"
#include "support/temporary_folder.h"

#include <gmock/gmock.h>
#include <groklab/error.h>

#include <algorithm>
#include <set>
#include <sstream>

namespace groklab {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;
using testing::StartsWith;
using Specs = std::vector<std::string>;

// That of the project's own plugins, which the build writes.
fs::path own_schema() { return test::build_dir() / "share/groklab/experiment.schema.json"; }

// Those of the specs that are valid by a schema; says in `why` what is wrong with the others.
std::set<std::string> valid_by(const fs::path& schema, const Specs& specs, std::string& why) {
  const test::Python python({"jsonschema", "ruamel.yaml"});
  if (!python.missing().empty()) throw Error(python.missing());
  Specs arguments{schema.string()};
  arguments.insert(arguments.end(), specs.begin(), specs.end());
  const auto result =
      python.run(test::source_dir() / "tests/program/check_by_schema.py", arguments);
  EXPECT_EQ(result.exit_code, 0) << result.output;
  why += result.output;
  std::set<std::string> valid;
  for (const auto& spec : specs) {
    EXPECT_THAT(result.output, HasSubstr(spec + ": "));
    if (result.output.find(spec + ": valid\n") != std::string::npos) valid.insert(spec);
  }
  return valid;
}

// Those that `groklab validate` calls ok.
std::set<std::string> valid_by_program(const Specs& specs, const Specs& options, std::string& why) {
  Specs command{"validate"};
  command.insert(command.end(), options.begin(), options.end());
  command.insert(command.end(), specs.begin(), specs.end());
  const auto result = test::run_groklab(command);
  why += result.output;
  std::set<std::string> valid;
  for (const auto& spec : specs) {
    if (result.output.find(spec + ": ok, ") != std::string::npos) valid.insert(spec);
  }
  EXPECT_EQ(result.exit_code, valid.size() == specs.size() ? 0 : 2) << result.output;
  return valid;
}

// The lines of a program's output that begin with the name of a spec.
std::string about(const std::string& spec, const std::string& output) {
  std::istringstream lines(output);
  std::string text;
  for (std::string line; std::getline(lines, line);) {
    if (line.starts_with(spec)) text += line + "\n";
  }
  return text;
}

// The value of a key at the start of a line goes to the line before the next such key.
std::vector<std::pair<std::string, std::string>> top_level_keys(const std::string& text) {
  std::vector<std::pair<std::string, std::string>> keys;
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);) {
    const bool continues = line.starts_with(' ');
    if (!continues) keys.emplace_back(line.substr(0, line.find(':')), "");
    if (!line.starts_with('-')) keys.back().second += line + "\n";
  }
  return keys;
}

std::string changed_base(const std::string& changes) {
  const auto changed = top_level_keys(changes);
  std::string text;
  for (const auto& [key, lines] : top_level_keys(test::kBase)) {
    const bool stays = std::none_of(changed.begin(), changed.end(), [&](const auto& change) {
      return change.first == key || change.first == "-" + key;
    });
    if (stays) text += lines;
  }
  for (const auto& [key, lines] : changed) text += lines;
  return text;
}

class SchemaOfSpecs : public testing::Test {
 protected:
  // With a plugin from outside that has a parameter of each type.
  void SetUp() override {
    fs::create_directory(plugins());
    fs::copy_file(test::fixture_dir() / "every_type.so", plugins() / "every_type.so");
    const auto result = test::run_groklab(
        {"schema", "--plugin-path", plugins().string(), "--out", schema().string()});
    ASSERT_EQ(result.exit_code, 0) << result.output;
    folder_.write("preset.yaml", changed_base("-experiment\n"));
  }

  fs::path plugins() const { return folder_.path() / "plugins"; }
  fs::path schema() const { return folder_.path() / "schema.json"; }

  Specs write(const std::vector<test::SpecCase>& cases, const std::string& before = "") const {
    Specs specs;
    for (const auto& [name, changes] : cases) {
      const auto file = std::string(name) + ".yaml";
      specs.push_back(folder_.write(file, changed_base(before + changes)).string());
    }
    return specs;
  }

  void expect(const Specs& specs, bool by_schema, bool by_program) const {
    std::string schema_says, program_says;
    const auto schema_takes = valid_by(schema(), specs, schema_says);
    const auto program_takes =
        valid_by_program(specs, {"--plugin-path", plugins().string()}, program_says);
    for (const auto& spec : specs) {
      EXPECT_EQ(schema_takes.contains(spec), by_schema)
          << read_file(spec) << about(spec, schema_says);
      EXPECT_EQ(program_takes.contains(spec), by_program)
          << read_file(spec) << about(spec, program_says);
    }
  }

  const test::TemporaryFolder folder_;
};

TEST_F(SchemaOfSpecs, TakesWhatTheProgramTakes) {
  expect(write(test::kValidSpecs), true, true);
  expect(write(test::kValidExtensions, test::kExtending), true, true);
}

TEST_F(SchemaOfSpecs, RefusesWhatTheProgramRefuses) {
  expect(write(test::kBrokenSpecs), false, false);
  expect(write(test::kBrokenSweeps), false, false);
  expect(write(test::kBrokenExtensions, test::kExtending), false, false);
  const Specs roots{folder_.write("empty.yaml", "").string(),
                    folder_.write("list.yaml", "- experiment: a\n").string(),
                    folder_.write("word.yaml", "experiment\n").string(),
                    folder_.write("open.yaml", "experiment: [1, 2\n").string()};
  expect(roots, false, false);
}

// So that what docs/spec_reference.md says of the limits stays true.
TEST_F(SchemaOfSpecs, LeavesToTheProgramWhatOnlyThatKnows) {
  expect(write(test::kOnlyTheProgramKnows), true, false);
  expect(write(test::kOnlyTheSchemaRefuses), false, true);
}

TEST_F(SchemaOfSpecs, TakesAResolvedSpec) {
  for (const auto& spec : {test::source_dir() / "experiments/quickstart/experiment.yaml",
                           test::source_dir() / "tests/golden/small.yaml"}) {
    const auto result =
        test::run_groklab({"run", spec.string(), "--print", "regularizers=[weight_decay]"});
    ASSERT_EQ(result.exit_code, 0) << result.output;
    expect({folder_.write("resolved.yaml", result.output).string()}, true, true);
  }
}

TEST_F(SchemaOfSpecs, NamesAPluginThatCannotBeUsedAndIsWrittenWithoutIt) {
  fs::copy_file(test::fixture_dir() / "wrong_abi.so", plugins() / "wrong_abi.so");
  const auto out = folder_.path() / "other.json";
  const auto result =
      test::run_groklab({"schema", "--plugin-path", plugins().string(), "--out", out.string()});
  EXPECT_EQ(result.exit_code, 2);
  EXPECT_THAT(result.output, HasSubstr("wrong_abi.so"));
  EXPECT_EQ(read_file(out), read_file(schema()));
}

TEST(Schema, TheBuildWritesThatOfTheProjectsPlugins) {
  const test::TemporaryFolder folder;
  const auto fresh = folder.path() / "schema.json";
  const auto result = run_program({"env", "-u", "GROKLAB_PLUGIN_PATH", test::program().string(),
                                   "schema", "--out", fresh.string()});
  ASSERT_EQ(result.exit_code, 0) << result.output;
  EXPECT_TRUE(read_file(fresh) == read_file(own_schema())) << own_schema() << " is another one";
}

TEST(Schema, AgreesWithTheProgramOnEverySpecOfTheProject) {
  Specs specs;
  for (const auto* folder : {"experiments", "configs", "tests/golden"}) {
    for (const auto& file : fs::recursive_directory_iterator(test::source_dir() / folder)) {
      if (file.path().extension() == ".yaml") specs.push_back(file.path().string());
    }
  }
  ASSERT_GE(specs.size(), 5U);
  std::string why;
  const auto valid = valid_by(own_schema(), specs, why);
  EXPECT_EQ(valid, valid_by_program(specs, {}, why)) << why;
  EXPECT_EQ(valid.size() + 1, specs.size()) << "all but the preset are complete\n" << why;
}

TEST(Schema, EditorsFindItFromEveryExperiment) {
  for (const auto& folder : fs::directory_iterator(test::source_dir() / "experiments")) {
    const auto file = folder.path() / "experiment.yaml";
    if (!fs::exists(file)) continue;
    EXPECT_THAT(read_file(file),
                StartsWith("# yaml-language-server: $schema="
                           "../../build/release/share/groklab/experiment.schema.json\n"))
        << file;
  }
}

}  // namespace
}  // namespace groklab
