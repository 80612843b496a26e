#include "report/page.h"

#include "base/files.h"
#include "support/report_pages.h"
#include "support/temporary_folder.h"

#include <gmock/gmock.h>
#include <groklab/error.h>
#include <nlohmann/json.hpp>

namespace groklab {
namespace {

using Json = nlohmann::json;
using testing::HasSubstr;
using testing::Not;

Json data_of(const Page& page) { return Json::parse(page_data(page)); }

TEST(PageData, HasAllThatThePageShows) {
  const auto page = test::study_page();
  const auto data = data_of(page);
  EXPECT_EQ(data["claim"], page.claim);
  EXPECT_EQ(data["figures"].size(), 4U);
  EXPECT_EQ(data["figures"][0]["plotly"]["layout"]["xaxis"]["type"], "log");
  EXPECT_EQ(data["figures"][3]["problem"], "no cell has a checkpoint");
  EXPECT_FALSE(data["figures"][3].contains("plotly"));
  EXPECT_EQ(data["columns"][2],
            Json::parse(R"({"name": "data.train_fraction", "is_number": true})"));
  EXPECT_EQ(data["rows"][3]["values"][5], nullptr);
  EXPECT_EQ(data["rows"][0]["curve"]["columns"][1][0], "val_accuracy");
  EXPECT_FALSE(data["rows"][5].contains("curve"));
  EXPECT_EQ(data["failures"][0][1], page.failures[0].second);
}

TEST(PageData, KeepsTheValuesOfCellsAndRoundsCurves) {
  Page page;
  page.columns = {{"accuracy", ColumnType::real}, {"seed", ColumnType::integer}};
  PageRow row{"0", {0.1234567890123, std::int64_t{1} << 62}, {{1}, {{"loss", {0.1234567890123}}}}};
  row.curve.steps.push_back(2);
  row.curve.columns[0].second.push_back(test::kNothing);
  page.rows = {row};
  const auto data = data_of(page)["rows"][0];
  EXPECT_EQ(data["values"][0], 0.1234567890123);
  EXPECT_EQ(data["values"][1], "4611686018427387904") << "no double has it";
  EXPECT_EQ(data["curve"]["columns"][0][1], Json::parse("[0.123457, null]"));
}

TEST(PageData, IsInertInsideOfAScriptAndSaysTheSame) {
  const auto page = test::hostile_page();
  const auto text = page_data(page);
  EXPECT_EQ(text.find_first_of("<>&"), std::string::npos);
  EXPECT_THAT(text, Not(HasSubstr("\u2028")));
  EXPECT_THAT(text, Not(HasSubstr("\u2029")));
  EXPECT_EQ(Json::parse(text)["claim"], page.claim);
}

TEST(PageData, TakesTextsThatAreNotUtf8) {
  Page page;
  page.claim = "caf\xe9";
  EXPECT_EQ(data_of(page)["claim"], "caf\uFFFD");
}

// A folder like share/groklab with small files.
class Share : public testing::Test {
 protected:
  void SetUp() override {
    folder_.write("plotly.min.js", "plotly");
    for (const auto* file : {"theme", "charts", "filter", "table", "cell", "page"}) {
      folder_.write(std::string("page/") + file + ".js", file);
    }
    folder_.write("page/page.css", "css");
    folder_.write("page/page.html", "@policy@|@title@|@style@|@script@|@data@|@plotly@");
  }

  test::TemporaryFolder folder_;
};

TEST_F(Share, IsPutTogetherToOneFile) {
  Page page;
  page.title = "<b> @data@";
  const auto html = to_html(page, folder_.path());
  EXPECT_THAT(html,
              HasSubstr("|&lt;b&gt; @data@|css|'use strict';\nthemechartsfiltertablecellpage|{"));
  EXPECT_TRUE(html.ends_with("}|plotly"));
}

TEST_F(Share, ItsScriptsAreAllThatThePolicyLets) {
  const auto html = to_html({}, folder_.path());
  const auto policy = html.substr(0, html.find('|'));
  EXPECT_THAT(policy, HasSubstr("default-src 'none'"));
  EXPECT_THAT(policy, HasSubstr("'sha256-" + sha256_base64("plotly") + "'"));
  EXPECT_THAT(
      policy,
      HasSubstr("'sha256-" + sha256_base64("'use strict';\nthemechartsfiltertablecellpage") + "'"));
  EXPECT_THAT(policy, HasSubstr("connect-src 'none'"));
  EXPECT_THAT(policy, Not(HasSubstr("unsafe-eval")));
  Page live;
  live.is_live = true;
  EXPECT_THAT(to_html(live, folder_.path()), HasSubstr("connect-src 'self'"));
}

TEST_F(Share, WithoutPlotlysBundleIsAnErrorThatNamesTheWayOut) {
  std::filesystem::remove(folder_.path() / "plotly.min.js");
  try {
    to_html({}, folder_.path());
    FAIL();
  } catch (const Error& error) {
    EXPECT_THAT(error.what(), HasSubstr((folder_.path() / "plotly.min.js").string()));
    EXPECT_THAT(error.what(), HasSubstr("scripts/setup"));
  }
}

TEST(Page, IsMadeOfWhatLiesBesideTheProgram) {
  const auto html = to_html(test::study_page());
  EXPECT_THAT(html, HasSubstr("<title>Figure 1 left</title>"));
  EXPECT_GT(html.size(), 4'000'000U) << "Plotly's bundle";
}

}  // namespace
}  // namespace groklab
