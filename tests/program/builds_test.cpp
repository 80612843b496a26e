// Runs and sweeps whose plugins, helper libraries or LibTorch are exchanged.
#include "base/files.h"
#include "store/run_record.h"
#include "store/sweep_plan.h"
#include "support/background_program.h"
#include "support/program_run.h"
#include "support/temporary_folder.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <sys/wait.h>

#include <algorithm>
#include <csignal>

namespace groklab {
namespace {

namespace fs = std::filesystem;
using testing::AllOf;
using testing::Each;
using testing::HasSubstr;
using testing::Not;

constexpr const char* kSpec = R"(
experiment: builds
operation: {{name: shifted_sum, modulus: 11}}
model: {{name: mlp, width: 8, hidden: 16}}
loss: cross_entropy
optimizer: adamw
training: {{steps: 20, batch_size: 16}}
evaluation: {{every: 5}}
checkpoint: {{every: 5}}
regularizers: [{{name: gate, at: 8, file: {0}/gate}}]
plugins: [{0}/plugins, {1}]
)";

fs::path build(int number) {
  return test::fixture_dir() / fmt::format("build_{}/shifted_sum.so", number);
}

fs::path helper(int number) {
  return test::fixture_dir() / fmt::format("helper_{}/libshift.so", number);
}

class Builds : public testing::Test {
 protected:
  void SetUp() override { fs::create_directories(plugins_); }

  fs::path plugin() const { return plugins_ / "shifted_sum.so"; }

  // As a compiler does, by a new file in its place.
  void put(const fs::path& library, const fs::path& place) const {
    fs::remove(place);
    fs::copy_file(library, place);
  }

  // In place, as cp does.
  static void copy_over(const fs::path& library, const fs::path& place) {
    ASSERT_TRUE(run_program({"cp", library.string(), place.string()}).succeeded());
  }

  std::vector<std::string> command(std::vector<std::string> more = {}) const {
    std::vector<std::string> all{"run", spec_.string(), "--out", out_.string(), "--threads", "1"};
    all.insert(all.end(), more.begin(), more.end());
    return all;
  }

  bool reached() const { return fs::exists(folder_.path() / "gate.reached"); }
  void open_gate() const { folder_.write("gate", ""); }

  // Stops a run at step 8.
  void interrupt_run() const {
    test::BackgroundProgram program(command());
    ASSERT_TRUE(program.wait_until([&] { return reached(); }));
    program.send(SIGTERM);
    open_gate();
    const int result = program.wait();
    ASSERT_TRUE(WIFEXITED(result) && WEXITSTATUS(result) == 75);
  }

  ProcessResult run(const std::vector<std::string>& more = {}) const {
    return test::run_groklab(command(more));
  }

  std::vector<std::string> shown() const;

  nlohmann::ordered_json record(const fs::path& run) const {
    return read_run_record(run).value().json;
  }

  const test::TemporaryFolder folder_;
  const fs::path plugins_ = folder_.path() / "plugins", out_ = folder_.path() / "out";
  const fs::path spec_ = folder_.write(
      "spec.yaml", fmt::format(kSpec, folder_.path().string(), test::fixture_dir().string()));
};

TEST_F(Builds, ARunDoesNotGoOnWithAnotherTableOfAHelperLibrary) {
  put(test::fixture_dir() / "helped/shifted_sum.so", plugin());
  put(helper(1), plugins_ / "libshift.so");
  interrupt_run();
  put(helper(2), plugins_ / "libshift.so");
  const auto before = read_file(out_ / "metrics.jsonl");
  const auto result = run();
  EXPECT_EQ(result.exit_code, 2) << result.output;
  EXPECT_THAT(result.output, HasSubstr("the operation's table differs in 121 of 121 pairs: the "
                                       "answer of (0, 0) was 1 and is 2 now"));
  EXPECT_EQ(read_file(out_ / "metrics.jsonl"), before);
  put(helper(1), plugins_ / "libshift.so");
  EXPECT_EQ(run().exit_code, 0);
}

TEST_F(Builds, ARunGoesOnWithThePluginInstalledElsewhere) {
  put(build(1), plugin());
  interrupt_run();
  const auto script = folder_.write(
      "install.cmake", fmt::format("file(RPATH_REMOVE FILE \"{}\")", plugin().string()));
  ASSERT_TRUE(run_program({"cmake", "-P", script.string()}).succeeded());
  ASSERT_NE(read_file(plugin()), read_file(build(1)));
  const auto result = run();
  EXPECT_EQ(result.exit_code, 0) << result.output;
  EXPECT_EQ(record(out_).at("resumed_at_step"), 8);
}

// What the commands print that show a done run.
std::vector<std::string> Builds::shown() const {
  std::vector<std::string> outputs;
  const std::vector<std::vector<std::string>> commands{
      command(), {"status", out_.string()}, {"report", out_.string(), "--page-only"}};
  for (const auto& arguments : commands) {
    const auto result = test::run_groklab(arguments);
    EXPECT_EQ(result.exit_code, 0) << result.output;
    outputs.push_back(result.output);
  }
  return outputs;
}

TEST_F(Builds, ADoneRunIsShownAsOneOfAnotherBuild) {
  put(build(1), plugin());
  open_gate();
  ASSERT_EQ(run().exit_code, 0);
  EXPECT_THAT(shown(), Each(Not(HasSubstr("another build"))));
  put(build(2), plugin());
  EXPECT_THAT(shown(), Each(AllOf(HasSubstr("another build"), HasSubstr("operation shifted_sum"))));
  EXPECT_THAT(read_file(out_ / "report.html"), HasSubstr(" holds another build now"));
}

TEST_F(Builds, ADoneRunIsShownAsOneOfAnotherProgram) {
  put(build(1), plugin());
  open_gate();
  ASSERT_EQ(run().exit_code, 0);
  auto json = record(out_);
  json["build"] = "another";
  replace_file(out_ / "run.json", json.dump());
  EXPECT_THAT(shown(), Each(AllOf(HasSubstr("groklab"), HasSubstr("another build"))));
}

TEST_F(Builds, RunJsonNamesWhatCanChangeTheLastBits) {
  put(build(1), plugin());
  interrupt_run();
  auto json = record(out_);
  EXPECT_EQ(json.at("libtorch"), "2.11.0");
  EXPECT_THAT(json.at("libtorch_library").get<std::string>(), HasSubstr("/libtorch_cpu.so"));
  EXPECT_TRUE(fs::exists(json.at("libtorch_library").get<std::string>()));
  EXPECT_THAT(json.at("instructions").get<std::string>(), HasSubstr(", LibTorch "));
  json["instructions"] = "x86-64-v1";
  replace_file(out_ / "run.json", json.dump());
  const auto result = run();
  EXPECT_EQ(result.exit_code, 0) << result.output;
  const auto* warning = "resumed at step 8: vector instructions: x86-64-v1 there, ";
  EXPECT_THAT(result.output, HasSubstr(warning));
  EXPECT_THAT(read_file(out_ / "log.txt"), HasSubstr(warning));
  EXPECT_THAT(record(out_).at("warnings").at(0).get<std::string>(), HasSubstr(warning));
  ASSERT_EQ(test::run_groklab({"report", out_.string(), "--page-only"}).exit_code, 0);
  EXPECT_THAT(read_file(out_ / "report.html"), HasSubstr(warning));
}

// The sweep's first run holds at the gate while the plugin is overwritten.
TEST_F(Builds, ASweepIsTrainedByOneBuildWhateverIsCopiedOverThePlugin) {
  put(build(1), plugin());
  const std::vector<std::string> sweep{"seed=0,1", "--pack", "1"};
  test::BackgroundProgram program(command(sweep));
  ASSERT_TRUE(program.wait_until([&] { return reached(); }));
  copy_over(build(2), plugin());
  open_gate();
  const int result = program.wait();
  ASSERT_TRUE(WIFEXITED(result)) << "signal " << WTERMSIG(result);
  EXPECT_EQ(WEXITSTATUS(result), 0);
  const auto plan = read_plan({out_});
  std::vector<std::string> contents;
  for (const auto& cell : plan.cells) {
    contents.push_back(record(SweepFolder{out_}.cell(cell.id)).at("plugins").at(0).at("content"));
  }
  ASSERT_EQ(contents.size(), 2U);
  EXPECT_THAT(contents, Each(plan.plugins.at(0).content));
  EXPECT_THAT(run(sweep).output, HasSubstr("operation shifted_sum"));
}

TEST_F(Builds, AWorkerRefusesAnotherBuildThanThatOfThePlan) {
  put(build(1), plugin());
  const std::vector<std::string> sweep{"seed=0,1", "--pack", "1"};
  {
    test::BackgroundProgram program(command(sweep));
    ASSERT_TRUE(program.wait_until([&] { return reached(); }));
    program.send_to_all(SIGKILL);
    program.wait();
  }
  put(build(2), plugin());
  open_gate();
  const auto worker = test::run_groklab({"work", out_.string()});
  EXPECT_EQ(worker.exit_code, 3) << worker.output;
  EXPECT_THAT(worker.output,
              HasSubstr(" was planned with another build of operation shifted_sum than this "
                        "process loaded (" +
                        plugin().string() + ")"));
  const auto again = run(sweep);                  // as the message says
  EXPECT_EQ(again.exit_code, 3) << again.output;  // the run that had begun has no other checkpoint
  EXPECT_THAT(again.output, HasSubstr("note: this sweep was begun with another build of operation "
                                      "shifted_sum; runs that are over keep what that build "
                                      "computed"));
}

// `groklab --version` where a library of LibTorch with this source is found first.
ProcessResult version_with(const test::TemporaryFolder& folder, const std::string& name,
                           const std::string& source) {
  const auto file = folder.write("torch.cpp", source);
  const auto result = run_program({"c++", "-shared", "-fPIC", "-Wl,-soname," + name, file.string(),
                                   "-o", (folder.path() / name).string()});
  EXPECT_TRUE(result.succeeded()) << result.output;
  return run_program(
      {"env", "LD_LIBRARY_PATH=" + folder.path().string(), test::program().string(), "--version"});
}

TEST(OtherLibTorch, IsRefusedInASentence) {
  const auto* newer =
      "extern \"C\" unsigned long aoti_torch_abi_version() {"
      "  return 2ul << 56 | 12ul << 48 | 1ul << 40; }\n";
  for (const auto& [source, version] :
       {std::pair{newer, "version 2.12.1"}, std::pair{"", "a version before 2.9"}}) {
    const test::TemporaryFolder folder;
    const auto result = version_with(folder, "libtorch_cpu.so", source);
    EXPECT_EQ(result.exit_code, 2);
    EXPECT_EQ(result.output,
              fmt::format("groklab needs LibTorch 2.11.0: {}/libtorch_cpu.so is of {}; take other "
                          "folders out of LD_LIBRARY_PATH, or build groklab with that LibTorch\n",
                          folder.path().string(), version));
  }
}

TEST(OtherLibTorch, IsRefusedInASentenceWhereItLacksASymbol) {
  const test::TemporaryFolder folder;
  const auto result = version_with(folder, "libtorch_cpu.so",
                                   "extern \"C\" void nowhere();\nvoid f() { nowhere(); }\n");
  EXPECT_EQ(result.exit_code, 2);
  EXPECT_THAT(result.output, AllOf(testing::StartsWith("groklab needs LibTorch 2.11.0: "),
                                   HasSubstr("libtorch_cpu.so: undefined symbol: nowhere; take ")));
}

}  // namespace
}  // namespace groklab
