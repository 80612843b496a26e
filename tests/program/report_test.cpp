// groklab report: every kind of figure from a small sweep, and the page.
#include "base/files.h"
#include "support/program_run.h"
#include "support/temporary_folder.h"

#include <gmock/gmock.h>

#include <memory>

namespace groklab {
namespace {

namespace fs = std::filesystem;
using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

constexpr const char* kSpec = R"(
experiment: every_figure
claim: <script>alert(1)</script> stays text.
operation: {name: add, modulus: 7}
model: {name: transformer, layers: 1, width: 16, heads: 2}
loss: cross_entropy
optimizer: {name: adamw, learning_rate: 1e-2}
training: {steps: 40}
evaluation: {every: 5}
probes: [weight_norm, gradient_norm, update_anatomy, softmax_collapse]
sweep:
  grid: {data.train_fraction: [0.4, 0.7], optimizer.weight_decay: [0.0, 1.0]}
  seeds: 2
figures:
  - {kind: curve, series: "data.train_fraction,optimizer.weight_decay"}
  - time_by_fraction
  - {kind: accuracy_by_fraction, series: optimizer.weight_decay}
  - {kind: embedding_map, perplexity: 2}
  - fourier_spectrum
  - {kind: probe_over_time, probe: weight_norm}
  - {kind: scatter, x: weight_norm, y: val_accuracy}
  - {kind: interventions, by: "data.train_fraction,optimizer.weight_decay"}
  - loss_anatomy
expect:
  - statistic: generalized_share
    where: data.train_fraction=0.4,optimizer.weight_decay=0
    at_most: 1
    runs: 2
  - claim: Nobody needs a step.
    statistic: column
    column: steps
    where: data.train_fraction=0.4,optimizer.weight_decay=0
    at_most: 0
    runs: 2
  - {statistic: delay, at_least: 1}
)";

const std::vector<std::string>& kinds() {
  static const std::vector<std::string> all{
      "curve",         "time_by_fraction", "accuracy_by_fraction",
      "embedding_map", "fourier_spectrum", "probe_over_time",
      "scatter",       "interventions",    "loss_anatomy"};
  return all;
}

class ReportProgram : public testing::Test {
 protected:
  // Trains the sweep, once for all tests.
  static void SetUpTestSuite() {
    folder_ = std::make_unique<test::TemporaryFolder>();
    const auto spec = folder_->write("spec.yaml", kSpec);
    const auto result = test::run_groklab({"run", spec, "--out", sweep().string()});
    ASSERT_EQ(result.exit_code, 0) << result.output;
  }
  static void TearDownTestSuite() { folder_.reset(); }

  static fs::path sweep() { return folder_->path() / "sweep"; }
  static fs::path out(const char* name) { return folder_->path() / name; }

  static ProcessResult report(std::vector<std::string> more) {
    more.insert(more.begin(), {"report", sweep().string()});
    return test::run_groklab(more);
  }

  static std::unique_ptr<test::TemporaryFolder> folder_;
};

std::unique_ptr<test::TemporaryFolder> ReportProgram::folder_;

TEST_F(ReportProgram, DrawsEveryKindOfFigureThatTheSpecNamesAndThePage) {
  const auto result = report({"--out", out("report")});
  EXPECT_EQ(result.exit_code, 0) << result.output;
  EXPECT_THAT(result.output, Not(HasSubstr("no ")));
  for (const auto& kind : kinds()) {
    const auto folder = out("report") / "figures";
    const auto svg = read_file(folder / (kind + ".svg"));
    EXPECT_THAT(svg, HasSubstr("<path")) << kind;
    EXPECT_THAT(svg, HasSubstr("</svg>")) << kind;
    EXPECT_EQ(read_file(folder / (kind + ".png")).substr(1, 3), "PNG") << kind;
    EXPECT_TRUE(fs::exists(folder / (kind + ".gp"))) << kind;
  }
  const auto page = read_file(out("report") / "report.html");
  for (const auto& kind : kinds()) EXPECT_THAT(page, HasSubstr("\"name\":\"" + kind + "\""));
  EXPECT_THAT(page, Not(HasSubstr("<script>alert(1)")));
}

TEST_F(ReportProgram, JudgesTheClaimsOfTheSpec) {
  const auto result = report({"--out", out("claims"), "--page-only"});
  EXPECT_EQ(result.exit_code, 0) << result.output;
  EXPECT_THAT(result.output,
              AllOf(HasSubstr("holds      share of runs that generalise (data.train_fraction=0.4,"
                              "optimizer.weight_decay=0), to be at most 1\n"
                              "           0, 95 % interval 0 to 0.8419, n = 2\n"),
                    HasSubstr("fails      Nobody needs a step.\n"
                              "           mean last steps (data.train_fraction=0.4,"
                              "optimizer.weight_decay=0), to be at most 0\n"
                              "           40, 95 % interval 40 to 40, n = 2\n"),
                    HasSubstr("undecided  median ratio of steps to generalise"),
                    HasSubstr("the runs differ in data.train_fraction, optimizer.weight_decay")));
  const auto table = read_file(out("claims") / "verdicts.csv");
  EXPECT_THAT(table, HasSubstr("\n1,Nobody needs a step.,fails,\"\",column,"));
  EXPECT_THAT(read_file(out("claims") / "report.html"), HasSubstr("\"claim\":\"Nobody needs"));
}

TEST_F(ReportProgram, DrawsOneFigureAsTheCommandLineWantsIt) {
  const auto result =
      report({"--figure",
              "curve name=half where=data.train_fraction=0.4,optimizer.weight_decay=0 series=seed",
              "--format", "pdf", "--out", out("one")});
  EXPECT_EQ(result.exit_code, 0) << result.output;
  EXPECT_EQ(read_file(out("one") / "figures" / "half.pdf").substr(0, 4), "%PDF");
  EXPECT_FALSE(fs::exists(out("one") / "report.html"));
  EXPECT_FALSE(fs::exists(out("one") / "figures" / "half.svg"));
}

TEST_F(ReportProgram, AnswersMistakesWithTheirPlaceAndTheWayOut) {
  const auto unknown = report({"--figure", "curv", "--figure", "curve smooth=1"});
  EXPECT_EQ(unknown.exit_code, 2);
  EXPECT_THAT(unknown.output, AllOf(HasSubstr("no kind of figure 'curv'; did you mean 'curve'?"),
                                    HasSubstr("smooth: unknown parameter of curve")));
  const auto impossible = report({"--figure", "scatter x=sharpness"});
  EXPECT_EQ(impossible.exit_code, 2);
  EXPECT_THAT(impossible.output, HasSubstr("sharpness"));
  const auto elsewhere = test::run_groklab({"report", out("nowhere")});
  EXPECT_EQ(elsewhere.exit_code, 2);
  EXPECT_THAT(elsewhere.output, HasSubstr("holds neither a sweep"));
}

TEST_F(ReportProgram, RefusesASpecWhoseFigureItCannotKnow) {
  std::string text = kSpec;
  text.replace(text.find("- loss_anatomy"), 14, "- los_anatomy");
  const auto spec = folder_->write("mistake.yaml", text);
  const auto result = test::run_groklab({"validate", spec});
  EXPECT_EQ(result.exit_code, 2);
  EXPECT_THAT(result.output, HasSubstr("did you mean 'loss_anatomy'?"));
}

TEST_F(ReportProgram, JudgesAClaimThatWasStatedAfterTheRuns) {
  std::string text = kSpec;
  text.replace(text.find("at_most: 0"), 10, "at_most: 40");
  const auto spec = folder_->write("later.yaml", text);
  const auto result = test::run_groklab({"run", spec, "--out", sweep().string()});
  ASSERT_EQ(result.exit_code, 0) << result.output;
  EXPECT_THAT(report({"--out", out("later"), "--page-only"}).output,
              HasSubstr("holds      Nobody needs a step."));
}

}  // namespace
}  // namespace groklab
