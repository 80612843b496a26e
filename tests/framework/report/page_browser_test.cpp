// Pages as a browser shows them: browser.py opens what is written here in a Chromium without a
// window, and each test is one of its checks.
#include "base/files.h"
#include "report/page.h"
#include "support/paths.h"
#include "support/python.h"
#include "support/report_pages.h"
#include "support/temporary_folder.h"

#include <gmock/gmock.h>

#include <iostream>

namespace groklab {
namespace {

constexpr int kNoBrowser = 77;  // the exit code of browser.py

class PageInBrowser : public testing::Test {
 protected:
  void SetUp() override {
    if (!python_.missing().empty()) GTEST_SKIP() << python_.missing();
  }

  void write(const std::string& name, const Page& page) {
    folder_.write(name + ".html", to_html(page));
    folder_.write(name + ".json", page_data(page));
  }

  void check(const std::string& what) {
    const auto script = test::source_dir() / "tests/framework/report/browser.py";
    const auto result = python_.run(script, {what, folder_.path().string()});
    if (result.exit_code == kNoBrowser) {
      GTEST_SKIP() << "there is no Chromium; scripts/setup --tests installs it";
    }
    EXPECT_TRUE(result.succeeded()) << result.output;
    std::cout << result.output;
  }

  test::Python python_{{"playwright"}};
  test::TemporaryFolder folder_;
};

TEST_F(PageInBrowser, DrawsItsFiguresAndAsksNobodyForAnything) {
  write("study", test::study_page());
  check("figures");
}

TEST_F(PageInBrowser, ReadsOutWhatIsUnderThePointerAndHidesSeries) {
  write("study", test::study_page());
  check("pointer");
}

TEST_F(PageInBrowser, SwitchesBetweenLogarithmicAndLinearScales) {
  write("study", test::study_page());
  check("scales");
}

TEST_F(PageInBrowser, SortsItsTableByMouseAndKeyboard) {
  write("study", test::study_page());
  check("sorting");
}

TEST_F(PageInBrowser, FiltersItsTableByWordsAndComparisons) {
  write("study", test::study_page());
  check("filtering");
}

TEST_F(PageInBrowser, OpensTheCurveAndTheValuesOfACell) {
  write("study", test::study_page());
  check("cell");
}

TEST_F(PageInBrowser, IsLegibleInLightAndDark) {
  write("study", test::study_page());
  check("themes");
}

TEST_F(PageInBrowser, FitsAPhone) {
  write("study", test::study_page());
  write("hostile", test::hostile_page());
  check("phone");
}

TEST_F(PageInBrowser, PrintsEveryFigureDarkOnLight) {
  write("study", test::study_page());
  check("paper");
}

TEST_F(PageInBrowser, CanBeReadWithoutSeeingIt) {
  write("study", test::study_page());
  check("structure");
}

TEST_F(PageInBrowser, ShowsTextsOfStrangersAsText) {
  write("hostile", test::hostile_page());
  check("hostile");
}

TEST_F(PageInBrowser, OpensWithAThousandCells) {
  write("large", test::large_page());
  EXPECT_LT(std::filesystem::file_size(folder_.path() / "large.html"), 30U << 20);
  check("large");
}

TEST_F(PageInBrowser, ShowsNothingWhereThereIsNothing) {
  Page page;
  page.title = "Nothing yet";
  write("empty", page);
  check("empty");
}

TEST_F(PageInBrowser, FollowsAStudyThatIsServedAndKeepsWhatTheReaderDid) {
  auto page = test::study_page();
  page.is_live = true;
  write("first", page);
  page.verdict = "13 of 13 cells are done.";
  test::add_cells(page, 1, 60, 0);
  page.rows.back().id = "new";
  page.figures[0].figure.caption = "Of 4 seeds.";
  page.figures.pop_back();
  write("second", page);
  check("live");
}

}  // namespace
}  // namespace groklab
