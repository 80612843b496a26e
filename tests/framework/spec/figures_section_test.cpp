#include "spec/figures_section.h"

#include "spec/source.h"
#include "support/temporary_folder.h"

#include <gmock/gmock.h>

namespace groklab {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

const std::vector<FigureFacts>& kinds() {
  static const std::vector<FigureFacts> all{
      {"curve", "over steps", Schema{}.text("name", "", "").text("series", "", "")},
      {"map", "of rows",
       Schema{}
           .text("name", "", "")
           .choice("rows", "output", "", {"output", "embedding"})
           .real("perplexity", 30, "", at_least(1))}};
  return all;
}

struct ReadFigures {
  std::vector<Section> figures;
  std::string problems;
};

ReadFigures read(const std::string& text, const std::vector<std::string>& overrides = {}) {
  const test::TemporaryFolder folder;
  Problems problems;
  auto figures =
      read_figures(load_spec(folder.write("spec.yaml", text), overrides), kinds(), problems);
  return {std::move(figures), problems.text()};
}

TEST(FiguresSection, ASpecWithoutOneAsksForNone) {
  for (const auto* text : {"experiment: demo\n", "figures:\n", "figures: []\n"}) {
    const auto [figures, problems] = read(text);
    EXPECT_THAT(figures, IsEmpty());
    EXPECT_EQ(problems, "");
  }
}

TEST(FiguresSection, GivesEachFigureEveryOptionOfItsKind) {
  const auto [figures, problems] =
      read("figures: [curve, {kind: map, rows: embedding}, {kind: map, name: last}]\n");
  EXPECT_EQ(problems, "");
  ASSERT_THAT(figures, SizeIs(3));
  EXPECT_EQ(figures[0].plugin, "curve");
  EXPECT_EQ(figures[0].text("series"), "");
  EXPECT_EQ(figures[1].text("rows"), "embedding");
  EXPECT_EQ(figures[1].real("perplexity"), 30);
  EXPECT_EQ(figures[2].text("name"), "last");
}

TEST(FiguresSection, IsReplacedByOneOfTheCommandLine) {
  const auto [figures, problems] = read("figures: [curve]\n", {"figures=[{kind: map}]"});
  EXPECT_EQ(problems, "");
  ASSERT_THAT(figures, SizeIs(1));
  EXPECT_EQ(figures[0].plugin, "map");
}

TEST(FiguresSection, ReportsEveryMistakeWithItsPlaceAndTheWayOut) {
  const auto [figures, problems] = read(
      "figures:\n"
      "  - {kind: curv}\n"
      "  - {kind: map, perplexty: 3}\n"
      "  - {kind: map, name: second, perplexity: 0}\n"
      "  - [curve]\n"
      "  - {rows: output}\n"
      "  - {kind: map, name: ../map}\n");
  EXPECT_THAT(problems, HasSubstr("spec.yaml:2:12: figures.0.kind: there is no kind of figure "
                                  "'curv'; did you mean 'curve'?"));
  EXPECT_THAT(problems, HasSubstr("spec.yaml:3:17: figures.1.perplexty: unknown parameter of map; "
                                  "did you mean 'perplexity'?"));
  EXPECT_THAT(problems, HasSubstr("figures.2.perplexity: expected real ≥ 1"));
  EXPECT_THAT(problems, HasSubstr("figures.3: expected a figure, such as {kind: curve}"));
  EXPECT_THAT(problems, HasSubstr("figures.4: expected a figure, such as {kind: curve}"));
  EXPECT_THAT(problems, HasSubstr("figures.5.name: '../map' is to name files"));
}

TEST(FiguresSection, RefusesTwoFiguresOfOneNameAndWhatIsNoList) {
  EXPECT_THAT(read("figures: [curve, curve]\n").problems,
              HasSubstr("figures.1: two figures would be called 'curve'"));
  EXPECT_THAT(read("figures: {kind: curve}\n").problems,
              HasSubstr("figures: expected a list of figures, found"));
}

TEST(FiguresSection, ReadsBackFromTheYamlThatItIsWrittenAs) {
  const auto first = read("figures: [curve, {kind: map, name: a, perplexity: 12.5}]\n").figures;
  const auto second = read(to_yaml(first)).figures;
  ASSERT_THAT(second, SizeIs(2));
  EXPECT_EQ(second[1].real("perplexity"), 12.5);
  for (std::size_t i = 0; i < 2; ++i) {
    EXPECT_EQ(second[i].plugin, first[i].plugin);
    for (const auto& setting : first[i].settings) {
      EXPECT_EQ(second[i].at(setting.key).value, setting.value) << setting.key;
    }
  }
}

}  // namespace
}  // namespace groklab
