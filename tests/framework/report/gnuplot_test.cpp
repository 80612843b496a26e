#include "report/gnuplot.h"

#include "base/files.h"
#include "base/process.h"
#include "report/gnuplot_layout.h"
#include "support/temporary_folder.h"

#include <gmock/gmock.h>

#include <cstdlib>
#include <limits>

namespace groklab {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;
using testing::StartsWith;
using testing::ThrowsMessage;

constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();

Figure figure_of(std::vector<Series> series) {
  Figure figure;
  figure.name = "figure";
  figure.panels.emplace_back().series = std::move(series);
  return figure;
}

Series series_of(SeriesMark mark, std::vector<double> x, std::vector<double> y) {
  Series series;
  series.mark = mark;
  series.x = std::move(x);
  series.y = std::move(y);
  return series;
}

class Gnuplot : public testing::Test {
 protected:
  void SetUp() override {
    if (!run_program({"gnuplot", "--version"}).started) GTEST_SKIP() << "gnuplot is not installed";
  }

  // Draws all formats; expects pictures. Gives the SVG.
  std::string draw(const Figure& figure) {
    write_with_gnuplot(figure, folder_.path(), {"svg", "png", "pdf"});
    const auto file = [&](const char* ending) {
      return read_file(folder_.path() / (figure.name + ending));
    };
    EXPECT_THAT(file(".png"), StartsWith("\x89PNG\r\n\x1a\n"));
    EXPECT_THAT(file(".pdf"), StartsWith("%PDF-"));
    EXPECT_THAT(file(".svg"), HasSubstr("</svg>"));
    return file(".svg");
  }

  test::TemporaryFolder folder_;
};

TEST_F(Gnuplot, DrawsEveryMarkOnEveryScale) {
  for (const auto mark :
       {SeriesMark::line, SeriesMark::line_and_points, SeriesMark::points, SeriesMark::bars}) {
    for (const auto scale : {Scale::linear, Scale::log, Scale::category}) {
      auto series = series_of(mark, {0, 1, 2}, {1, 20, 300});
      series.low = {0.5, 10, 200};
      series.high = {2, 30, std::numeric_limits<double>::infinity()};
      auto figure = figure_of({series});
      figure.panels[0].x.scale = scale == Scale::category ? scale : Scale::linear;
      figure.panels[0].x.categories = {"a", "b", "c"};
      figure.panels[0].y.scale = scale == Scale::log ? scale : Scale::linear;
      draw(figure);
    }
  }
}

TEST_F(Gnuplot, TextsOfStrangersStayTexts) {
  const auto marker = folder_.path() / "marker";
  for (const auto& hostile : std::vector<std::string>{
           "it's 'quoted'", "say \"x\"", "back\\slash \\n", "a_b^{c} &{x} @{y} ~a{b}",
           "{unbalanced", "@home $run %d %T", "`touch " + marker.string() + "`",
           "'\n!touch " + marker.string() + "\nset title '",
           "\"; system('touch " + marker.string() + "') #", "EOD\nEOD", "x³ ≥ 0",
           "\xFF\x01 bytes"}) {
    auto series = series_of(SeriesMark::points, {0, 1}, {0, 1});
    series.name = hostile;
    series.labels = {hostile, hostile};
    auto figure = figure_of({series});
    figure.title = figure.caption = figure.panels[0].title = hostile;
    figure.panels[0].x = {.label = hostile, .scale = Scale::category, .categories = {hostile, "b"}};
    figure.panels[0].y.label = hostile;
    figure.panels[0].right = Axis{.label = hostile};
    figure.panels[0].rules = {{0.5, true, hostile, 0}, {0.5, false, hostile, 0}};
    draw(figure);
    EXPECT_FALSE(fs::exists(marker)) << hostile;
  }
}

TEST_F(Gnuplot, MarkupIsShownAsItIsWritten) {
  auto figure = figure_of({series_of(SeriesMark::line, {0, 1}, {0, 1})});
  figure.title = "a_b^{c} it's 50 % @home";
  EXPECT_THAT(draw(figure), HasSubstr("a_b^{c} it's 50 % @home"));
}

// The y of a text's baseline in pixels, downwards.
double baseline_of(const std::string& svg, const std::string& text) {
  const auto at = svg.find(">" + text);
  if (at == std::string::npos) return kNaN;
  const auto comma = svg.find(',', svg.rfind("translate(", at));
  return std::stod(svg.substr(comma + 1));
}

TEST_F(Gnuplot, AnAxisLabelMeetsNeitherNumbersNorCaption) {
  auto figure = figure_of({series_of(SeriesMark::line, {0, 0.75}, {1, 2})});
  figure.panels[0].x.label = "below";
  figure.caption = "What the picture shows.";
  const auto svg = draw(figure);
  const double numbers = baseline_of(svg, "0.6<"), label = baseline_of(svg, "below"),
               caption = baseline_of(svg, "What");
  EXPECT_GT(label - kType.label, numbers + 2);
  EXPECT_GT(caption - kType.caption, label + kType.label / 4);
}

TEST_F(Gnuplot, TheScriptDrawsTheSameAloneInItsFolder) {
  const auto svg = draw(figure_of({series_of(SeriesMark::line, {1, 2}, {3, 4})}));
  fs::remove(folder_.path() / "figure.svg");
  const auto result =
      run_program({"sh", "-c", "cd '" + folder_.path().string() + "' && gnuplot -d figure.gp"});
  EXPECT_TRUE(result.succeeded()) << result.output;
  EXPECT_EQ(read_file(folder_.path() / "figure.svg"), svg);
}

TEST_F(Gnuplot, FoldersMayHaveAnyName) {
  const auto folder = folder_.path() / "it's \"50 %\" $x";
  write_with_gnuplot(figure_of({series_of(SeriesMark::line, {1, 2}, {3, 4})}), folder, {"svg"});
  EXPECT_GT(fs::file_size(folder / "figure.svg"), 0U);
}

TEST_F(Gnuplot, WhatCannotBePutInPlaceLeavesNoOtherFiles) {
  fs::create_directories(folder_.path() / "figure.svg/in the way");
  EXPECT_THROW(write_with_gnuplot(figure_of({series_of(SeriesMark::line, {1, 2}, {3, 4})}),
                                  folder_.path(), {"svg"}),
               Error);
  for (const auto& entry : fs::directory_iterator(folder_.path())) {
    EXPECT_NE(entry.path().extension(), ".part");
  }
}

TEST_F(Gnuplot, SaysThatItIsMissing) {
  const std::string before = std::getenv("PATH");
  ::setenv("PATH", folder_.path().c_str(), 1);
  EXPECT_THAT(
      [&] {
        write_with_gnuplot(figure_of({series_of(SeriesMark::line, {1, 2}, {3, 4})}), folder_.path(),
                           {"svg"});
      },
      ThrowsMessage<Error>(StartsWith("gnuplot is not installed")));
  ::setenv("PATH", before.c_str(), 1);
  EXPECT_TRUE(fs::is_empty(folder_.path()));
}

TEST_F(Gnuplot, AFigureWithoutValuesHasEmptyAxes) {
  draw(figure_of({}));
  draw(figure_of({series_of(SeriesMark::line, {kNaN, 1}, {1, kNaN})}));
}

TEST(GnuplotScript, NamesOfFilesCannotLeadElsewhere) {
  test::TemporaryFolder folder;
  for (const auto* name : {"", "../x", "a/b", "a b", "a'b"}) {
    auto figure = figure_of({series_of(SeriesMark::line, {1, 2}, {3, 4})});
    figure.name = name;
    EXPECT_THROW(write_with_gnuplot(figure, folder.path(), {"svg"}), Error) << name;
  }
}

std::string script_of(const Figure& figure) { return gnuplot_script(figure, {"figure.svg"}); }

TEST(GnuplotScript, HoldsEveryNumberAndInterruptsLinesAtNaN) {
  const auto script =
      script_of(figure_of({series_of(SeriesMark::line, {1, 2, 3, 4}, {0.1, kNaN, 1e-9, 4})}));
  EXPECT_THAT(script, HasSubstr("\n1 0.1\n\n3 1e-09\n4 4\nEOD\n"));
}

TEST(GnuplotScript, WhatIsNotAboveZeroHasNoPlaceOnALogAxis) {
  auto figure = figure_of({series_of(SeriesMark::line, {0, 1, 2, 3}, {5, 0, 7, 8})});
  figure.panels[0].x.scale = figure.panels[0].y.scale = Scale::log;
  const auto script = script_of(figure);
  EXPECT_THAT(script, HasSubstr("# x y\n2 7\n3 8\nEOD\n"));
  EXPECT_THAT(script, HasSubstr("set logscale x"));
}

TEST(GnuplotScript, IntervalsAreBandsOfLinesAndWhiskersOfPoints) {
  auto line = series_of(SeriesMark::line, {1, 2}, {3, 4});
  line.low = {2, 3};
  line.high = {4, 5};
  EXPECT_THAT(script_of(figure_of({line})), HasSubstr("# x low high\n1 2 4\n2 3 5\nEOD\n"));
  EXPECT_THAT(script_of(figure_of({line})), HasSubstr("filledcurves"));
  line.mark = SeriesMark::points;
  EXPECT_THAT(script_of(figure_of({line})), HasSubstr("using 1:3:(0):($4-$3) with vectors heads"));
  auto sideways = figure_of({line});
  sideways.panels[0].y = {
      .label = "", .scale = Scale::category, .categories = {"a", "b", "c", "d", "e"}};
  EXPECT_THAT(script_of(sideways), HasSubstr("using 3:2:($4-$3):(0) with vectors heads"));
}

TEST(GnuplotScript, BoundsAreHollowAndApartFromValues) {
  auto points = series_of(SeriesMark::points, {1, 2, 3}, {10, 20, 30});
  points.is_bound = {false, true, false};
  const auto script = script_of(figure_of({points}));
  EXPECT_THAT(script, HasSubstr("# x y\n1 10\n3 30\nEOD\n"));
  EXPECT_THAT(script, HasSubstr("truth lies beyond\n2 20\nEOD\n"));
  EXPECT_THAT(script, HasSubstr("pt 8 "));
}

TEST(GnuplotScript, BarsOfTwoSeriesAreBesideEachOther) {
  const auto bars = series_of(SeriesMark::bars, {0, 1}, {3, 4});
  const auto script = script_of(figure_of({bars, bars}));
  EXPECT_THAT(script, HasSubstr("-0.2 3 -0.4 0 0 3"));  // 0.8 of a unit, halved
  EXPECT_THAT(script, HasSubstr("0.2 3 0 0.4 0 3"));
}

TEST(GnuplotScript, ALogAxisHasPowersOfTenAndWhereThereAreFewTheirMultiples) {
  auto figure = figure_of({series_of(SeriesMark::line, {1, 2}, {1, 1e6})});
  figure.panels[0].y.scale = Scale::log;
  EXPECT_THAT(script_of(figure), HasSubstr("'10^{3}' 1000"));
  figure.panels[0].series[0].y = {1500, 6000};
  EXPECT_THAT(script_of(figure), HasSubstr("'2×10^{3}' 2000"));
}

TEST(GnuplotScript, GrowsWithItsPanels) {
  auto figure = figure_of({series_of(SeriesMark::line, {1, 2}, {1, 2})});
  const auto size = [&] {
    const auto script = script_of(figure);
    return script.substr(script.find(" size "), 20);
  };
  const auto before = size();
  figure.panels.push_back(figure.panels[0]);
  EXPECT_NE(size(), before);
}

TEST(GnuplotScript, AnOtherFormatIsAnError) {
  EXPECT_THROW(gnuplot_script(figure_of({}), {"figure.bmp"}), Error);
}

}  // namespace
}  // namespace groklab
