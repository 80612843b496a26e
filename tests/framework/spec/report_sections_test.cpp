#include "spec/report_sections.h"

#include "spec/source.h"
#include "support/temporary_folder.h"

#include <gmock/gmock.h>

namespace groklab {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

const std::vector<EntryKind>& kinds() {
  static const std::vector<EntryKind> all{
      {"curve", "over steps", Schema{}.text("name", "", "").text("series", "", "")},
      {"map", "of rows",
       Schema{}
           .text("name", "", "")
           .choice("rows", "output", "", {"output", "embedding"})
           .real("perplexity", 30, "", at_least(1))}};
  return all;
}

struct ReadSections {
  std::vector<Section> sections;
  std::string problems;
};

ReadSections read(const std::string& text, const std::vector<std::string>& overrides = {}) {
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
  const auto first = read("figures: [curve, {kind: map, name: a, perplexity: 12.5}]\n").sections;
  const auto second = read(figures_to_yaml(first)).sections;
  ASSERT_THAT(second, SizeIs(2));
  EXPECT_EQ(second[1].real("perplexity"), 12.5);
  for (std::size_t i = 0; i < 2; ++i) {
    EXPECT_EQ(second[i].plugin, first[i].plugin);
    for (const auto& setting : first[i].settings) {
      EXPECT_EQ(second[i].at(setting.key).value, setting.value) << setting.key;
    }
  }
}

const std::vector<EntryKind>& statistics() {
  static const std::vector<EntryKind> all{
      {"delay", "",
       Schema{}.text("claim", "", "").text("at_least", "", "").text("at_most", "", "")}};
  return all;
}

ReadSections expect(const std::string& text) {
  const test::TemporaryFolder folder;
  Problems problems;
  auto expectations =
      read_expectations(load_spec(folder.write("spec.yaml", text), {}), statistics(), problems);
  return {std::move(expectations), problems.text()};
}

TEST(Expectations, AreStatisticsWithBounds) {
  const auto [found, problems] =
      expect("expect:\n  - {claim: It is late., statistic: delay, at_least: 2.5, at_most: 1e3}\n");
  EXPECT_EQ(problems, "");
  ASSERT_THAT(found, SizeIs(1));
  EXPECT_EQ(found[0].plugin, "delay");
  EXPECT_EQ(found[0].text("claim"), "It is late.");
  EXPECT_EQ(found[0].text("at_least"), "2.5");
  EXPECT_EQ(found[0].text("at_most"), "1e3");
}

TEST(Expectations, NeedABoundThatIsANumber) {
  const auto problems = expect(
                            "expect:\n"
                            "  - delay\n"
                            "  - {statistic: delay, at_least: twice}\n"
                            "  - {statistic: delay, at_least: 3, at_most: 2}\n"
                            "  - {statistic: delays, at_least: 3}\n"
                            "  - {at_least: 3}\n")
                            .problems;
  EXPECT_THAT(problems, HasSubstr("spec.yaml:2:5: expect.0: missing: a bound, by at_least"));
  EXPECT_THAT(problems, HasSubstr("spec.yaml:3:34: expect.1.at_least: expected a number, found "
                                  "'twice'"));
  EXPECT_THAT(problems, HasSubstr("expect.2: nothing is at least 3 and at most 2"));
  EXPECT_THAT(problems, HasSubstr("expect.3.statistic: there is no statistic 'delays'; did you "
                                  "mean 'delay'?"));
  EXPECT_THAT(problems, HasSubstr("expect.4: expected an expectation, such as {statistic: "));
}

TEST(Expectations, ReadBackFromTheYamlThatTheyAreWrittenAs) {
  const auto first = expect("expect: [{statistic: delay, at_least: 0.5}]\n").sections;
  const auto [second, problems] = expect(expectations_to_yaml(first));
  EXPECT_EQ(problems, "");
  ASSERT_THAT(second, SizeIs(1));
  EXPECT_EQ(second[0].text("at_least"), "0.5");
  EXPECT_EQ(second[0].text("at_most"), "");
}

}  // namespace
}  // namespace groklab
