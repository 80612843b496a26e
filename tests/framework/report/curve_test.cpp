#include "report/curve.h"

#include "base/files.h"
#include "base/process.h"
#include "support/temporary_folder.h"

#include <gmock/gmock.h>

#include <cstdlib>
#include <limits>

namespace groklab {
namespace {

namespace fs = std::filesystem;
using testing::Eq;
using testing::HasSubstr;
using testing::Not;
using testing::Optional;
using testing::StartsWith;

constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();

MetricsRow row(std::int64_t step, double train, double val, double train_loss, double val_loss) {
  return {step,
          {{"train_accuracy", train},
           {"val_accuracy", val},
           {"train_loss", train_loss},
           {"val_loss", val_loss}}};
}

std::vector<MetricsRow> grokking() {
  return {row(0, 0.01, 0.01, 4.7, 4.7), row(10, 0.5, 0.01, 2, 5), row(100, 1, 0.02, 1e-2, 9),
          row(1000, 1, 0.6, 1e-5, 2), row(4321, 1, 0.995, 1e-6, 0.01)};
}

class Curve : public testing::Test {
 protected:
  void SetUp() override {
    if (!run_program({"gnuplot", "--version"}).started) GTEST_SKIP() << "gnuplot is not installed";
  }

  // Draws; expects that it works and that both files are pictures. Gives the SVG.
  std::string draw(const std::vector<MetricsRow>& rows, const std::string& title = "title") {
    EXPECT_EQ(draw_curve(folder_.path(), title, rows), std::nullopt);
    EXPECT_THAT(read_file(folder_.path() / "curve.png"), StartsWith("\x89PNG\r\n\x1a\n"));
    auto svg = read_file(folder_.path() / "curve.svg");
    EXPECT_THAT(svg, HasSubstr("<svg"));
    EXPECT_THAT(svg, HasSubstr("</svg>"));
    return svg;
  }

  test::TemporaryFolder folder_;
};

TEST_F(Curve, HasAxisTitlesALegendAndBothMarkers) {
  const auto svg = draw(grokking());
  for (const auto* text :
       {"accuracy", "loss (cross-entropy, nats)", "step (parameter updates)", "training accuracy",
        "validation accuracy", "training loss", "validation loss", ">100<", ">4321<"}) {
    EXPECT_THAT(svg, HasSubstr(text));
  }
}

TEST_F(Curve, HasNoMarkerForWhatNeverHappened) {
  auto rows = grokking();
  rows.pop_back();
  const auto svg = draw(rows);
  EXPECT_THAT(svg, HasSubstr(">100<"));
  EXPECT_THAT(svg, Not(HasSubstr(">4321<")));
  EXPECT_THAT(svg, Not(HasSubstr(">1000<")));
}

TEST_F(Curve, KeepsTheScriptWithEveryNumber) {
  draw(grokking());
  const auto script = read_file(folder_.path() / "curve.gp");
  EXPECT_THAT(script, HasSubstr("\n4321 1 0.995 1e-06 0.01\n"));
  EXPECT_THAT(script, HasSubstr("\n10 0.5 0.01 2 5\n"));
  EXPECT_THAT(script, Not(HasSubstr("\n0 ")));  // has no place on a logarithmic axis
}

TEST_F(Curve, TitlesMayHoldAnyCharacter) {
  for (const std::string title : {"it's", "say \"x\"", "back\\slash", "a_b^{c}", "@home $run #1 %d",
                                  "`date`", "x³ + xy² ≥ 0", ""}) {
    draw(grokking(), title);
  }
  EXPECT_THAT(draw(grokking(), "it's a_b^{c} 50 %"), HasSubstr("it's a_b^{c} 50 %"));
}

TEST_F(Curve, FoldersMayHaveAnyName) {
  const auto folder = folder_.path() / "it's \"50 %\" $x";
  fs::create_directory(folder);
  EXPECT_EQ(draw_curve(folder, "title", grokking()), std::nullopt);
  EXPECT_GT(fs::file_size(folder / "curve.svg"), 0U);
}

TEST_F(Curve, LeavesOutWhatHasNoLogarithm) {
  draw({row(0, 0, 0, 4, 4), row(1, 0.5, 0.1, 0, kNaN), row(10, 1, kNaN, 1e-300, 3),
        row(100, 1, 0.5, 0, 0)});
}

TEST_F(Curve, AFractionWithoutValidationRowsHasACurveToo) {
  draw({row(0, 0, kNaN, 4, kNaN), row(10, 0.5, kNaN, 2, kNaN), row(20, 1, kNaN, 1, kNaN)});
}

TEST_F(Curve, ADivergedRunHasACurveToo) {
  draw({row(0, 0, 0, 4, 4), row(1, 0, 0, 40, 50), row(2, 0, 0, 1e30, 1e35),
        row(3, 0, 0, kNaN, std::numeric_limits<double>::infinity())});
}

TEST_F(Curve, NeedsTwoEvaluationsAfterTheFirstStep) {
  const auto nothing = Optional(Eq("fewer than two evaluations to draw"));
  EXPECT_THAT(draw_curve(folder_.path(), "", {}), nothing);
  EXPECT_THAT(draw_curve(folder_.path(), "", {row(0, 0, 0, 4, 4), row(1, 0, 0, 4, 4)}), nothing);
  EXPECT_THAT(draw_curve(folder_.path(), "", {row(1, 0, 0, 4, 4), row(2, 0, 0, kNaN, 4)}), nothing);
  EXPECT_TRUE(fs::is_empty(folder_.path()));
  draw({row(0, 0, 0, 4, 4), row(1, 0, 0, 4, 4), row(2, 0, 0, 4, 4)});
}

TEST_F(Curve, SaysThatGnuplotIsMissing) {
  const std::string before = std::getenv("PATH");
  ::setenv("PATH", folder_.path().c_str(), 1);
  const auto reason = draw_curve(folder_.path(), "title", grokking());
  ::setenv("PATH", before.c_str(), 1);
  EXPECT_THAT(reason, Optional(Eq("gnuplot is not installed")));
  EXPECT_FALSE(fs::exists(folder_.path() / "curve.png"));
}

TEST_F(Curve, SaysWhyTheScriptCannotBeWritten) {
  fs::create_directory(folder_.path() / "curve.gp");
  EXPECT_THAT(draw_curve(folder_.path(), "title", grokking()),
              Optional(StartsWith("cannot replace " + (folder_.path() / "curve.gp").string())));
}

TEST_F(Curve, SaysWhyGnuplotFailed) {
  fs::create_directory(folder_.path() / "curve.png");  // where the picture is to go
  EXPECT_THAT(draw_curve(folder_.path(), "title", grokking()),
              Optional(StartsWith("gnuplot failed: ")));
}

}  // namespace
}  // namespace groklab
