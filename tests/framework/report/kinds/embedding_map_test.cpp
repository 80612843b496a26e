#include "report/kinds.h"
#include "support/element_study.h"

#include <gmock/gmock.h>

#include <groklab/error.h>
#include <cmath>
#include <set>

namespace groklab {
namespace {

using test::residues_on_a_circle;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;
using testing::ThrowsMessage;
using Options = std::map<std::string, Value>;

Figure map_of(const test::SmallStudy& study, const Options& options = {}) {
  return draw_figure(study.read(), {"embedding_map", options});
}

// A text option; a literal would become a flag.
Value text(const char* value) { return std::string(value); }

// One cell with this analysis.
struct OneCell {
  explicit OneCell(const Analysis& analysis) {
    test::write_analysis(study.add_cell({{"seed", "0"}}, test::grokking(10, 100)), analysis);
  }
  test::SmallStudy study;
};

TEST(EmbeddingMap, ShowsBothProjectionsOfTheOutputRows) {
  const OneCell one(residues_on_a_circle(13, 8, false));
  const auto figure = map_of(one.study);
  ASSERT_THAT(figure.panels, SizeIs(2));
  EXPECT_EQ(figure.columns, 2U);
  for (const auto& panel : figure.panels) {
    EXPECT_TRUE(panel.is_square);
    ASSERT_THAT(panel.series, SizeIs(1));
    EXPECT_THAT(panel.series[0].x, SizeIs(13));
    EXPECT_EQ(panel.series[0].labels[12], "12");
    EXPECT_TRUE(panel.series[0].shows_labels);
    EXPECT_EQ(panel.series[0].shade[12], 12);
  }
  for (const auto* part :
       {"The 13 rows of the output layer of cell cell0 (seed = 0) at step 1000 (validation "
        "accuracy "
        "100.0 %)",
        "perplexity 4", "nats", "50.0 % and 50.0 % of the variance", "elements' numbers"}) {
    EXPECT_THAT(figure.caption, HasSubstr(part));
  }
}

// On the circle of the rows an element and the one that is greater by the step are neighbours.
TEST(EmbeddingMap, DrawsTheNumberLineOfAStepAlongTheCircle) {
  const OneCell one(residues_on_a_circle(13, 8, false));
  const auto figure = map_of(one.study, {{"projection", text("pca")}, {"step", std::int64_t{8}}});
  ASSERT_THAT(figure.panels, SizeIs(1));
  const auto& line = figure.panels[0].series.at(0);
  EXPECT_EQ(line.mark, SeriesMark::line);
  ASSERT_THAT(line.x, SizeIs(15));  // 13, back to the first, and a gap
  for (std::size_t i = 0; i + 2 < line.x.size(); ++i) {
    const auto length = std::hypot(line.x[i + 1] - line.x[i], line.y[i + 1] - line.y[i]);
    EXPECT_NEAR(length, 8 * std::sin(M_PI / 13), 1e-9);  // radius 4
  }
  EXPECT_TRUE(std::isnan(line.x.back()));
  EXPECT_THAT(figure.caption, HasSubstr("differ by 8 (mod 13)"));
}

TEST(EmbeddingMap, DrawsSeveralLinesWhereAStepDoesNotReachAll) {
  const OneCell one(residues_on_a_circle(12, 5, false));
  const auto figure = map_of(one.study, {{"projection", text("pca")}, {"step", std::int64_t{8}}});
  EXPECT_THAT(figure.panels[0].series.at(0).x, SizeIs(4 * (3 + 1 + 1)));
}

TEST(EmbeddingMap, ColoursDiscreteLogarithmsAndLeavesZeroOut) {
  const OneCell one(residues_on_a_circle(7, 1, true));
  const auto figure =
      map_of(one.study, {{"projection", text("pca")}, {"colour", text("discrete_logarithm")}});
  const auto& series = figure.panels[0].series;
  ASSERT_THAT(series, SizeIs(2));
  EXPECT_THAT(series[0].labels, ElementsAre("1", "3", "2", "6", "4", "5"));
  EXPECT_THAT(series[0].shade, ElementsAre(0, 1, 2, 3, 4, 5));
  EXPECT_THAT(series[1].labels, ElementsAre("0"));
  const OneCell composite(residues_on_a_circle(12, 1, true));
  EXPECT_THAT(
      [&] {
        map_of(composite.study, {{"colour", text("discrete_logarithm")}});
      },
      ThrowsMessage<Error>(HasSubstr("prime number of elements, not 12")));
}

TEST(EmbeddingMap, OfPermutationsHasASeriesForEachOfTwelveCosets) {
  const OneCell one(test::permutations_by_first_image());
  const auto figure = map_of(one.study, {{"projection", text("pca")}});
  ASSERT_THAT(figure.panels[0].series, SizeIs(12));
  for (const auto& series : figure.panels[0].series) EXPECT_THAT(series.x, SizeIs(10));
  EXPECT_THAT(figure.caption, HasSubstr("cosets of a subgroup of order 10"));
}

// The rows tell where 0 goes: "x then h" goes on to h[x[0]], so those with one x[0] are H x with
// H the permutations that keep 0.
TEST(EmbeddingMap, FindsTheCosetsByWhichRowsCluster) {
  const OneCell one(test::permutations_by_first_image());
  const auto figure =
      map_of(one.study, {{"projection", text("pca")}, {"subgroup_order", std::int64_t{24}}});
  ASSERT_THAT(figure.panels[0].series, SizeIs(5));
  for (const auto& series : figure.panels[0].series) {
    std::set<char> images;
    for (const auto& name : series.labels) images.insert(name[0]);
    EXPECT_THAT(images, SizeIs(1));
  }
  EXPECT_THAT(figure.caption, HasSubstr("the 5 right cosets of a subgroup of order 24"));
  EXPECT_THAT(figure.caption, HasSubstr("100.0 % of elements"));
}

TEST(EmbeddingMap, ColoursPermutationsBySign) {
  const OneCell one(test::permutations_by_first_image());
  const auto figure = map_of(one.study, {{"projection", text("pca")}, {"colour", text("parity")}});
  ASSERT_THAT(figure.panels[0].series, SizeIs(2));
  EXPECT_THAT(figure.panels[0].series[0].x, SizeIs(60));
  EXPECT_EQ(figure.panels[0].series[1].labels[0], "01243");
}

TEST(EmbeddingMap, SaysWhyThereAreNoCosets) {
  auto product = residues_on_a_circle(7, 1, true);
  const OneCell one(product);
  EXPECT_THAT(
      [&] {
        map_of(one.study, {{"colour", text("coset")}});
      },
      ThrowsMessage<Error>(HasSubstr("element 0 has no inverse")));
  const OneCell sum(residues_on_a_circle(12, 1, false));
  EXPECT_THAT(
      [&] {
        map_of(sum.study, {{"colour", text("coset")}, {"subgroup_order", std::int64_t{5}}});
      },
      ThrowsMessage<Error>(HasSubstr("no subgroup of order 5")));
}

TEST(EmbeddingMap, IsOfTheCellThatGeneralisedFirstAndHasACheckpoint) {
  test::SmallStudy study;
  const auto add = [&](const char* seed, std::int64_t generalized) {
    return study.add_cell({{"seed", seed}}, test::grokking(10, generalized));
  };
  test::write_analysis(add("0", 0), residues_on_a_circle(7, 1, false));
  test::write_analysis(add("1", 5000), residues_on_a_circle(7, 1, false));
  test::write_analysis(add("2", 2000), residues_on_a_circle(7, 1, false));
  add("3", 1000);  // no checkpoint
  EXPECT_THAT(map_of(study).caption, HasSubstr("cell cell2 (seed = 2)"));
  EXPECT_THAT(map_of(study, {{"where", text("seed=0")}}).caption, HasSubstr("cell cell0"));
  EXPECT_THAT(map_of(study, {{"cell", text("cell1")}}).caption, HasSubstr("cell cell1"));
  EXPECT_THAT(
      [&] {
        map_of(study, {{"cell", text("cell")}});
      },
      ThrowsMessage<Error>(HasSubstr("several cells")));
  EXPECT_THAT(
      [&] {
        map_of(study, {{"cell", text("dog")}});
      },
      ThrowsMessage<Error>(HasSubstr("starts with 'dog'")));
  EXPECT_THAT(
      [&] {
        map_of(study, {{"cell", text("cell3")}});
      },
      ThrowsMessage<Error>(HasSubstr("no checkpoint yet")));
}

TEST(EmbeddingMap, RefusesRowsThatAreNotFinite) {
  auto diverged = residues_on_a_circle(7, 1, false);
  diverged.output_rows.values[4] = NAN;
  const OneCell one(diverged);
  EXPECT_THAT([&] { map_of(one.study); }, ThrowsMessage<Error>(HasSubstr("diverged")));
  EXPECT_THAT(map_of(one.study, {{"rows", text("embedding")}}).panels, SizeIs(2));
}

TEST(EmbeddingMap, IsNaturalOnceARunHasGeneralised) {
  const auto natural = [](const test::SmallStudy& study) {
    return embedding_map_kind().natural_requests(study.read());
  };
  const OneCell one(residues_on_a_circle(7, 1, false));
  EXPECT_THAT(natural(one.study), SizeIs(1));
  test::SmallStudy never;
  test::write_analysis(never.add_cell({{"seed", "0"}}, test::grokking(10, 0)),
                       residues_on_a_circle(7, 1, false));
  EXPECT_THAT(natural(never), IsEmpty());
}

}  // namespace
}  // namespace groklab
