#include "report/report.h"

#include "support/small_study.h"

#include <gmock/gmock.h>

#include <set>

namespace groklab {
namespace {

using testing::AllOf;
using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Pair;
using testing::SizeIs;

// Three runs that are over (one of them without generalising), one that waits, one that failed.
class Report : public testing::Test {
 protected:
  Report() {
    study_.set("operation.name", "add");
    study_.add_cell({{"data.train_fraction", "0.5"}, {"seed", "0"}}, test::grokking(100, 1'000));
    study_.add_cell({{"data.train_fraction", "0.5"}, {"seed", "1"}}, test::grokking(100, 3'000));
    study_.add_cell({{"data.train_fraction", "0.3"}, {"seed", "0"}}, test::grokking(100, 0));
    study_.add_cell({{"data.train_fraction", "0.3"}, {"seed", "1"}}, {}, "waiting");
    study_.add_cell({{"data.train_fraction", "0.7"}, {"seed", "0"}}, {}, "failed",
                    {{"failure", "operation add: threw"}});
  }

  test::SmallStudy study_{"demo"};
};

// Two evaluations follow those at 1000 and at 3000, and three would be sustained. Runs of several
// fractions have no median.
TEST_F(Report, VerdictCountsStatesAndHasNoMedianOverSettings) {
  EXPECT_EQ(verdict_of(study_.read()),
            "5 cells: 1 waiting, 3 done, 1 failed. 2 generalised (validation accuracy at or above "
            "99 %), 0 of these sustained; 1 finished without.");
}

TEST(ReportVerdict, GivesTheMedianOfAllRepetitionsThatAreOver) {
  test::SmallStudy small;
  small.add_cell({{"seed", "0"}}, test::grokking(100, 1'000));
  small.add_cell({{"seed", "1"}}, test::grokking(100, 0));
  EXPECT_THAT(verdict_of(small.read()), HasSubstr("of the 2 finished runs, median: > 50500."));
  small.add_cell({{"seed", "2"}}, test::grokking(100, 3'000));
  EXPECT_THAT(verdict_of(small.read()), HasSubstr("of the 3 finished runs, median: 3000."));
}

// 30 s of two runs at once, and 5 s of one alone.
TEST(ReportPage, CountsTheTimeOfAPackOnce) {
  test::SmallStudy small;
  for (const auto& [seed, seconds] : {std::pair("0", 20.0), {"1", 30.0}, {"2", 5.0}}) {
    small.add_cell({{"seed", seed}}, test::grokking(100, 1'000), "done",
                   {{"session_seconds", seconds}});
  }
  auto study = small.read();
  study.runs.plan.packs = {{"both", "graph", {0, 1}}, {"alone", "graph", {2}}};
  EXPECT_THAT(make_page(study, {}).provenance,
              Contains(Pair("training time, of the last sessions, added up over packs", "35 s")));
}

// Every kind that averages does so over seeds alone, and something shows the accuracy.
TEST(ReportFigures, OfTwoSettingsHaveAnAccuracyAndPoolNoSettings) {
  for (const int rates : {2, 4}) {  // 6 and 12 settings; there are 7 colours
    test::SmallStudy small;
    for (int rate = 0; rate < rates; ++rate) {
      for (const auto* decay : {"0", "0.1", "1"}) {
        for (const auto* seed : {"0", "1"}) {
          small.add_cell({{"optimizer.learning_rate", std::to_string(rate)},
                          {"optimizer.weight_decay", decay},
                          {"seed", seed}},
                         test::grokking(100, 1'000));
        }
      }
    }
    const auto study = small.read();
    const auto figures = draw_figures(study, figures_of(study));
    std::set<std::string> names;
    for (const auto& drawn : figures) {
      EXPECT_EQ(drawn.problem, "") << drawn.figure.name;
      EXPECT_THAT(drawn.figure.caption, HasSubstr("differ in seed")) << drawn.figure.name;
      names.insert(drawn.figure.name);
    }
    EXPECT_THAT(names, Contains("interventions"));
    EXPECT_EQ(names.contains("curve"), rates == 2);
  }
}

TEST_F(Report, PageHasARowForEachCellWithItsSweptValuesAndSummary) {
  const auto page = make_page(study_.read(), {});
  std::vector<std::string> names;
  for (const auto& column : page.columns) names.push_back(column.name);
  EXPECT_THAT(names, AllOf(Contains("cell"), Contains("data.train_fraction"), Contains("seed"),
                           Contains("state"), Contains("steps_to_generalize")));
  ASSERT_THAT(page.rows, SizeIs(5));
  for (const auto& row : page.rows) EXPECT_THAT(row.values, SizeIs(page.columns.size()));
  const auto place = std::find(names.begin(), names.end(), "steps_to_generalize") - names.begin();
  EXPECT_EQ(page.rows[1].values[place], TableValue(std::int64_t{3'000}));
  EXPECT_EQ(page.rows[2].values[place], TableValue());
  EXPECT_EQ(page.rows[0].values[1], TableValue(0.5));
  EXPECT_THAT(page.rows[3].curve.steps, IsEmpty());
  EXPECT_THAT(page.rows[0].curve.columns, SizeIs(4));
}

TEST_F(Report, PageNamesFailuresWithTheirReasonsAndWhereResultsAreFrom) {
  const auto page = make_page(study_.read(), {});
  EXPECT_THAT(page.failures, ElementsAre(Pair("failed: cell4", "operation add: threw")));
  EXPECT_THAT(page.provenance, Contains(Pair("folder", study_.path().string())));
}

TEST_F(Report, FiguresOfASpecThatNamesNoneAreThoseThatTheStudyIsAbout) {
  std::set<std::string> kinds;
  for (const auto& request : figures_of(study_.read())) kinds.insert(request.kind);
  EXPECT_THAT(kinds, AllOf(Contains("curve"), Contains("time_by_fraction"),
                           Contains("accuracy_by_fraction")));
  EXPECT_EQ(kinds.count("embedding_map"), 0U) << "there is no checkpoint";
}

TEST_F(Report, FiguresSayWhyOneCannotBeDrawnAndDrawTheOthers) {
  const auto study = study_.read();
  const auto figures =
      draw_figures(study, {{"fourier_spectrum", {}}, {"curve", {}}, {"curve", {}}});
  ASSERT_THAT(figures, SizeIs(3));
  EXPECT_THAT(figures[0].problem, HasSubstr("checkpoint"));
  EXPECT_THAT(figures[0].figure.panels, IsEmpty());
  EXPECT_EQ(figures[1].problem, "");
  EXPECT_EQ(figures[1].figure.name, "curve");
  EXPECT_EQ(figures[2].figure.name, "curve_2");
}

TEST_F(Report, FiguresOfAnotherVersionsPlanAreRefusedByTheirKindOrOption) {
  const auto study = study_.read();
  EXPECT_THAT(draw_figures(study, {{"curves", {}}})[0].problem,
              HasSubstr("there is no figure 'curves'; did you mean 'curve'?"));
  EXPECT_THAT(draw_figures(study, {{"curve", {{"step", std::int64_t{8}}}}})[0].problem,
              HasSubstr("curve takes no option step=8"));
}

TEST(FigureKinds, HaveTheNamesOfTheirFilesAndSayWhatTheyShow) {
  std::set<std::string> names;
  for (const auto& kind : figure_kinds()) {
    EXPECT_TRUE(names.insert(kind.name).second) << kind.name;
    EXPECT_FALSE(kind.summary.empty()) << kind.name;
    for (const auto* option : {"name", "title", "where"}) {
      EXPECT_NE(kind.schema.find(option), nullptr) << kind.name << " " << option;
    }
  }
  EXPECT_THAT(names, ElementsAre("accuracy_by_fraction", "curve", "embedding_map",
                                 "fourier_spectrum", "interventions", "loss_anatomy",
                                 "probe_over_time", "scatter", "time_by_fraction"));
}

}  // namespace
}  // namespace groklab
