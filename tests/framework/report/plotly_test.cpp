#include "report/plotly.h"

#include <gmock/gmock.h>

#include <cmath>
#include <limits>

namespace groklab {
namespace {

using Json = nlohmann::json;
using testing::HasSubstr;
using testing::Not;

constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();

Series line(std::string name, std::size_t colour = 0) {
  Series series;
  series.name = std::move(name);
  series.colour = colour;
  series.x = {1, 10, 100};
  series.y = {0.1, kNaN, 0.9};
  return series;
}

Panel accuracy_panel() {
  Panel panel;
  panel.x = {"step (parameter updates)", Scale::log, {}, {}, {}};
  panel.y = {"accuracy", Scale::linear, 0, 1, {}};
  panel.series = {line("validation")};
  return panel;
}

Panel category_panel() {
  Panel panel;
  panel.x = {"accuracy", Scale::linear, {}, {}, {}};
  panel.y = {"", Scale::category, {}, {}, {"add <b>", "divide"}};
  Series series;
  series.name = "best";
  series.mark = SeriesMark::points;
  series.x = {0.5, 0.7};
  series.y = {0, 1};
  series.low = {0.4, 0.6};
  series.high = {0.75, kNaN};
  series.is_bound = {false, true};
  panel.series = {series};
  return panel;
}

Figure figure(std::vector<Panel> panels, std::size_t columns = 1) {
  Figure figure;
  figure.panels = std::move(panels);
  figure.columns = columns;
  return figure;
}

double share(const Json& domain) { return domain[1].get<double>() - domain[0].get<double>(); }

TEST(Plotly, DrawsALineOverItsAxesWithNothingWhereNothingIs) {
  const auto json = to_plotly(figure({accuracy_panel()}));
  const auto& trace = json["data"][0];
  EXPECT_EQ(trace["type"], "scatter");
  EXPECT_EQ(trace["mode"], "lines");
  EXPECT_EQ(trace["x"], Json::parse("[1.0, 10.0, 100.0]"));
  EXPECT_EQ(trace["y"], Json::parse("[0.1, null, 0.9]"));
  EXPECT_EQ(trace["line"]["color"], kPalette[0]);
  EXPECT_EQ(json["layout"]["xaxis"]["type"], "log");
  EXPECT_EQ(json["layout"]["xaxis"]["title"]["text"], "step (parameter updates)");
  EXPECT_EQ(json["layout"]["yaxis"]["range"], Json::parse("[0.0, 1.0]"));
  EXPECT_EQ(trace["hovertext"][2],
            "<b>validation</b><br>step (parameter updates): 100<br>accuracy: 0.9");
}

TEST(Plotly, GivesRangesOfLogarithmicAxesInPowersOfTenAndLeavesOpenEndsToTheData) {
  auto panel = accuracy_panel();
  panel.x.from = 100;
  panel.y = {"loss", Scale::log, 0.0, 1000.0, {}};
  const auto layout = to_plotly(figure({panel}))["layout"];
  EXPECT_EQ(layout["xaxis"]["range"], Json::parse("[2.0, null]"));
  EXPECT_EQ(layout["yaxis"]["range"], Json::parse("[null, 3.0]"));
}

TEST(Plotly, ShowsTextsOfStrangersAsTheyAre) {
  auto panel = accuracy_panel();
  const std::string hostile = "<a href='x'>&amp;</a>";
  const std::string shown = "&lt;a href='x'&gt;&amp;amp;&lt;/a&gt;";
  panel.title = panel.x.label = panel.y.label = panel.shade_label = hostile;
  panel.series[0].name = hostile;
  panel.series[0].labels = {hostile, hostile, hostile};
  panel.series[0].shade = {1, 2, 3};
  panel.rules = {{10, true, hostile, 0}};
  const auto json = to_plotly(figure({panel, category_panel()}));
  EXPECT_EQ(json["data"][0]["name"], shown);
  EXPECT_EQ(json["data"][0]["text"][0], shown);
  const auto& layout = json["layout"];
  EXPECT_EQ(layout["annotations"][0]["text"], shown);
  EXPECT_EQ(layout["shapes"][0]["label"]["text"], shown);
  EXPECT_EQ(layout["xaxis"]["title"]["text"], shown);
  EXPECT_EQ(layout["coloraxis"]["colorbar"]["title"]["text"], shown);
  EXPECT_EQ(layout["yaxis2"]["ticktext"][0], "add &lt;b&gt;");
  EXPECT_THAT(json["data"].dump(), Not(HasSubstr("<a")));
}

TEST(Plotly, CutsTextsThatWouldLeaveNoRoomForTheFigure) {
  auto panel = accuracy_panel();
  std::string text;
  for (int i = 0; i < 81; ++i) text += "ä";
  panel.y.label = text;
  panel.x.label = text.substr(2);
  panel.series[0].name = text;
  const auto json = to_plotly(figure({panel}));
  EXPECT_EQ(json["layout"]["yaxis"]["title"]["text"], text.substr(2) + "…");
  EXPECT_EQ(json["layout"]["xaxis"]["title"]["text"], text.substr(2));
  EXPECT_THAT(json["data"][0]["hovertext"][0], HasSubstr(text))
      << "under the pointer there is room";
}

TEST(Plotly, ABandIsAnOutlineOfEachPartWithoutGapsThatGoesWithItsSeries) {
  auto panel = accuracy_panel();
  auto& series = panel.series[0];
  series.x = {1, 2, 3, 4};
  series.y = {5, 6, kNaN, 8};
  series.low = {4, 5, kNaN, 7};
  series.high = {6, 7, kNaN, 9};
  const auto data = to_plotly(figure({panel}))["data"];
  ASSERT_EQ(data.size(), 2U);
  EXPECT_EQ(data[0]["x"], Json::parse("[1.0, 2.0, 2.0, 1.0, null, 4.0, 4.0]"));
  EXPECT_EQ(data[0]["y"], Json::parse("[6.0, 7.0, 5.0, 4.0, null, 9.0, 7.0]"));
  EXPECT_EQ(data[0]["fill"], "toself");
  EXPECT_EQ(data[0]["fillcolor"], "rgba(0,114,178,0.18)");
  EXPECT_EQ(data[0]["hoverinfo"], "skip");
  EXPECT_EQ(data[0]["showlegend"], false);
  EXPECT_EQ(data[0]["legendgroup"], data[1]["legendgroup"]);
  EXPECT_THAT(data[1]["hovertext"][0], HasSubstr("interval: 4 to 6"));
}

TEST(Plotly, WhiskersAreAlongTheMeasureAndBoundsAreOpenTriangles) {
  const auto trace = to_plotly(figure({category_panel()}))["data"][0];
  EXPECT_FALSE(trace.contains("error_y"));
  EXPECT_DOUBLE_EQ(trace["error_x"]["array"][0], 0.25);
  EXPECT_NEAR(trace["error_x"]["arrayminus"][0], 0.1, 1e-12);
  EXPECT_EQ(trace["error_x"]["array"][1], nullptr);
  EXPECT_EQ(trace["marker"]["symbol"], Json::parse(R"(["circle", "triangle-right-open"])"));
  EXPECT_EQ(trace["hovertext"][1], "<b>best</b><br>accuracy: beyond 0.7<br>divide");

  auto upright = category_panel();
  std::swap(upright.x, upright.y);
  std::swap(upright.series[0].x, upright.series[0].y);
  const auto turned = to_plotly(figure({upright}))["data"][0];
  EXPECT_FALSE(turned.contains("error_x"));
  EXPECT_DOUBLE_EQ(turned["error_y"]["array"][0], 0.25);
  EXPECT_EQ(turned["marker"]["symbol"][1], "triangle-up-open");
}

TEST(Plotly, BarsLieWhereYIsACategory) {
  auto panel = category_panel();
  panel.series[0].mark = SeriesMark::bars;
  const auto json = to_plotly(figure({panel}));
  EXPECT_EQ(json["data"][0]["type"], "bar");
  EXPECT_EQ(json["data"][0]["orientation"], "h");
  EXPECT_EQ(json["layout"]["yaxis"]["tickvals"], Json::parse("[0, 1]"));
  EXPECT_EQ(json["layout"]["yaxis"]["range"], Json::parse("[-0.5, 1.5]"));
}

TEST(Plotly, ARightAxisLiesOverTheLeftOneOfItsPanel) {
  auto panel = accuracy_panel();
  panel.right = Axis{"loss", Scale::log, {}, {}, {}};
  panel.series.push_back(line("loss", 1));
  panel.series.back().is_on_right = true;
  const auto json = to_plotly(figure({accuracy_panel(), panel}));
  EXPECT_EQ(json["data"][2]["xaxis"], "x2");
  EXPECT_EQ(json["data"][2]["yaxis"], "y3");
  const auto& axis = json["layout"]["yaxis3"];
  EXPECT_EQ(axis["overlaying"], "y2");
  EXPECT_EQ(axis["anchor"], "x2");
  EXPECT_EQ(axis["side"], "right");
  EXPECT_EQ(axis["type"], "log");
}

TEST(Plotly, PanelsStandRowByRowWithoutMeeting) {
  const auto json = to_plotly(figure({accuracy_panel(), accuracy_panel(), accuracy_panel()}, 2));
  const auto& layout = json["layout"];
  const auto end = [&](const char* axis, int i) { return layout[axis]["domain"][i].get<double>(); };
  EXPECT_LT(end("xaxis", 1), end("xaxis2", 0));
  EXPECT_EQ(layout["yaxis"]["domain"], layout["yaxis2"]["domain"]);
  EXPECT_EQ(layout["xaxis"]["domain"], layout["xaxis3"]["domain"]);
  EXPECT_GT(end("yaxis", 0), end("yaxis3", 1));
  EXPECT_DOUBLE_EQ(end("yaxis", 1), 1);
  EXPECT_NEAR(end("yaxis3", 0), 0, 1e-12);
  EXPECT_DOUBLE_EQ(end("xaxis2", 1), 1);
  EXPECT_NEAR(share(layout["xaxis"]["domain"]), share(layout["xaxis2"]["domain"]), 1e-12);
  EXPECT_EQ(layout["meta"]["one_column"]["xaxis2.domain"], Json::parse("[0.0, 1.0]"));
}

TEST(Plotly, AMapHasOneScaleAndNoNumbersAndItsPointsAShade) {
  Panel map;
  map.is_square = true;
  map.shade_label = "residue";
  map.series = {line("")};
  map.series[0].mark = SeriesMark::points;
  map.series[0].shade = {0, 48, 96};
  map.series[0].labels = {"0", "48", "96"};
  map.series[0].shows_labels = false;
  const auto json = to_plotly(figure({accuracy_panel(), map}, 2));
  const auto& layout = json["layout"];
  EXPECT_EQ(layout["yaxis2"]["scaleanchor"], "x2");
  EXPECT_EQ(layout["xaxis2"]["showticklabels"], false);
  EXPECT_EQ(layout["coloraxis2"]["colorscale"][8], Json::parse(R"([1.0, "#FDE725"])"));
  EXPECT_LE(layout["coloraxis2"]["colorbar"]["x"].get<double>(), 1.05);
  const auto& trace = json["data"][1];
  EXPECT_EQ(trace["mode"], "markers");
  EXPECT_EQ(trace["marker"]["coloraxis"], "coloraxis2");
  EXPECT_EQ(trace["marker"]["color"], Json::parse("[0.0, 48.0, 96.0]"));
  EXPECT_EQ(trace["hovertext"][1], "48<br>residue: 48");
  EXPECT_EQ(layout["meta"]["numeric_axes"].size(), 2U) << "a map's have no scale to switch";
}

TEST(Plotly, RulesCrossTheirPanelUnlessTheyHaveNoPlaceOnIt) {
  auto panel = accuracy_panel();
  panel.rules = {{50, true, "99 %", 1}, {0.5, false, "", 0}, {0, true, "start", 0}};
  const auto shapes = to_plotly(figure({accuracy_panel(), panel}))["layout"]["shapes"];
  ASSERT_EQ(shapes.size(), 2U) << "0 has no logarithm";
  EXPECT_EQ(shapes[0]["xref"], "x2");
  EXPECT_EQ(shapes[0]["x0"], 50);
  EXPECT_EQ(shapes[0]["yref"], "y2 domain");
  EXPECT_EQ(shapes[1]["yref"], "y2");
  EXPECT_EQ(shapes[1]["y1"], 0.5);
  EXPECT_FALSE(shapes[1].contains("label"));
}

TEST(Plotly, ANameIsInTheLegendOnceAndTakesWhatHasItsColourAlong) {
  auto panel = accuracy_panel();
  panel.series.push_back(line("", 0));
  panel.series.back().is_faint = true;
  panel.series.push_back(line("", 3));
  const auto data = to_plotly(figure({panel, accuracy_panel()}))["data"];
  EXPECT_EQ(data[0]["showlegend"], true);
  EXPECT_EQ(data[1]["showlegend"], false);
  EXPECT_EQ(data[1]["legendgroup"], "validation");
  EXPECT_LT(data[1]["opacity"].get<double>(), 0.5);
  EXPECT_FALSE(data[2].contains("legendgroup"));
  EXPECT_EQ(data[3]["legendgroup"], "validation");
  EXPECT_EQ(data[3]["showlegend"], false);
}

}  // namespace
}  // namespace groklab
