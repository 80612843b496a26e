// Parameters that name a file.
#include "framework/spec/example_schemas.h"

#include "base/files.h"
#include "spec/sweep.h"

#include <gmock/gmock.h>

namespace groklab {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;
using testing::ThrowsMessage;

constexpr const char* kRest = "experiment: demo\nmodel: net\nloss: entropy\noptimizer: adam\n";

class NamedFiles : public testing::Test {
 protected:
  Experiment read(const fs::path& spec, const std::vector<std::string>& overrides = {}) const {
    Problems problems;
    auto experiment = read_experiment(load_spec(spec, overrides), test::example_schema, problems);
    problems.throw_if_any();
    return experiment;
  }

  fs::path write_spec(const fs::path& name, const std::string& file) const {
    return folder_.write(name,
                         std::string(kRest) + "operation: {name: listed, file: " + file + "}\n");
  }

  const test::TemporaryFolder folder_;
};

TEST_F(NamedFiles, AreRelativeToTheSpecThatSaysThem) {
  const auto table = folder_.write("base/data/table.csv", "0,0,0\n");
  const auto spec = write_spec("base/spec.yaml", "data/table.csv");
  EXPECT_EQ(read(spec).operation.text("file"), table.string());
  const auto extending = folder_.write("other/spec.yaml", "extends: ../base/spec.yaml\n");
  EXPECT_EQ(read(extending).operation.text("file"), table.string());
  const auto absolute = write_spec("absolute.yaml", table.string());
  EXPECT_EQ(read(absolute).operation.text("file"), table.string());
}

TEST_F(NamedFiles, OfTheCommandLineAreRelativeToTheWorkingDirectory) {
  folder_.write("base/table.csv", "0,0,0\n");
  const auto spec = write_spec("base/spec.yaml", "table.csv");
  const auto here = folder_.write("here/table.csv", "1,1,1\n");
  const auto relative = fs::relative(here, fs::current_path());
  EXPECT_EQ(read(spec, {"operation.file=" + relative.string()}).operation.text("file"),
            here.string());
}

TEST_F(NamedFiles, MayBeSwept) {
  folder_.write("a.csv", "0,0,0\n");
  folder_.write("b.csv", "1,1,1\n");
  const auto spec =
      folder_.write("spec.yaml", std::string(kRest) +
                                     "operation: {name: listed}\n"
                                     "sweep: {grid: {operation.file: [a.csv, b.csv]}}\n");
  Problems problems;
  const auto sweep = expand_sweep(load_spec(spec, {}), test::example_schema, problems);
  EXPECT_EQ(problems.text(), "");
  ASSERT_EQ(sweep.cells.size(), 2U);
  EXPECT_EQ(sweep.cells[1].experiment.operation.text("file"), (folder_.path() / "b.csv").string());
}

TEST_F(NamedFiles, AreIdentifiedByTheirContent) {
  folder_.write("a/table.csv", "0,0,0\n");
  folder_.write("b/renamed.csv", "0,0,0\n");
  const auto a = read(write_spec("a/spec.yaml", "table.csv"));
  const auto moved = read(write_spec("b/spec.yaml", "renamed.csv"));
  EXPECT_EQ(a.identity(), moved.identity());
  EXPECT_EQ(a.operation.at("file").content_hash, sha256("0,0,0\n"));
  folder_.write("a/table.csv", "0,0,1\n");
  EXPECT_NE(read(folder_.path() / "a/spec.yaml").identity(), moved.identity());
}

TEST_F(NamedFiles, ReadBackFromAResolvedSpec) {
  folder_.write("a/table.csv", "0,0,0\n");
  const auto experiment = read(write_spec("a/spec.yaml", "table.csv"));
  const auto again = read(folder_.write("runs/1/spec.yaml", to_yaml(experiment)));
  EXPECT_EQ(again.operation.text("file"), experiment.operation.text("file"));
  EXPECT_EQ(again.identity(), experiment.identity());
}

TEST_F(NamedFiles, AreMissedAtTheirPlace) {
  const auto missing = [&](const std::string& file) {
    return [&, file] { read(write_spec("spec.yaml", file)); };
  };
  EXPECT_THAT(missing("no.csv"),
              ThrowsMessage<Error>(HasSubstr("spec.yaml:5:33: operation.file: there is no file " +
                                             (folder_.path() / "no.csv").string() +
                                             " (paths are relative to the spec)")));
  EXPECT_THAT(missing("."), ThrowsMessage<Error>(HasSubstr("operation.file: there is no file")));
  EXPECT_THAT(missing("''"), ThrowsMessage<Error>(HasSubstr("operation.file: there is no file")));
  EXPECT_THAT(missing("[a.csv]"),
              ThrowsMessage<Error>(HasSubstr("expected path of a file, found a list")));
  EXPECT_THAT([&] { read(folder_.write("spec.yaml", std::string(kRest) + "operation: listed\n")); },
              ThrowsMessage<Error>(HasSubstr("operation.file: missing: where it is listed")));
}

}  // namespace
}  // namespace groklab
